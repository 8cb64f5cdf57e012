"""kill -9 of engine, keeper or task at any moment: every owed handler runs, once, and nothing that ended runs again.

``FINALE_ROUNDS=200`` plays that many runs instead of a few, ``FINALE_SEED`` says with which one to begin.
"""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from program.home import PATIENCE_S, HomeFolder
from program.storm import Killer, complaints, manifest

pytestmark = [pytest.mark.program, pytest.mark.slow]

ROUNDS = int(os.environ.get("FINALE_ROUNDS", "5"))
FIRST = int(os.environ.get("FINALE_SEED", "0"))
KILLS = 8
WATCH_AGAIN = re.compile(r"come back with: finale .*watch storm")


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", range(FIRST, FIRST + ROUNDS))
def test_whoever_is_killed_every_owed_handler_runs_once_and_the_watch_goes_on(seed: int, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    ledger.touch()
    home = HomeFolder(tmp_path, FINALE_BIND=str(ledger))
    killer = Killer(home, seed, KILLS)
    try:
        assert home.finale("submit", home.file("storm.yaml", manifest(ledger))).returncode == 0
        killer.start()
        told = follow(home)
        killer.stop()
        workflow = json.loads(home.finale("get", "storm", "-o", "json").stdout)
        found = complaints(workflow, ledger.read_text(), killer.victims)
        found += [f"the watch told {line} {told.count(line)} times" for line in set(told) if told.count(line) > 1]
        assert not found, (killer.story, engine_log(home))
        stopped = home.finale("server", "stop")
        assert stopped.returncode == 0, (stopped.stderr, killer.story)
        home.wait_until_empty()
        assert nodes_of(json.loads(home.finale("get", "storm", "-o", "json").stdout)) == nodes_of(workflow)
    finally:
        killer.stop()
        home.end()


def follow(home: HomeFolder) -> list[str]:
    """Watch the run to its end, and come back when the watch says how to; the changes that were told, without times."""
    while True:
        watch = home.finale("watch", "storm", patience_s=4 * PATIENCE_S)
        changes, _, ending = watch.stdout.partition("\n\n")
        if watch.returncode == 1:
            assert ending.startswith("Work:     Failed"), watch
            return [" ".join(line.split()[2:4]) for line in changes.splitlines()[1:]]
        assert (watch.returncode, bool(WATCH_AGAIN.search(watch.stderr))) == (3, True), watch


def nodes_of(workflow: dict[str, Any]) -> dict[str, Any]:
    nodes: dict[str, Any] = workflow["status"]["nodes"]
    return nodes


def engine_log(home: HomeFolder) -> str:
    """What the engine and the keeper complained about."""
    logs = (home.path / "engine.log", home.path / "keeper" / "keeper.log")
    return "\n".join(log.read_text() for log in logs if log.exists())
