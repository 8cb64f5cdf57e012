"""Journals of released versions open and replay to the status they had; README.md says how one is recorded."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from finale.engine import decide, new_state
from finale.engine.commands import StartLeaf
from finale.engine.events import Event, LeafFinished, LeafStarted, Submitted
from finale.engine.outcome import Outcome
from finale.journal.codec import encode_event
from finale.journal.contract import Row, RunSummary
from finale.journal.sqlite import SqliteJournal
from finale.store.database import Database

pytestmark = pytest.mark.anyio

HERE = Path(__file__).parent
RECORDED = sorted(folder.name for folder in HERE.iterdir() if (folder / "expected.json").exists())


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def record() -> ModuleType:
    spec = importlib.util.spec_from_file_location("record", HERE / "record.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("version", RECORDED)
async def test_a_journal_of_this_version_replays_to_the_status_it_had(version: str, record: ModuleType) -> None:
    assert await record.replayed(HERE / version) == record.expected(HERE / version)


WORKFLOW: dict[str, Any] = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "Workflow",
    "metadata": {
        "name": "etl",
        "namespace": "default",
        "uid": "5f3c",
        "creationTimestamp": "2026-11-21T08:00:00Z",
    },
    "spec": {
        "entrypoint": "main",
        "onExit": "bye",
        "templates": [
            {"name": "main", "steps": [[{"name": "build", "template": "work"}]]},
            {"name": "work", "container": {"image": "busybox", "command": ["false"]}},
            {"name": "bye", "container": {"image": "busybox", "command": ["true"]}},
        ],
    },
}


def story() -> list[Event]:
    """The events of a run whose step fails and whose exit handler does not."""
    state = new_state()
    told: list[Event] = []
    coming: list[Event] = [Submitted(1_000, WORKFLOW)]
    while coming:
        told.append(coming.pop(0))
        for command in decide(state, told[-1]):
            if isinstance(command, StartLeaf):
                outcome = Outcome("Succeeded") if command.on_exit else Outcome("Failed", "main: Error (exit code 1)")
                coming += [LeafStarted(2_000, command.node), LeafFinished(3_000, command.node, outcome)]
    return told


async def test_a_journal_recorded_now_replays_to_the_same(tmp_path: Path, record: ModuleType) -> None:
    journal = SqliteJournal(Database(tmp_path / "journal.db"))
    await journal.open()
    rows = [Row("5f3c", number, encode_event(event)) for number, event in enumerate(story(), start=1)]
    await journal.append(rows, [RunSummary("5f3c", "default", "etl", "Failed", 1_000, finished_ns=3_000)])
    record.pack(tmp_path / "journal.db", tmp_path / "recorded")
    await journal.close()
    await record.expect(tmp_path / "recorded")

    found = await record.replay(tmp_path / "journal.db")
    assert await record.replayed(tmp_path / "recorded") == found == record.expected(tmp_path / "recorded")
    status = found[0]["workflow"]["status"]
    assert (found[0]["events"], status["phase"]) == (5, "Failed")
    assert {node["phase"] for node in status["nodes"].values()} == {"Failed", "Succeeded"}
