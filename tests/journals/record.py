"""Keeps a journal, and what it replays to, for the tests of later versions. See README.md beside this file."""

import argparse
import asyncio
import gzip
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from finale.journal.sqlite import SqliteJournal
from finale.runtime.recovery import restore
from finale.status.workflow import render_workflow
from finale.store.database import Database

__all__ = ["expect", "expected", "pack", "replay", "replayed"]

JOURNAL = "journal.db.gz"
EXPECTED = "expected.json"


async def replay(path: Path) -> list[dict[str, Any]]:
    """What the journal at `path` comes to, run by run, in JSON's types; every event of every run is told again."""
    journal = SqliteJournal(Database(path))
    await journal.open()
    try:
        found = []
        for summary in await journal.summaries():
            stored = await journal.read(summary.run, whole=True)
            restored = await restore(stored)
            assert restored is not None
            workflow = render_workflow(restored.state, restored.last_at)
            found.append({"run": summary.run, "events": len(stored.rows), "workflow": workflow})
    finally:
        await journal.close()
    return list(msgspec.json.decode(msgspec.json.encode(found)))


async def replayed(folder: Path) -> list[dict[str, Any]]:
    """What the journal recorded in `folder` comes to with this version."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "journal.db"
        path.write_bytes(gzip.decompress((folder / JOURNAL).read_bytes()))
        return await replay(path)


def expected(folder: Path) -> list[dict[str, Any]]:
    """What the journal recorded in `folder` must come to."""
    found: list[dict[str, Any]] = msgspec.json.decode((folder / EXPECTED).read_bytes())
    return found


def pack(journal: Path, folder: Path) -> None:
    """Copy a journal, which may be in use, into `folder`."""
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "journal.db"
        with closing(sqlite3.connect(journal)) as connection:
            connection.execute("VACUUM INTO ?", (str(copy),))
        # The time in gzip's header would make each recording differ.
        (folder / JOURNAL).write_bytes(gzip.compress(copy.read_bytes(), mtime=0))


async def expect(folder: Path) -> None:
    """Write down what the journal in `folder` comes to with this version."""
    found = msgspec.json.encode(await replayed(folder), order="sorted")
    (folder / EXPECTED).write_bytes(msgspec.json.format(found, indent=1) + b"\n")


def main() -> None:
    """``record.py JOURNAL VERSION`` or ``record.py --again VERSION``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("journal", nargs="?", type=Path, help="the journal.db of a home")
    parser.add_argument("version", help="name of the folder")
    parser.add_argument("--again", action="store_true", help="only the expectation, of a journal recorded earlier")
    given = parser.parse_args()
    if given.again == (given.journal is not None):
        parser.error("expected either a journal and a version, or --again and a version")
    folder = Path(__file__).parent / given.version
    if not given.again:
        pack(given.journal, folder)
    asyncio.run(expect(folder))


if __name__ == "__main__":
    main()
