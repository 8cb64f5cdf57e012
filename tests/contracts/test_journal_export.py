"""Exporting a journal: everything that can be read of it, however broken the file is."""

import io
import os
import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest

from finale.catalog.sqlite import SqliteCatalog
from finale.errors import Unavailable
from finale.journal.contract import Row, RunSummary
from finale.journal.export import Exported, export
from finale.journal.sqlite import SqliteJournal
from finale.store.database import Database

pytestmark = pytest.mark.anyio

EVENTS = 300


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def event(run: str, number: int) -> dict[str, Any]:
    """Some are large enough to leave their page."""
    if number == 1:
        return {"event": "Submitted", "workflow": {"metadata": {"uid": run}}}
    return {"event": "LeafStarted", "at": number, "node": "n" * (9000 if number % 100 == 0 else number)}


async def journal_at(path: Path, *, copy_to: Path | None = None) -> Path:
    """Two runs with `EVENTS` events each and two objects; with `copy_to`, as a machine that lost power leaves it."""
    database = Database(path)
    journal, catalog = SqliteJournal(database), SqliteCatalog(database)
    await journal.open()
    for run in ("one", "two"):
        about = RunSummary(run, "default", f"name-of-{run}", "Running", 1, labels={"team": "a"}, body=b'{"x":1}')
        for number in range(1, EVENTS + 1):
            row = Row(run, number, msgspec.json.encode(event(run, number)))
            journal.append([row], [about] if number == 1 else [])
    await catalog.put("Secret", "argo", "s", {"data": {"a": "Yg=="}}, uid="u", now_ns=0)
    await catalog.put("ConfigMap", "argo", "c", {"data": {}}, uid="u", now_ns=0)
    if copy_to is not None:
        copy_to.mkdir()
        for suffix in ("", "-wal"):
            shutil.copy(f"{path}{suffix}", copy_to)
    await journal.close()
    return path if copy_to is None else copy_to / path.name


async def exported(path: Path) -> tuple[list[dict[str, Any]], Exported]:
    out = io.BytesIO()
    told = await export(path, out)
    return [msgspec.json.decode(line) for line in out.getvalue().splitlines()], told


def whole_events(lines: list[dict[str, Any]]) -> set[tuple[str, int]]:
    """The events among the lines that are whole; each must be the one that was written."""
    found = [line for line in lines if line["line"] == "event" and line["whole"]]
    assert all(line["event"] == event(line["run"], line["number"]) for line in found)
    assert len({(line["run"], line["number"]) for line in found}) == len(found)
    return {(line["run"], line["number"]) for line in found}


