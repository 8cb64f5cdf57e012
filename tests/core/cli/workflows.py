"""Workflow objects for the tests of the command line: Argo's recorded one, and small ones made by hand."""

import json
from pathlib import Path
from typing import Any

__all__ = ["NOW_NS", "nightly", "node", "run"]

_NIGHTLY = Path(__file__).parent / "data" / "nightly.json"
"""The run `nightly` as a real Argo Server gave it (argo-api-recorded.jsonl.gz)."""

NOW_NS = 1_795_209_373 * 1_000_000_000
"""2026-11-20T21:16:13Z, when the transcripts' `argo get nightly` was called."""

_TIMES = {
    "nightly": ("10", "13"),
    "nightly.build": ("10", "11"),
    "nightly.flaky": ("10", "12"),
    "nightly.flaky(0)": ("10", "11"),
    "nightly.flaky(1)": ("11", "11"),
    "nightly.test": ("11", "11"),
    "nightly.test.onExit": ("11", "12"),
    "nightly.deploy": ("12", "12"),
    "nightly.onExit": ("12", "13"),
    "nightly.onExit[0]": ("12", "13"),
    "nightly.onExit[0].tell": ("12", "13"),
    "nightly.onExit[0].cheer": ("13", "13"),
}
"""Seconds of 21:16 at which each node of the transcripts' run started and ended, as far as its durations show."""


def nightly() -> dict[str, Any]:
    """The recorded run with the times of the run in argo-cli-transcripts.md."""
    workflow: dict[str, Any] = json.loads(_NIGHTLY.read_text())
    status = workflow["status"]
    for each in status["nodes"].values():
        start, end = _TIMES[each["name"]]
        each["startedAt"], each["finishedAt"] = f"2026-11-20T21:16:{start}Z", f"2026-11-20T21:16:{end}Z"
    status["startedAt"], status["finishedAt"] = "2026-11-20T21:16:10Z", "2026-11-20T21:16:13Z"
    status["resourcesDuration"] = {"cpu": 0, "memory": 2}
    workflow["metadata"]["creationTimestamp"] = "2026-11-20T21:16:10Z"
    return workflow


def node(name: str, phase: str = "Succeeded", kind: str = "Pod", **more: Any) -> dict[str, Any]:
    """A node; its id is its name, its display name what follows the run's."""
    run_name, _, rest = name.partition(".")
    display = name if rest in ("", "onExit") else rest
    made = {
        "id": name,
        "name": name,
        "displayName": display,
        "type": kind,
        "phase": phase,
        "templateName": "t",
        "startedAt": "2026-11-20T21:16:10Z",
        "finishedAt": None if phase in ("Running", "Pending") else "2026-11-20T21:16:11Z",
        "nodeFlag": {"hooked": True} if name.endswith(".onExit") else {},
        **more,
    }
    if name != run_name and rest != "onExit" and "boundaryID" not in more:
        made["boundaryID"] = run_name
    return made


def run(name: str, phase: str, *nodes: dict[str, Any], **status: Any) -> dict[str, Any]:
    """A Workflow with these nodes."""
    finished = phase in ("Succeeded", "Failed", "Error")
    return {
        "metadata": {"name": name, "namespace": "default", "creationTimestamp": "2026-11-20T21:16:10Z"},
        "spec": {"arguments": {}},
        "status": {
            "phase": phase,
            "startedAt": "2026-11-20T21:16:10Z",
            "finishedAt": "2026-11-20T21:16:13Z" if finished else None,
            "nodes": {each["id"]: each for each in nodes},
            **status,
        },
    }
