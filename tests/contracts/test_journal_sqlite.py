"""What only the database can be asked: other processes, ``kill -9``, full disks, damaged files, layouts."""

import asyncio
import contextlib
import os
import random
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from finale.errors import Bug, NotFound, Unavailable
from finale.journal.contract import Opened, Row, RunSummary, Snapshot
from finale.journal.ledger import QUERIES
from finale.journal.sqlite import SqliteJournal
from finale.store import layout
from finale.store.database import Database, connect

pytestmark = pytest.mark.anyio

PATIENCE_S = 30


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@asynccontextmanager
async def opened(path: Path, **options: Any) -> AsyncIterator[tuple[SqliteJournal, Opened]]:
    journal = SqliteJournal(Database(path, **options))
    found = await journal.open()
    try:
        yield journal, found
    finally:
        await journal.close()


def row(number: int, run: str = "one", size: int = 300) -> Row:
    return Row(run, number, b'{"at":%d,"text":"%s"}' % (number, b"x" * size))


def summary(run: str = "one", finished_ns: int = 0) -> RunSummary:
    return RunSummary(run, "default", f"name-of-{run}", "Running", 1, finished_ns=finished_ns)


async def write(journal: SqliteJournal, last: int, first: int = 1, run: str = "one") -> None:
    """One commit for each event."""
    for number in range(first, last + 1):
        await journal.append([row(number, run)], [summary(run)])


# --- Other processes ---------------------------------------------------------------------------------------------

CHILD = """
    import asyncio, os, sys
    from pathlib import Path
    from finale.journal.contract import Row, RunSummary
    from finale.journal.sqlite import SqliteJournal
    from finale.store.database import Database

    async def main():
        journal = SqliteJournal(Database(Path(sys.argv[1])))
        await journal.open()
        {work}

    asyncio.run(main())
"""

HOLD = """
        print("held", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        await journal.close()
"""

APPEND = """
        async def append(run):
            for number in range(1, 1_000_000):
                about = [RunSummary(run, "default", run, "Running", 1)] if number == 1 else []
                await journal.append([Row(run, number, b"x" * (number * 97 % 900))], about)
                # One write for each acknowledgement, so that none is lost in a buffer.
                os.write(1, b"%s %d\\n" % (run.encode(), number))
        await asyncio.gather(*(append(f"run-{index}") for index in range(5)))
"""