def overwrite(path: Path, at: int, raw: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(raw)


ALL = {(run, number) for run in ("one", "two") for number in range(1, EVENTS + 1)}


async def test_a_whole_journal_is_exported_in_order(tmp_path: Path) -> None:
    lines, told = await exported(await journal_at(tmp_path / "journal.db"))
    assert told == Exported(runs=2, objects=2, events=2 * EVENTS, damaged=0, notes=())
    events = [(line["run"], line["number"]) for line in lines if line["line"] == "event"]
    assert events == sorted(ALL)
    assert whole_events(lines) == ALL
    run = next(line for line in lines if line["line"] == "run")
    assert (run["name"], run["labels"], run["body"]) == ("name-of-one", {"team": "a"}, {"x": 1})
    secret = next(line for line in lines if line["line"] == "object")
    assert (secret["kind"], secret["body"]["data"]) == ("Secret", {"a": "Yg=="})


async def test_a_journal_in_use_and_one_left_by_a_crash_are_exported_with_their_log(tmp_path: Path) -> None:
    path = await journal_at(tmp_path / "journal.db", copy_to=tmp_path / "after")
    before = {file.name: file.read_bytes() for file in path.parent.iterdir()}
    lines, _ = await exported(path)
    assert whole_events(lines) == ALL
    after = {file.name: file.read_bytes() for file in path.parent.iterdir() if not file.name.endswith("-shm")}
    assert after == before


@pytest.mark.parametrize("raw", [b"not a database, sorry", bytes(4096)], ids=["overwritten", "zeroed"])
async def test_without_its_header_the_pages_are_searched(tmp_path: Path, raw: bytes) -> None:
    path = await journal_at(tmp_path / "journal.db")
    overwrite(path, 0, raw)
    lines, told = await exported(path)
    assert whole_events(lines) == ALL
    assert (told.runs, told.objects) == (2, 2)
    assert "pages were searched" in told.notes[0]


async def test_without_its_header_the_log_is_searched_too(tmp_path: Path) -> None:
    path = await journal_at(tmp_path / "journal.db", copy_to=tmp_path / "after")
    for file in (path, path.with_name("journal.db-wal")):
        overwrite(file, 0, bytes(32))
    lines, _ = await exported(path)
    assert whole_events(lines) == ALL


async def test_of_many_versions_of_a_page_the_newest_counts(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    (tmp_path / "after").mkdir()
    copy = tmp_path / "after" / "journal.db"
    large = [Row("old", number, b'"%s"' % (bytes([96 + number]) * 9000)) for number in range(1, 9)]
    for run in ("old", "new"):
        journal = SqliteJournal(Database(path))
        await journal.open()
        await journal.delete("old")
        about = RunSummary(run, "default", run, "Running", 1)
        rows = [Row(run, row.number, row.body.swapcase() if run == "new" else row.body) for row in large]
        await journal.append(rows, [about])
        await journal.append([], [msgspec.structs.replace(about, phase="Failed")])
        for suffix in ("", "-wal"):
            shutil.copy(f"{path}{suffix}", f"{copy}{suffix}")
        await journal.close()
    for file in (copy, copy.with_name("journal.db-wal")):
        overwrite(file, 0, bytes(32))
    lines, told = await exported(copy)
    assert told.notes
    events = [line["event"] for line in lines if line["line"] == "event" and line["number"] > 1]
    assert events == [msgspec.json.decode(row.body.swapcase()) for row in large[1:]]
    assert [line["phase"] for line in lines if line["line"] == "run" and line["run"] == "new"] == ["Failed"]


async def test_any_lost_page_costs_only_what_lay_on_it(tmp_path: Path) -> None:
    path = await journal_at(tmp_path / "journal.db")
    worst = 0
    for page in range(1, path.stat().st_size // 4096):
        copy = Path(shutil.copy(path, tmp_path / "copy.db"))
        overwrite(copy, page * 4096, bytes(4096))
        lines, _ = await exported(copy)
        readable = {(line["key"], line["number"]) for line in lines if line["line"] == "event"}
        worst = max(worst, 2 * EVENTS - len(readable))
        whole_events(lines)
    # A page of 4 KiB holds at most about fifty of these events.
    assert 0 < worst <= 60


async def test_a_cut_file_gives_what_is_before_the_cut(tmp_path: Path) -> None:
    path = await journal_at(tmp_path / "journal.db")
    os.truncate(path, path.stat().st_size // 2)
    lines, _ = await exported(path)
    assert len(whole_events(lines)) > EVENTS // 2


async def test_an_event_that_was_changed_is_exported_and_marked(tmp_path: Path) -> None:
    path = await journal_at(tmp_path / "journal.db")
    content = path.read_bytes()
    place = content.rindex(msgspec.json.encode(event("two", 50)))
    path.write_bytes(content[: place + 20] + b"\xff" + content[place + 21 :])
    lines, told = await exported(path)
    broken = [line for line in lines if not line["whole"]]
    assert [(line["run"], line["number"]) for line in broken] == [("two", 50)]
    assert "eventBase64" in broken[0]
    assert told.damaged == 1


async def test_there_must_be_a_file(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="there is no such file"):
        await export(tmp_path / "nothing.db", io.BytesIO())
    (tmp_path / "empty.db").write_bytes(b"")
    assert (await exported(tmp_path / "empty.db"))[1].events == 0
