"""The journal's promises (`finale.journal.contract`), kept by the database and by its double alike.

A rig is one medium: it makes journals on it (one life of a process each), scripts what the medium says, ends a life as
``kill -9`` would, and damages what is stored.
"""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any, Protocol

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finale.errors import Bug, FinaleError, NotFound, Unavailable
from finale.journal.contract import Journal, Row, RunSummary, Snapshot
from finale.journal.memory import MemoryJournal, StoredRuns
from finale.journal.sqlite import SqliteJournal
from finale.store.database import Database, connect
from finale.store.memory import MemoryDatabase, MemoryDisk

pytestmark = pytest.mark.anyio

PATIENCE_S = 20


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Rig(Protocol):
    def journal(self, *, snapshot_version: int = 1) -> Journal: ...

    def refuse(self, reason: str) -> None: ...

    def accept(self) -> None: ...

    def crash(self, journal: Journal) -> None: ...

    def damage(self, run: str, number: int) -> None: ...


class MemoryRig:
    def __init__(self) -> None:
        self.disk = MemoryDisk()

    def journal(self, *, snapshot_version: int = 1) -> Journal:
        return MemoryJournal(MemoryDatabase(self.disk), snapshot_version=snapshot_version)

    def refuse(self, reason: str) -> None:
        self.disk.refuse(reason)

    def accept(self) -> None:
        self.disk.accept()

    def crash(self, journal: Journal) -> None:
        assert isinstance(journal, MemoryJournal)
        journal.database.crash()

    def damage(self, run: str, number: int) -> None:
        self.disk.part(StoredRuns).damage(run, number)


class SqliteRig:
    """`at` is the statement that a refusing disk fails: SQLite may find out at any of them."""

    def __init__(self, folder: Path, at: str = "COMMIT") -> None:
        self.path = folder / "journal.db"
        self.at = at
        self.reason = ""
        self.opened: list[SqliteJournal] = []

    def journal(self, *, snapshot_version: int = 1) -> Journal:
        journal = SqliteJournal(Database(self.path, connect=self.connect), snapshot_version=snapshot_version)
        self.opened.append(journal)
        return journal

    def connect(self, path: Path) -> sqlite3.Connection:
        rig = self

        class Scripted(sqlite3.Connection):
            def execute(self, sql: str, parameters: object = (), /) -> sqlite3.Cursor:
                if rig.reason and sql.startswith(rig.at):
                    error = sqlite3.OperationalError(rig.reason)
                    error.sqlite_errorcode = sqlite3.SQLITE_FULL
                    raise error
                return super().execute(sql, parameters)  # type: ignore[arg-type]

        return sqlite3.connect(path, isolation_level=None, check_same_thread=False, factory=Scripted)

    def refuse(self, reason: str) -> None:
        self.reason = reason

    def accept(self) -> None:
        self.reason = ""

    def crash(self, journal: Journal) -> None:
        """Go on with a copy of the files as they are now: what a restarted machine would find."""
        copy = self.path.parent / "after"
        copy.mkdir()
        for suffix in ("", "-wal"):
            if (file := Path(f"{self.path}{suffix}")).exists():
                shutil.copy(file, copy)
        self.path = copy / self.path.name

    def damage(self, run: str, number: int) -> None:
        with closing(connect(self.path)) as connection:
            (key,) = connection.execute("SELECT key FROM runs WHERE run = ?", (run,)).fetchone()
            connection.execute("UPDATE events SET body = body || ' ' WHERE id = ?", ((key << 32) + number,))


@pytest.fixture(params=["sqlite", "memory"])
async def rig(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Rig]:
    made = SqliteRig(tmp_path) if request.param == "sqlite" else MemoryRig()
    yield made
    made.accept()
    if isinstance(made, SqliteRig):
        for journal in made.opened:
            await journal.close()


@asynccontextmanager
async def life(rig: Rig, *, snapshot_version: int = 1) -> AsyncIterator[Journal]:
    journal = rig.journal(snapshot_version=snapshot_version)
    await journal.open()
    yield journal
    await journal.close()


def body(number: int) -> bytes:
    return b'{"event":"LeafStarted","at":%d}' % number


