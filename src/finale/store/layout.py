"""The file's layout: numbered migrations, the version it has reached, and SQL kept in ``.sql`` files.

``sql/migrations/NNNN_what.sql`` are applied in order, each in a transaction of its own together with the new
``PRAGMA user_version``; so a file is always at exactly one version. A release that teaches the journal a new event or a
new field adds a migration too, if need be an empty one: then an older program refuses the file as a whole, with both
versions named, and never meets a row that it cannot read.
"""

import contextlib
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from finale.errors import Unavailable
from finale.store.faults import damaged

__all__ = ["APPLICATION_ID", "NEWEST", "check", "migrate", "read_queries", "statements"]

_MIGRATIONS = sorted((Path(__file__).with_name("sql") / "migrations").glob("[0-9][0-9][0-9][0-9]_*.sql"))

NEWEST = len(_MIGRATIONS)
"""The version of the layout that this program writes."""

APPLICATION_ID = 0x466E6C65
"""``Fnle``, in the file's header, so that we never migrate another program's database."""

_BLOCK = re.compile(r"^-- name: *(\w+) *$", re.MULTILINE)


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the open database at `path` to `NEWEST`. `connection` must be in autocommit mode.

    Raises `Unavailable` for a file of a newer program and for a database that is not ours, ``sqlite3.Error`` otherwise.
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if application != APPLICATION_ID and (version or connection.execute("SELECT 1 FROM sqlite_master").fetchone()):
        raise Unavailable(f"{path} is a database of another program, not a journal; choose another home (FINALE_HOME).")
    if version > NEWEST:
        raise Unavailable(
            f"the journal {path} was written by a newer Finale: its layout has version {version}, this program knows "
            f"versions up to {NEWEST}. Install the newer Finale again, or choose another home (FINALE_HOME)."
        )
    for number, file in enumerate(_MIGRATIONS[version:], start=version + 1):
        connection.execute("BEGIN IMMEDIATE")
        for statement in statements(file.read_text("utf-8")):
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {number}")
        connection.execute("COMMIT")


def check(connection: sqlite3.Connection, path: Path) -> None:
    """Raise `Unavailable` unless all tables of the newest layout are there as they were made; others may be there too.

    Without this a flipped bit in a column's name would come out as a mistake in our statements.
    """
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as pattern:
        migrate(pattern, path)
        expected = set(pattern.execute("SELECT type, name, sql FROM sqlite_master"))
    if expected - set(connection.execute("SELECT type, name, sql FROM sqlite_master")):
        raise damaged(path, "the description of its tables is not what was written")


def statements(script: str) -> Iterator[str]:
    """The statements of a script one by one; ``executescript`` would end the caller's transaction."""
    start = 0
    for end in (match.end() for match in re.finditer(";", script)):
        if sqlite3.complete_statement(script[start:end]):
            yield script[start:end].strip()
            start = end


def read_queries(file: Path) -> dict[str, str]:
    """Statements of a ``queries.sql`` by the name in the ``-- name: …`` line above each."""
    parts = _BLOCK.split(file.read_text("utf-8"))[1:]
    return {name: text.strip() for name, text in zip(parts[::2], parts[1::2], strict=True)}
