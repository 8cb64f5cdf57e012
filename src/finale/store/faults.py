"""What an error of SQLite or of the disk means to the operator: wait, mend, or give the file up.

Three kinds, by SQLite's primary result code (https://www.sqlite.org/rescode.html). *Trouble* may pass by itself or by
a helping hand (disk full, read-only, locked): writers wait and try again. *Damage* does not pass: the file's content
is not what was written. Everything else is a mistake in our own statement.
"""

import sqlite3
from pathlib import Path

from finale.errors import Bug, FinaleError, Unavailable

__all__ = ["REMEDY", "STORE_ERRORS", "damaged", "explain", "is_damage", "is_trouble", "trouble_text"]

REMEDY = (
    'Write what is readable with "finale server export", then move it and its -wal away; the next start makes a new one'
)
"""What to do about damage; a sentence without its full stop."""

STORE_ERRORS = (sqlite3.Error, UnicodeDecodeError)
"""What a statement may raise, see `is_damage`."""

_TROUBLE = frozenset({3, 5, 6, 7, 8, 10, 13, 14, 15, 22})
"""PERM BUSY LOCKED NOMEM READONLY IOERR FULL CANTOPEN PROTOCOL NOLFS."""

_DAMAGE = frozenset({11, 26})
"""CORRUPT NOTADB."""


def _code(error: BaseException) -> int:
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF


def is_trouble(error: BaseException) -> bool:
    """Whether waiting may help: the disk is full, read-only or failing, or another program holds the file."""
    return isinstance(error, OSError) or (isinstance(error, sqlite3.Error) and _code(error) in _TROUBLE)


def is_damage(error: BaseException) -> bool:
    """Whether SQLite found content that it never wrote.

    An error whose text quotes such content cannot always be decoded, and sqlite3 then raises that instead.
    """
    return isinstance(error, UnicodeDecodeError) or (isinstance(error, sqlite3.Error) and _code(error) in _DAMAGE)


def trouble_text(path: Path, error: BaseException) -> str:
    """One sentence for `watch_trouble`: what refuses, why, and what happens next."""
    reason = error.strerror or str(error) if isinstance(error, OSError) else str(error)
    return f"the journal {path} cannot be written: {reason}; writing goes on by itself once that is mended"


def damaged(path: Path, what: str) -> Unavailable:
    """The refusal to go on with a damaged file; `what` is a clause without a full stop."""
    return Unavailable(f"the journal {path} is damaged: {what}. {REMEDY}.")


def explain(path: Path, doing: str, error: Exception) -> FinaleError:
    """The error of our family for `error`, met while `doing` (``open``, ``read``, ``write``)."""
    if isinstance(error, FinaleError):
        return error
    if is_damage(error):
        return damaged(path, "its tables are broken" if isinstance(error, UnicodeDecodeError) else str(error))
    if is_trouble(error):
        reason = error.strerror or str(error) if isinstance(error, OSError) else str(error)
        return Unavailable(f"cannot {doing} the journal {path}: {reason}", retryable=True)
    if doing == "open" and isinstance(error, sqlite3.Error):
        # Opening runs the same few statements each time; it is the file that does not take them.
        return damaged(path, str(error))
    return Bug(f"bug: cannot {doing} the journal {path}: {type(error).__name__}: {error}; please report this")
