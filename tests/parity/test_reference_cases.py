"""The conformance cases through everything but the command line: validation, engine, journal, keeper, real processes.

`must` cases have to come out as Argo's own controller made them, node by node; `refused` ones are refused; every other one
has to end by itself with nothing open (docs/differences.md says where it may differ and why).
"""

import asyncio
import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from finale.assemble import Engine
from finale.errors import ManifestInvalid
from finale.home import Home
from finale.runtime.run import Run
from finale.settings import read_settings
from finale.spec.load import load_text
from parity.reference import Record, broken_promises, case_texts, differences, records

CATEGORIES = ("a", "b", "c", "d", "e", "f", "g", "h", "j", "s", "t", "v", "k-verb")
LIMIT_S = 60.0
"""Seconds for one case; the longest of them sleeps 4."""

RECORDS = records()
TEXTS = case_texts()


def _is_ours(case: str) -> bool:
    if case.startswith("j-mutex"):
        return False  # locks come with a later issue
    return case.startswith("fuzz-") or any(case.startswith(f"{category}-") for category in CATEGORIES)


def _groups() -> Iterator[tuple[str, list[str]]]:
    cases = sorted(case for case in RECORDS if _is_ours(case))
    named = [case for case in cases if not case.startswith("fuzz-")]
    fuzz = [case for case in cases if case.startswith("fuzz-")]
    for label, members in (("named", named), ("fuzz", fuzz)):
        for start in range(0, len(members), 64):
            yield f"{label}-{start}", members[start : start + 64]


GROUPS = dict(_groups())


class Case:
    """One case in an engine: submitted, prodded as its annotation says, awaited."""

    def __init__(self, engine: Engine, case: str) -> None:
        self.shell = engine.shell
        self.name = case
        (document,) = load_text(TEXTS[case], f"{case}.yaml")
        self.body = document.body
        annotations = self.body["metadata"].get("annotations") or {}
        self.actions: list[dict[str, str]] = json.loads(annotations.get("case/actions", "[]"))

    async def run(self) -> dict[str, Any] | None:
        """The finished Workflow object, or None if it was refused."""
        workflows = self.shell.service.workflows
        try:
            created = await workflows.create(self.body, "argo")
        except ManifestInvalid:
            return None
        run = await self.shell.runs.load(created["metadata"]["uid"])
        for action in self.actions:
            await self._until(partial(_reached, run, self.name + action["on"], action["phase"]))
            verb: Callable[..., Any] = getattr(workflows, action["do"])
            await verb("argo", self.name)
        await self._until(lambda: run.state.finished)
        found: dict[str, Any] = await workflows.get("argo", self.name)
        return found

    async def _until(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(LIMIT_S):
            while not is_so():  # noqa: ASYNC110  # a state has no listeners; a fact is waited for, not a time
                await asyncio.sleep(0.01)


def _reached(run: Run, name: str, phase: str) -> bool:
    return any(node.name == name and node.phase == phase for node in run.state.nodes.values())


async def _run_all(folder: Path, cases: list[str]) -> dict[str, dict[str, Any] | None]:
    home = Home(folder)
    home.prepare()
    engine = Engine(home, read_settings({}, idle_s=0.0))
    await engine.start()
    try:
        room = asyncio.Semaphore(6)

        async def one(case: str) -> tuple[str, dict[str, Any] | None]:
            async with room:
                try:
                    return case, await Case(engine, case).run()
                except TimeoutError:
                    return case, {"metadata": {"name": case}, "status": {"phase": "has not ended in time"}}

        return dict(await asyncio.gather(*map(one, cases)))
    finally:
        await engine.stop()


def _judge(record: Record, workflow: dict[str, Any] | None) -> list[str]:
    if record["class"] == "refused":
        return [] if workflow is None else [f"Argo refuses it: {record['lint']}"]
    if workflow is None:
        return [] if record["class"] == "may" else ["it was refused"]
    broken = broken_promises(workflow)
    return broken or (differences(workflow, record) if record["class"] == "must" else [])


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("group", GROUPS)
def test_the_cases_come_out_as_in_argo(group: str, tmp_path: Path) -> None:
    found = asyncio.run(_run_all(tmp_path, GROUPS[group]))
    wrong = {case: _judge(RECORDS[case], workflow) for case, workflow in found.items()}
    report = [f"{case} [{RECORDS[case]['class']}]: " + "; ".join(lines[:4]) for case, lines in wrong.items() if lines]
    assert not report, "\n".join(report)