def rows(run: str, first: int, last: int) -> list[Row]:
    return [Row(run, number, body(number)) for number in range(first, last + 1)]


def summary(run: str, created_ns: int = 1, finished_ns: int = 0, phase: str = "Running") -> RunSummary:
    return RunSummary(run, "default", f"name-of-{run}", phase, created_ns, finished_ns=finished_ns, labels={"a": "ü"})


async def start(journal: Journal, run: str, last: int = 1, *, created_ns: int = 1, finished_ns: int = 0) -> None:
    await journal.append(rows(run, 1, last), [summary(run, created_ns, finished_ns)])


async def patiently(future: "asyncio.Future[Any]") -> Any:
    return await asyncio.wait_for(future, PATIENCE_S)


class Told:
    """A listener for trouble that can be waited for."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._heard = asyncio.Event()

    def __call__(self, text: str) -> None:
        self.texts.append(text)
        self._heard.set()

    async def something(self) -> None:
        await asyncio.wait_for(self._heard.wait(), PATIENCE_S)


# --- Appending and reading ---------------------------------------------------------------------------------------


async def test_what_was_appended_is_read_back_in_its_order(rig: Rig) -> None:
    async with life(rig) as journal:
        await journal.append(rows("one", 1, 2), [summary("one")])
        await journal.append(rows("one", 3, 3))
        stored = await journal.read("one")
    assert stored.rows == tuple(rows("one", 1, 3))
    assert stored.summary == summary("one")
    assert stored.snapshot is None


async def test_runs_do_not_see_each_others_events(rig: Rig) -> None:
    async with life(rig) as journal:
        await journal.append(
            [Row("one", 1, b"a"), Row("two", 1, b"b"), Row("one", 2, b"c")], [summary("one"), summary("two")]
        )
        assert (await journal.read("one")).rows == (Row("one", 1, b"a"), Row("one", 2, b"c"))
        assert (await journal.read("two")).rows == (Row("two", 1, b"b"),)


@pytest.mark.parametrize(
    "content",
    [b"", bytes(range(256)), b"\0\n\0,", "ü€🎭".encode(), b"x" * 3_000_000],
    ids=["empty", "all bytes", "separators", "text", "3 MB"],
)
async def test_a_body_comes_back_byte_for_byte(rig: Rig, content: bytes) -> None:
    async with life(rig) as journal:
        await journal.append([Row("ü,\n", 1, content), Row("ü,\n", 2, b"next")], [summary("ü,\n")])
        stored = await journal.read("ü,\n")
    assert [row.body for row in stored.rows] == [content, b"next"]
    assert stored.summary == summary("ü,\n")


async def test_a_long_run_is_read_whole(rig: Rig) -> None:
    async with life(rig) as journal:
        await start(journal, "long", 4321)
        assert (await journal.read("long")).rows == tuple(rows("long", 1, 4321))


async def test_an_unknown_run_is_not_found(rig: Rig) -> None:
    async with life(rig) as journal:
        with pytest.raises(NotFound, match='no run with uid "nowhere"'):
            await journal.read("nowhere")


async def test_what_is_not_durable_cannot_be_read(rig: Rig) -> None:
    async with life(rig) as journal:
        await start(journal, "one")
        rig.refuse("database or disk is full")
        written = journal.append(rows("one", 2, 2))
        assert len((await journal.read("one")).rows) == 1
        rig.accept()
        await patiently(written)
        assert len((await journal.read("one")).rows) == 2


# --- Numbers and refusals ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [1, 2, 4, 0, -1])
async def test_a_number_out_of_turn_is_a_bug_and_costs_only_its_own_call(rig: Rig, wrong: int) -> None:
    async with life(rig) as journal:
        await start(journal, "one", 2)
        await start(journal, "two", 1)
        refused = journal.append([Row("two", 2, b"lost"), Row("one", wrong, b"lost")], [summary("two", phase="Lost")])
        beside = journal.append(rows("one", 3, 3))
        with pytest.raises(Bug, match=f"event {wrong} of run one does not follow event 2"):
            await refused
        await beside
        assert len((await journal.read("one")).rows) == 3
        two = await journal.read("two")
        assert (len(two.rows), two.summary.phase) == (1, "Running")


async def test_the_first_event_of_a_run_comes_with_its_summary(rig: Rig) -> None:
    async with life(rig) as journal:
        with pytest.raises(Bug, match="first event of run one came without its summary"):
            await journal.append(rows("one", 1, 1))
        assert await journal.summaries() == []


async def test_a_summary_alone_needs_a_run(rig: Rig) -> None:
    async with life(rig) as journal:
        with pytest.raises(Bug, match="run ghost, which has no event"):
            await journal.append([], [summary("ghost")])
        await start(journal, "one")
        await journal.append([], [summary("one", finished_ns=9, phase="Failed")])
        assert (await journal.read("one")).summary == summary("one", finished_ns=9, phase="Failed")


async def test_the_last_summary_of_a_run_counts(rig: Rig) -> None:
    async with life(rig) as journal:
        await start(journal, "one")
        early = journal.append(rows("one", 2, 2), [summary("one", phase="Pending")])
        late = journal.append(rows("one", 3, 3), [summary("one", phase="Running"), summary("one", phase="Failed")])
        await asyncio.gather(early, late)
        assert (await journal.read("one")).summary.phase == "Failed"


# --- Order and group commit --------------------------------------------------------------------------------------


async def test_a_thousand_concurrent_appends_are_kept_in_the_order_of_their_calls(rig: Rig) -> None:
    resolved: list[int] = []
    async with life(rig) as journal:
        await asyncio.gather(*(start(journal, f"run-{index}") for index in range(10)))

        async def append(index: int) -> None:
            run, number = f"run-{index % 10}", index // 10 + 2
            await journal.append([Row(run, number, body(index))])
            resolved.append(index)

        await asyncio.gather(*(append(index) for index in range(1000)))
        assert resolved == list(range(1000))
        for index in range(10):
            stored = await journal.read(f"run-{index}")
            assert [row.body for row in stored.rows[1:]] == [body(other) for other in range(index, 1000, 10)]


async def test_appending_nothing_waits_for_everything_before_it(rig: Rig) -> None:
    async with life(rig) as journal:
        before = journal.append(rows("one", 1, 1), [summary("one")])
        await journal.append([])
        assert before.done()


async def test_giving_up_waiting_does_not_recall_the_rows(rig: Rig) -> None:
    async with life(rig) as journal:
        await start(journal, "one")
        journal.append(rows("one", 2, 2)).cancel()
        await journal.append(rows("one", 3, 3))
        assert len((await journal.read("one")).rows) == 3


async def test_a_callers_list_may_change_after_the_call(rig: Rig) -> None:
    async with life(rig) as journal:
        mine, about = rows("one", 1, 2), [summary("one")]
        written = journal.append(mine, about)
        mine.clear()
        about.clear()
        await written
        assert len((await journal.read("one")).rows) == 2


# --- Lives -------------------------------------------------------------------------------------------------------


async def test_acknowledged_events_survive_a_crash(rig: Rig) -> None:
    journal = rig.journal()
    await journal.open()
    await start(journal, "one", 3)
    await journal.append(rows("one", 4, 4), [summary("one", phase="Failed")])
    rig.crash(journal)
    async with life(rig) as journal:
        stored = await journal.read("one")
        assert stored.rows == tuple(rows("one", 1, 4))
        assert stored.summary.phase == "Failed"
        await journal.append(rows("one", 5, 5))


async def test_what_was_never_acknowledged_may_be_lost_but_only_from_the_end(rig: Rig) -> None:
    journal = rig.journal()
    await journal.open()
    await start(journal, "one")
    rig.refuse("Input/output error")
    pending = [journal.append(rows("one", number, number)) for number in range(2, 5)]
    rig.crash(journal)
    rig.accept()
    async with life(rig) as after:
        stored = await after.read("one")
        assert stored.rows == tuple(rows("one", 1, len(stored.rows)))
    for future in pending:
        future.cancel()


async def test_closing_writes_what_is_queued(rig: Rig) -> None:
    journal = rig.journal()
    await journal.open()
    written = [journal.append(rows("one", 1, 1), [summary("one")]), journal.append(rows("one", 2, 2))]
    await journal.close()
    assert [future.exception() for future in written] == [None, None]
    async with life(rig) as journal:
        assert len((await journal.read("one")).rows) == 2


async def test_a_closed_journal_says_so(rig: Rig) -> None:
    journal = rig.journal()
    await journal.close()
    await journal.open()
    await journal.close()
    await journal.close()
    with pytest.raises(Unavailable, match="not open"):
        await journal.append([])
    with pytest.raises(Unavailable, match="not open"):
        await journal.read("one")


async def test_a_journal_has_one_owner_at_a_time(rig: Rig) -> None:
    async with life(rig):
        with pytest.raises(Unavailable, match="held by") as refused:
            await rig.journal().open()
        assert refused.value.retryable
    async with life(rig) as journal:
        assert await journal.summaries() == []


async def test_opening_tells_how_many_runs_there_are(rig: Rig) -> None:
    async with life(rig) as journal:
        await start(journal, "one")
        await start(journal, "two", finished_ns=5)
    journal = rig.journal()
    opened = await journal.open()
    assert (opened.runs, opened.repairs) == (2, ())
    await journal.close()


# --- Snapshots ---------------------------------------------------------------------------------------------------


async def test_a_snapshot_stands_for_the_events_up_to_it(rig: Rig) -> None:
    snapshot = Snapshot("one", 3, 1, b"\x81state")
    async with life(rig) as journal:
        await start(journal, "one", 5)
        await journal.save_snapshot(snapshot)
    async with life(rig) as journal:
        stored = await journal.read("one")
        assert (stored.snapshot, stored.rows) == (snapshot, tuple(rows("one", 4, 5)))
        whole = await journal.read("one", whole=True)
        assert (whole.snapshot, whole.rows) == (None, tuple(rows("one", 1, 5)))
        await journal.append(rows("one", 6, 6))
        assert (await journal.read("one")).rows == tuple(rows("one", 4, 6))


async def test_a_snapshot_is_saved_behind_the_events_queued_before_it(rig: Rig) -> None:
    async with life(rig) as journal:
        journal.append(rows("one", 1, 2), [summary("one")])
        await journal.save_snapshot(Snapshot("one", 2, 1, b"s"))
        assert (await journal.read("one")).rows == ()


async def test_a_newer_snapshot_replaces_the_older(rig: Rig) -> None:
    async with life(rig) as journal:
        await start(journal, "one", 5)
        for number in (2, 4):
            await journal.save_snapshot(Snapshot("one", number, 1, b"s"))
        stored = await journal.read("one")
        assert stored.snapshot is not None
        assert (stored.snapshot.number, len(stored.rows)) == (4, 1)


async def test_a_snapshot_of_another_layout_is_left_aside(rig: Rig) -> None:
    async with life(rig, snapshot_version=1) as journal:
        await start(journal, "one", 3)
        await journal.save_snapshot(Snapshot("one", 3, 1, b"s"))
    async with life(rig, snapshot_version=2) as journal:
        stored = await journal.read("one")
        assert (stored.snapshot, len(stored.rows)) == (None, 3)


async def test_a_snapshot_needs_its_event(rig: Rig) -> None:
    async with life(rig) as journal:
        await start(journal, "one")
        with pytest.raises(Bug, match="after event 2"):
            await journal.save_snapshot(Snapshot("one", 2, 1, b"s"))
        with pytest.raises(NotFound):
            await journal.save_snapshot(Snapshot("gone", 1, 1, b"s"))


# --- Lists and deletion ------------------------------------------------------------------------------------------


async def test_runs_are_listed_oldest_first(rig: Rig) -> None:
    async with life(rig) as journal:
        for run, created_ns in (("c", 30), ("a", 10), ("b", 20)):
            await start(journal, run, created_ns=created_ns, finished_ns=created_ns % 20)
        assert [found.run for found in await journal.summaries()] == ["a", "b", "c"]
        assert [found.run for found in await journal.summaries(unfinished_only=True)] == ["b"]


async def test_a_deleted_run_leaves_nothing_behind(rig: Rig) -> None:
    async with life(rig) as journal:
        await start(journal, "one", 5000)
        await start(journal, "two")
        await journal.save_snapshot(Snapshot("one", 2, 1, b"s"))
        await journal.delete("one")
        await journal.delete("never-there")
        with pytest.raises(NotFound):
            await journal.read("one")
        assert [found.run for found in await journal.summaries()] == ["two"]
        await start(journal, "one", 2)
    async with life(rig) as journal:
        stored = await journal.read("one")
        assert (stored.snapshot, stored.rows) == (None, tuple(rows("one", 1, 2)))


# --- A medium that refuses ---------------------------------------------------------------------------------------


async def test_while_the_disk_is_full_everything_waits_and_then_goes_on_in_order(rig: Rig) -> None:
    told = Told()
    resolved: list[int] = []
    async with life(rig) as journal:
        journal.watch_trouble(told)
        await start(journal, "one")
        rig.refuse("database or disk is full")
        written = []
        for number in range(2, 50):
            written.append(journal.append(rows("one", number, number)))
            written[-1].add_done_callback(lambda _, number=number: resolved.append(number))  # type: ignore[misc]
        await told.something()
        assert "cannot be written: database or disk is full" in told.texts[0]
        assert not any(future.done() for future in written)
        rig.accept()
        await patiently(asyncio.gather(*written))
        assert resolved == list(range(2, 50))
        assert told.texts == [told.texts[0], ""]
        assert (await journal.read("one")).rows == tuple(rows("one", 1, 49))


async def test_closing_on_a_full_disk_gives_up_after_one_more_try(rig: Rig) -> None:
    journal = rig.journal()
    await journal.open()
    await start(journal, "one")
    rig.refuse("database or disk is full")
    written = journal.append(rows("one", 2, 2))
    await journal.close()
    with pytest.raises(Unavailable, match="disk is full"):
        await written
    rig.accept()
    async with life(rig) as journal:
        assert len((await journal.read("one")).rows) == 1


async def test_a_number_is_judged_anew_after_trouble(rig: Rig) -> None:
    async with life(rig) as journal:
        await start(journal, "one")
        rig.refuse("database or disk is full")
        told = Told()
        journal.watch_trouble(told)
        good, bad = journal.append(rows("one", 2, 2)), journal.append(rows("one", 4, 4))
        await told.something()
        rig.accept()
        await patiently(good)
        with pytest.raises(Bug):
            await patiently(bad)


# --- Damage ------------------------------------------------------------------------------------------------------


async def test_a_torn_tail_is_cut_at_the_last_whole_event_and_told(rig: Rig) -> None:
    async with life(rig) as journal:
        await start(journal, "one", 4)
        await start(journal, "two", 4)
    rig.damage("one", 4)
    journal = rig.journal()
    opened = await journal.open()
    assert opened.repairs == ("run name-of-one: event 4 was damaged and cut; it goes on from event 3",)
    assert (await journal.read("one")).rows == tuple(rows("one", 1, 3))
    assert len((await journal.read("two")).rows) == 4
    await journal.append([Row("one", 4, b"again")])
    await journal.close()
    async with life(rig) as journal:
        assert (await journal.read("one")).rows[3].body == b"again"


@pytest.mark.parametrize("number", [1, 2, 3])
async def test_damage_in_the_middle_is_refused_with_the_way_to_export(rig: Rig, number: int) -> None:
    async with life(rig) as journal:
        await start(journal, "one", 4)
    rig.damage("one", number)
    with pytest.raises(Unavailable, match=f"event {number} of run name-of-one .* checksum.*finale server export"):
        async with life(rig) as journal:
            await journal.read("one")


async def test_a_run_whose_only_event_is_damaged_is_refused(rig: Rig) -> None:
    async with life(rig) as journal:
        await start(journal, "one", 1)
    rig.damage("one", 1)
    with pytest.raises(Unavailable, match="event 1 of run name-of-one"):
        await rig.journal().open()


async def test_damage_in_a_finished_run_does_not_keep_the_others_from_going_on(rig: Rig) -> None:
    async with life(rig) as journal:
        await start(journal, "old", 4, finished_ns=5)
        await start(journal, "new", 4)
    rig.damage("old", 4)
    async with life(rig) as journal:
        assert len((await journal.read("new")).rows) == 4
        with pytest.raises(Unavailable, match="event 4 of run name-of-old"):
            await journal.read("old")


async def test_a_snapshot_makes_damage_before_it_harmless(rig: Rig) -> None:
    async with life(rig) as journal:
        await start(journal, "one", 4)
        await journal.save_snapshot(Snapshot("one", 3, 1, b"s"))
    rig.damage("one", 2)
    async with life(rig) as journal:
        assert (await journal.read("one")).rows == tuple(rows("one", 4, 4))
        with pytest.raises(Unavailable, match="event 2"):
            await journal.read("one", whole=True)


async def test_a_snapshot_after_the_torn_event_lets_the_run_go_on(rig: Rig) -> None:
    async with life(rig) as journal:
        await start(journal, "one", 4)
        await journal.save_snapshot(Snapshot("one", 4, 1, b"s"))
    rig.damage("one", 4)
    async with life(rig) as journal:
        await journal.append(rows("one", 5, 6))
    async with life(rig) as journal:
        assert (await journal.read("one")).rows == tuple(rows("one", 5, 6))


async def test_a_snapshot_of_events_that_were_cut_goes_with_them(rig: Rig) -> None:
    async with life(rig) as journal:
        await start(journal, "one", 4)
        await journal.save_snapshot(Snapshot("one", 4, 2, b"of the old event 4"))
    rig.damage("one", 4)
    async with life(rig) as journal:
        await journal.append([Row("one", 4, b"another")])
    async with life(rig, snapshot_version=2) as journal:
        stored = await journal.read("one")
        assert (stored.snapshot, stored.rows[3].body) == (None, b"another")


# --- The double is a true one ------------------------------------------------------------------------------------


async def test_the_double_says_what_its_script_says() -> None:
    disk = MemoryDisk(["", "no room", "still no room", ""])
    journal = MemoryJournal(MemoryDatabase(disk))
    told = Told()
    await journal.open()
    journal.watch_trouble(told)
    await start(journal, "one")
    await patiently(journal.append(rows("one", 2, 2)))
    assert [text.split("; ")[0].removeprefix("the journal cannot be written: ") for text in told.texts] == [
        "no room",
        "still no room",
        "",
    ]
    await journal.close()


RUNS = st.sampled_from(["one", "two"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("append"), RUNS, st.integers(0, 3), st.sampled_from([0, 0, 0, 1, -1]), st.booleans()),
        st.tuples(st.just("snapshot"), RUNS, st.integers(0, 6), st.integers(1, 2)),
        st.tuples(st.just("delete"), RUNS),
        st.tuples(st.just("restart")),
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_database_and_double_answer_alike(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[Any, ...]]
) -> None:
    async def both() -> None:
        told = [await story(rig, steps) for rig in (SqliteRig(tmp_path_factory.mktemp("j")), MemoryRig())]
        assert told[0] == told[1]

    asyncio.run(both())


async def story(rig: Rig, steps: list[tuple[Any, ...]]) -> list[object]:
    """What a journal answers to the steps, and what it holds in the end."""
    told: list[object] = []
    ends = {"one": 0, "two": 0}
    journal = rig.journal()
    await journal.open()
    for step in steps:
        try:
            match step:
                case ("append", run, count, shift, with_summary):
                    first = ends[run] + 1 + shift
                    about = [summary(run, phase=str(first))] if with_summary else []
                    await journal.append(rows(run, first, first + count - 1), about)
                    ends[run] += count
                case ("snapshot", run, number, version):
                    await journal.save_snapshot(Snapshot(run, number, version, b"s"))
                case ("delete", run):
                    await journal.delete(run)
                    ends[run] = 0
                case _:
                    await journal.close()
                    journal = rig.journal()
                    told.append(await journal.open())
        except FinaleError as error:
            told.append((type(error), str(error).split(";")[0].split(",")[0]))
    told.append(await journal.summaries())
    for run in ends:
        for whole in (False, True):
            try:
                told.append(await journal.read(run, whole=whole))
            except NotFound as error:
                told.append(str(error))
    await journal.close()
    return told