@contextmanager
def child(path: Path, work: str, *before: str) -> Iterator["subprocess.Popen[str]"]:
    program = textwrap.dedent(CHILD).format(work=textwrap.dedent(work).replace("\n", "\n    ").strip())
    command = [*before, sys.executable, "-P", "-c", program, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline()


async def test_a_journal_that_another_process_holds_names_the_process(path: Path) -> None:
    with child(path, HOLD) as holder:
        assert line(holder) == "held\n"
        with pytest.raises(Unavailable, match=f"held by process {holder.pid}\\. .*finale server stop") as refused:
            await SqliteJournal(Database(path)).open()
        assert refused.value.retryable
        with pytest.raises(Unavailable, match=r"\(waited 0\.05 s\)"):
            await SqliteJournal(Database(path, wait_s=0.05)).open()


async def test_waiting_for_a_held_journal_ends_when_it_is_let_go(path: Path) -> None:
    with child(path, HOLD) as holder:
        assert line(holder) == "held\n"
        opening = asyncio.create_task(SqliteJournal(database := Database(path, wait_s=PATIENCE_S)).open())
        await asyncio.sleep(0)
        holder.communicate("let go\n")
        await opening
        await database.close()


async def test_a_killed_holder_holds_nothing(path: Path) -> None:
    with child(path, HOLD) as holder:
        assert line(holder) == "held\n"
        holder.kill()
        holder.wait()
        async with opened(path) as (journal, _):
            await write(journal, 1)


@pytest.mark.parametrize("acknowledged", [1, 7, 60, 400])
async def test_kill_9_amid_appends_loses_nothing_that_was_acknowledged(path: Path, acknowledged: int) -> None:
    told: dict[str, int] = {}
    with child(path, APPEND) as writer:
        assert writer.stdout is not None
        lines = [line(writer) for _ in range(acknowledged)]
        os.kill(writer.pid, signal.SIGKILL)
        lines += writer.stdout
        writer.wait()
    # The kill may cut the last line; a whole one is an acknowledgement like the others.
    for run, told_number in (text.split() for text in lines if text.endswith("\n")):
        told[run] = int(told_number)
    async with opened(path) as (journal, _):
        for run, number in told.items():
            stored = await journal.read(run)
            assert len(stored.rows) >= number
            assert all(row.body == b"x" * (row.number * 97 % 900) for row in stored.rows)
            await journal.append([Row(run, len(stored.rows) + 1, b"on")])


# --- Group commit and durability ---------------------------------------------------------------------------------


async def test_callers_share_commits(path: Path) -> None:
    commits = []

    def traced(path: Path) -> sqlite3.Connection:
        connection = connect(path)
        connection.set_trace_callback(lambda sql: commits.append(sql) if sql == "COMMIT" else None)
        return connection

    async with opened(path, connect=traced) as (journal, _):
        await write(journal, 1)
        commits.clear()
        await asyncio.gather(*(journal.append([row(number)]) for number in range(2, 1026)))
    # The first batch takes what is there when the thread wakes up, then come 512 at a time.
    assert len(commits) <= 5


async def test_every_commit_is_synced(path: Path) -> None:
    async with opened(path) as (journal, _):

        def look(connection: sqlite3.Connection, payloads: Sequence[None]) -> list[tuple[int, str]]:
            mode = connection.execute("PRAGMA synchronous").fetchone()[0]
            return [(mode, connection.execute("PRAGMA journal_mode").fetchone()[0]) for _ in payloads]

        full = 2
        assert await journal._database.write(look, None) == (full, "wal")


async def test_a_mistake_of_a_handler_costs_only_its_own_call(path: Path) -> None:
    def handler(connection: sqlite3.Connection, payloads: Sequence[int]) -> list[int]:
        for payload in payloads:
            connection.execute("INSERT INTO counters (name, value) VALUES (?, ?)", (str(payload), payload))
        return [10 // payload for payload in payloads]

    async with opened(path) as (journal, _):
        calls = [journal._database.write(handler, payload) for payload in (1, 0, 5)]
        beside = journal.append([row(1)], [summary()])
        answers = await asyncio.gather(*calls, beside, return_exceptions=True)
        assert (answers[0], answers[2], answers[3]) == (10, 2, None)
        assert isinstance(answers[1], Bug)
        assert "ZeroDivisionError" in str(answers[1])
        counted = await journal._database.read(lambda c: c.execute("SELECT name FROM counters").fetchall())
        assert sorted(counted) == [("1",), ("5",)]


async def test_a_deletion_that_a_crash_cut_short_is_finished_at_the_next_start(path: Path) -> None:
    async with opened(path) as (journal, _):
        await journal.append([row(number) for number in range(1, 5000)], [summary()])
        await journal._database.write(journal._ledger.delete, "one")
    async with opened(path) as (journal, found):
        assert found.runs == 0
        left = await journal._database.read(
            lambda c: c.execute("SELECT (SELECT count(*) FROM events), (SELECT count(*) FROM condemned)").fetchone()
        )
        assert left == (0, 0)


# --- Full disks --------------------------------------------------------------------------------------------------

FILL = """
        told = asyncio.Event()
        journal.watch_trouble(lambda text: told.set())
        heard = asyncio.ensure_future(told.wait())
        about = RunSummary("one", "default", "one", "Running", 1)
        written, number = [journal.append([Row("one", 1, b"first")], [about])], 1
        {shut}
        while not told.is_set():
            number += 1
            written.append(journal.append([Row("one", number, b"x" * 5000)], [about]))
            await asyncio.wait([written[-1], heard], return_when="FIRST_COMPLETED")
        for number in range(number + 1, number + 100):
            written.append(journal.append([Row("one", number, b"x" * 5000)], [about]))
        waiting = sum(not future.done() for future in written)
        {mend}
        await asyncio.wait_for(asyncio.gather(*written), 30)
        stored = await journal.read("one")
        print(number == len(stored.rows), waiting >= 100, flush=True)
        await journal.close()
"""


def fill(shut: str, mend: str) -> str:
    return FILL.replace("{shut}", shut).replace("{mend}", mend)


async def test_a_limit_on_file_size_stops_writing_until_it_is_lifted(path: Path) -> None:
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))"
    lift = "resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))"
    with child(path, fill(limit, lift)) as writer:
        assert line(writer) == "True True\n"
        assert writer.wait(PATIENCE_S) == 0


