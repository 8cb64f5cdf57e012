"""Many rows by few steps of a statement, both ways.

sqlite3 gives the interpreter's lock away at each step, and while the event loop's thread is busy each way back costs up
to ``sys.getswitchinterval()``: reading 100,000 rows one by one beside a busy loop would take minutes. So rows are written
by ``INSERT … VALUES (…), (…), …`` and read as columns that SQLite has joined into one value each.
"""

import functools
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

__all__ = ["insert_rows", "read_columns"]

_VALUES = re.compile(r"VALUES (\([?, ]+\))")
_MOST_ROWS = 256
_MOST_READ = 2000


def insert_rows(connection: sqlite3.Connection, statement: str, rows: Sequence[Sequence[Any]]) -> None:
    """Run `statement`, which has one ``VALUES (?, …)`` group, for all `rows` in the order given.

    Sizes are powers of two so that few statements need be prepared, and they stay in the connection's cache.
    """
    at = 0
    while at < len(rows):
        size = min(_MOST_ROWS, 1 << (len(rows) - at).bit_length() - 1)
        values = [value for row in rows[at : at + size] for value in row]
        connection.execute(_repeated(statement, size), values)
        at += size


@functools.lru_cache(maxsize=64)
def _repeated(statement: str, count: int) -> str:
    return _VALUES.sub(lambda group: "VALUES " + ", ".join([group[1]] * count), statement, count=1)


def read_columns(
    connection: sqlite3.Connection, statement: str, parameters: Mapping[str, Any], columns: Mapping[str, type]
) -> Iterator[tuple[Any, ...]]:
    """Rows of a ``SELECT … LIMIT :limit`` whose first columns are the position after which the next part begins.

    `columns` are the statement's columns with their types: int, str or bytes, none of them NULL. `parameters` holds the
    first position under the name of each position column with ``after_`` before it.
    """
    asked = _joined(statement, tuple(columns.items()))
    position = [(index, f"after_{name}") for index, name in enumerate(columns) if f"after_{name}" in parameters]
    bound = dict(parameters, limit=_MOST_READ)
    while True:
        try:
            values = connection.execute(asked, bound).fetchone()
        except (sqlite3.DataError, OverflowError) as error:
            # The joined value would have more than 10^9 bytes; fewer rows have fewer. No single row of ours is so large.
            if bound["limit"] == 1:
                raise _corrupt("a row claims to be larger than any that we write") from error
            bound["limit"] //= 2
            continue
        if values[0] is None:
            return
        rows = _rows(values, columns)
        yield from rows
        if len(rows) < bound["limit"]:
            return
        bound.update((name, rows[-1][index]) for index, name in position)


def _rows(values: Sequence[Any], columns: Mapping[str, type]) -> list[tuple[Any, ...]]:
    parts = iter(values)
    try:
        return list(zip(*[_split(next(parts), kind, parts) for kind in columns.values()], strict=True))
    except ValueError as error:
        # A NULL is left out by group_concat and a text is no number: neither can come from our statements.
        raise _corrupt("a row holds values of the wrong type") from error


def _corrupt(what: str) -> sqlite3.DatabaseError:
    error = sqlite3.DatabaseError(what)
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error


@functools.lru_cache(maxsize=64)
def _joined(statement: str, columns: tuple[tuple[str, type], ...]) -> str:
    wanted = []
    for name, kind in columns:
        if kind is int:
            wanted.append(f"group_concat({name})")
        else:
            wanted.append(f"group_concat(length(CAST({name} AS BLOB)))")
            wanted.append(f"CAST(group_concat({name}, '') AS BLOB)")
    return f"SELECT {', '.join(wanted)} FROM ({statement})"


def _split(numbers: str, kind: type, parts: Iterator[Any]) -> list[Any]:
    values: list[Any] = [int(number) for number in numbers.split(",")]
    if kind is int:
        return values
    whole, start, pieces = next(parts), 0, []
    for length in values:
        pieces.append(whole[start : start + length])
        start += length
    return [piece.decode("utf-8", "replace") for piece in pieces] if kind is str else pieces