@pytest.fixture
def private_mount(tmp_path: Path) -> tuple[str, ...]:
    """The start of a command that runs with a disk of 6 MB of its own at ``tmp_path/small``."""
    (tmp_path / "small").mkdir()
    mount = f'mount -t tmpfs -o size=6m tmpfs "{tmp_path}/small" && exec "$@"'
    command = ("unshare", "-Urm", "sh", "-c", mount, "sh")
    if shutil.which("unshare") is None or subprocess.run([*command, "true"], capture_output=True).returncode:
        pytest.skip("this machine lets nobody mount a small disk in a private namespace")
    return command


async def test_a_disk_that_is_really_full_stops_writing_until_there_is_room(
    tmp_path: Path, private_mount: tuple[str, ...]
) -> None:
    shut = 'ballast = Path(sys.argv[1]).with_name("ballast"); ballast.write_bytes(bytes(5_500_000))'
    with child(tmp_path / "small" / "journal.db", fill(shut, "ballast.unlink()"), *private_mount) as writer:
        assert line(writer) == "True True\n"
        assert writer.wait(PATIENCE_S) == 0


def test_a_full_disk_at_the_start_is_explained(tmp_path: Path, private_mount: tuple[str, ...]) -> None:
    program = """
        import asyncio, sys
        from pathlib import Path
        from finale.errors import Unavailable
        from finale.store.database import Database
        path = Path(sys.argv[1])
        try:
            path.with_name("ballast").write_bytes(bytes(8_000_000))
        except OSError:
            pass
        try:
            asyncio.run(Database(path).open())
        except Unavailable as error:
            print(error.retryable, error)
    """
    command = [*private_mount, sys.executable, "-P", "-c", textwrap.dedent(program), str(tmp_path / "small/journal.db")]
    told = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S)
    assert told.stdout.startswith("True cannot open the journal"), told


async def test_a_journal_that_vanishes_while_in_use_is_told_and_mended(path: Path) -> None:
    told: asyncio.Queue[str] = asyncio.Queue()
    async with opened(path) as (journal, _):
        journal.watch_trouble(told.put_nowait)
        await write(journal, 1)
        away = path.with_name("away")
        path.rename(away)
        journal._database._writer._file_checked = 0  # type: ignore[union-attr]
        waiting = journal.append([row(2)])
        assert "No such file" in await asyncio.wait_for(told.get(), PATIENCE_S)
        path.write_bytes(b"another")
        assert "replaced by another" in await asyncio.wait_for(told.get(), PATIENCE_S)
        away.replace(path)
        await asyncio.wait_for(waiting, PATIENCE_S)
        assert await told.get() == ""


# --- Damaged files -----------------------------------------------------------------------------------------------


def power_loss(path: Path, folder: Path) -> Path:
    """The files as a restarted machine would find them, while the journal is still open."""
    folder.mkdir()
    for suffix in ("", "-wal"):
        shutil.copy(f"{path}{suffix}", folder)
    return folder / path.name


async def left_open(path: Path, folder: Path, last: int = 20) -> Path:
    """A journal with `last` events of run one, each in a commit of its own, all still in the log."""
    async with opened(path) as (journal, _):
        await write(journal, last)
        return power_loss(path, folder)


def wal(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def spoil(path: Path, at: int, raw: bytes | None = None) -> None:
    with path.open("r+b") as file:
        file.seek(at, os.SEEK_SET if at >= 0 else os.SEEK_END)
        old = file.read(1)
        file.seek(at, os.SEEK_SET if at >= 0 else os.SEEK_END)
        file.write(raw if raw is not None else bytes([old[0] ^ 0x40]))


async def count(path: Path) -> tuple[int, tuple[str, ...]]:
    async with opened(path) as (journal, found):
        return len((await journal.read("one")).rows), found.repairs


async def test_a_log_left_by_a_kill_needs_no_repair(path: Path, tmp_path: Path) -> None:
    assert await count(await left_open(path, tmp_path / "after")) == (20, ())


@pytest.mark.parametrize("bytes_cut", [1, 100, 4000])
async def test_a_torn_log_ends_at_its_last_whole_write(path: Path, tmp_path: Path, bytes_cut: int) -> None:
    after = await left_open(path, tmp_path / "after")
    os.truncate(wal(after), wal(after).stat().st_size - bytes_cut)
    events, repairs = await count(after)
    assert events == 19
    assert len(repairs) == 1
    assert "tail was torn" in repairs[0]
    assert await count(after) == (19, ())


@pytest.mark.parametrize("garbage", [b"\xff" * 100, random.Random(7).randbytes(3 * 4120)], ids=["odd", "pages"])
async def test_garbage_behind_the_log_is_dropped_and_told(path: Path, tmp_path: Path, garbage: bytes) -> None:
    after = await left_open(path, tmp_path / "after")
    with wal(after).open("ab") as file:
        file.write(garbage)
    events, repairs = await count(after)
    assert events == 20
    assert f"{len(garbage)} bytes" in repairs[0]


async def test_a_flipped_bit_in_the_logs_last_write_costs_that_write(path: Path, tmp_path: Path) -> None:
    after = await left_open(path, tmp_path / "after")
    spoil(wal(after), -2000)
    events, repairs = await count(after)
    assert events == 19
    assert "tail was torn" in repairs[0]


@pytest.mark.parametrize("at", [40, 5000, 30_000])
async def test_a_flipped_bit_amid_the_log_is_refused_and_nothing_is_tidied_away(
    path: Path, tmp_path: Path, at: int
) -> None:
    after = await left_open(path, tmp_path / "after")
    spoil(wal(after), at)
    found = wal(after).read_bytes()
    for _ in range(2):
        with pytest.raises(Unavailable, match=r"write-ahead log is broken.*finale server export"):
            await SqliteJournal(Database(after)).open()
    assert wal(after).read_bytes() == found


async def test_a_log_without_its_header_is_refused(path: Path, tmp_path: Path) -> None:
    after = await left_open(path, tmp_path / "after")
    spoil(wal(after), 0, bytes(16))
    with pytest.raises(Unavailable, match="header of its write-ahead log"):
        await SqliteJournal(Database(after)).open()


async def test_a_log_whose_database_is_gone_is_not_thrown_away(path: Path, tmp_path: Path) -> None:
    after = await left_open(path, tmp_path / "after")
    after.rename(after.with_name("elsewhere"))
    with pytest.raises(Unavailable, match=r"only its write-ahead log journal\.db-wal"):
        await SqliteJournal(Database(after)).open()
    after.with_name("elsewhere").rename(after)
    assert await count(after) == (20, ())


async def test_leftovers_of_earlier_rounds_in_the_log_are_no_damage(path: Path, tmp_path: Path) -> None:
    async with opened(path) as (journal, _):
        await write(journal, 20)

        def start_over(connection: sqlite3.Connection, payloads: Sequence[None]) -> list[None]:
            connection.execute("COMMIT")
            connection.execute("PRAGMA wal_checkpoint(RESTART)")
            connection.execute("BEGIN")
            return [None for _ in payloads]

        await journal._database.write(start_over, None)
        await write(journal, 22, first=21)
        after = power_loss(path, tmp_path / "after")
    assert await count(after) == (22, ())


async def closed(path: Path, events: int = 200) -> Path:
    async with opened(path) as (journal, _):
        await write(journal, 3, run="two")
        await journal.append([row(number) for number in range(1, events + 1)], [summary()])
    return path


async def use(path: Path, events: int) -> None:
    """Everything a server does. Damage may refuse any part of it, in our own words, but hides nothing without a word."""
    with contextlib.suppress(Unavailable, NotFound):
        async with opened(path) as (journal, found):
            for run in await journal.summaries():
                with contextlib.suppress(Unavailable, NotFound):
                    stored = await journal.read(run.run)
                    assert stored.rows == tuple(row(number, run.run) for number in range(1, len(stored.rows) + 1))
                    assert len(stored.rows) == (events if run.run == "one" else 3) or found.repairs
                    await journal.append([Row(run.run, stored.rows[-1].number + 1, b"on")], [run])
            await journal.delete("two")


DAMAGES: dict[str, Callable[[Path], None]] = {
    "header overwritten": lambda path: spoil(path, 0, b"not a database, sorry" * 5),
    "first page zeroed": lambda path: spoil(path, 0, bytes(4096)),
    "schema zeroed": lambda path: spoil(path, 100, bytes(3996)),
    "cut in half": lambda path: os.truncate(path, path.stat().st_size // 2),
    "cut amid a page": lambda path: os.truncate(path, path.stat().st_size - 1000),
    "cut to a few bytes": lambda path: os.truncate(path, 50),
}


@pytest.mark.parametrize("damage", DAMAGES)
async def test_a_damaged_file_is_refused_with_the_way_to_export(path: Path, damage: str) -> None:
    DAMAGES[damage](await closed(path))
    with pytest.raises(Unavailable, match=r"damaged.*finale server export"):
        await count(path)
    await use(path, 200)


async def test_any_zeroed_page_is_refused_in_our_own_words(path: Path, tmp_path: Path) -> None:
    await closed(path)
    for page in range(1, path.stat().st_size // 4096):
        copy = Path(shutil.copy(path, tmp_path / "copy.db"))
        spoil(copy, page * 4096, bytes(4096))
        await use(copy, 200)


@pytest.mark.parametrize("seed", range(4))
async def test_any_flipped_bits_are_refused_in_our_own_words(path: Path, tmp_path: Path, seed: int) -> None:
    await closed(path, events=30)
    chance = random.Random(seed)
    for _ in range(25):
        copy = Path(shutil.copy(path, tmp_path / "copy.db"))
        for _ in range(chance.choice([1, 5, 50])):
            spoil(copy, chance.randrange(copy.stat().st_size), chance.randbytes(chance.choice([1, 4])))
        await use(copy, 30)


async def test_an_event_that_was_lost_without_a_trace_is_missed(path: Path) -> None:
    await closed(path)
    with closing(connect(path)) as connection:
        (key,) = connection.execute("SELECT key FROM runs WHERE run = 'one'").fetchone()
        connection.execute("DELETE FROM events WHERE id = ?", ((key << 32) + 100,))
    with pytest.raises(Unavailable, match="event 100 of run name-of-one"):
        await count(path)


async def test_a_broken_seal_under_a_snapshot_does_not_break_the_chain_after_it(path: Path) -> None:
    async with opened(path) as (journal, _):
        await write(journal, 4)
        await journal.save_snapshot(Snapshot("one", 4, 1, b"s"))
    with closing(connect(path)) as connection:
        connection.execute("UPDATE events SET seal = seal + 1 WHERE id = (SELECT max(id) FROM events)")
    async with opened(path) as (journal, found):
        assert found.repairs == ("run name-of-one: event 4 is damaged; it goes on from the snapshot after it",)
        await write(journal, 6, first=5)
    async with opened(path) as (journal, found):
        assert found.repairs == ()
        assert (await journal.read("one")).rows == (row(5), row(6))


async def test_rows_too_large_to_be_read_at_once_are_read_in_parts(path: Path) -> None:
    def narrow(path: Path) -> sqlite3.Connection:
        connection = connect(path)
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 20_000)
        return connection

    async with opened(path, connect=narrow) as (journal, _):
        await journal.append([row(number) for number in range(1, 500)], [summary()])
        assert (await journal.read("one")).rows == tuple(row(number) for number in range(1, 500))


async def test_a_changed_summary_is_found(path: Path) -> None:
    await closed(path)
    with closing(connect(path)) as connection:
        connection.execute("UPDATE runs SET finished_ns = 7 WHERE run = 'one'")
    async with opened(path) as (journal, _):
        with pytest.raises(Unavailable, match="summary of run name-of-one does not match"):
            await journal.summaries()


# --- Files that are not ours, or not for us ----------------------------------------------------------------------


async def test_a_journal_of_a_newer_finale_is_refused_with_both_versions(path: Path) -> None:
    await closed(path)
    with closing(connect(path)) as connection:
        connection.execute("PRAGMA user_version = 4711")
    known = f"version 4711, this program knows versions up to {layout.NEWEST}"
    with pytest.raises(Unavailable, match=f"newer Finale: its layout has {known}"):
        await SqliteJournal(Database(path)).open()


async def test_another_programs_database_is_left_alone(path: Path) -> None:
    with closing(connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    before = path.read_bytes()
    with pytest.raises(Unavailable, match="database of another program"):
        await SqliteJournal(Database(path)).open()
    assert path.read_bytes() == before


@pytest.mark.parametrize("where", ["missing/journal.db", "file/journal.db", "."])
async def test_a_place_where_no_journal_can_be_is_explained(tmp_path: Path, where: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="cannot open the journal"):
        await SqliteJournal(Database(tmp_path / where)).open()


async def test_only_its_owner_can_read_a_journal(path: Path) -> None:
    async with opened(path) as (journal, _):
        await write(journal, 2)
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert set(modes.values()) == {0o600}
    assert "journal.db-wal" in modes


# --- Layout ------------------------------------------------------------------------------------------------------


def objects(connection: sqlite3.Connection) -> list[tuple[Any, ...]]:
    return connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name").fetchall()


def test_migrating_from_nothing_gives_the_schema(tmp_path: Path) -> None:
    schema = Path(layout.__file__).with_name("sql") / "schema.sql"
    with closing(connect(tmp_path / "a.db")) as migrated, closing(connect(tmp_path / "b.db")) as written:
        layout.migrate(migrated, tmp_path / "a.db")
        written.executescript(schema.read_text())
        assert objects(migrated) == objects(written)
        assert migrated.execute("PRAGMA user_version").fetchone() == (layout.NEWEST,)


def test_migrations_are_numbered_without_gaps() -> None:
    names = sorted(file.name for file in (Path(layout.__file__).with_name("sql") / "migrations").iterdir())
    assert [int(name[:4]) for name in names] == list(range(1, layout.NEWEST + 1))


def test_lists_are_read_along_an_index(path: Path) -> None:
    with closing(connect(path)) as connection:
        layout.migrate(connection, path)
        start = {"after_created_ns": 0, "after_key": 0, "limit": 5}
        for query, index in (("list_runs", "runs_by_age"), ("list_unfinished_runs", "runs_unfinished")):
            plan = connection.execute(f"EXPLAIN QUERY PLAN {QUERIES[query]}", start).fetchall()
            assert [step[3] for step in plan if "SORT" in step[3] or "TEMP" in step[3]] == []
            assert index in plan[0][3]


async def test_a_person_can_read_the_story_of_a_run(path: Path) -> None:
    await closed(path, events=3)
    with closing(connect(path)) as connection:
        told = connection.execute("SELECT number, event FROM story WHERE name = 'name-of-one'").fetchall()
    assert told == [(number, row(number).body.decode()) for number in (1, 2, 3)]
