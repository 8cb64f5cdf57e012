"""What an engine says of itself: the first line of a watch, and ``server status``."""

from collections.abc import Iterator
from typing import Any

from finale.cli.show.moments import moment
from finale.cli.show.summary import line

__all__ = ["engine_lines", "engine_text"]


def engine_text(engine: dict[str, Any]) -> str:
    """``executor: …``: who runs the tasks and what of the machine is open to them, in the engine's own sentence."""
    return f"executor: {engine.get('executor') or 'unknown'}"


def engine_lines(engine: dict[str, Any]) -> Iterator[str]:
    """One fact to a line."""
    yield line("Engine:", f"process {engine.get('pid')}, version {engine.get('version')}")
    yield line("Home:", engine.get("home", ""))
    yield line("Executor:", engine.get("executor", ""))
    yield line("Started:", moment(engine.get("startedAt")))
    yield line("Runs:", f"{engine.get('runs', 0)}, {engine.get('activeRuns', 0)} of them unfinished")
    yield line("Stays:", "until it is stopped" if engine.get("stays") else "while it is needed")
    if engine.get("trouble"):
        yield line("Trouble:", engine["trouble"])
    yield from (line("Repaired:", repair) for repair in engine.get("repairs") or ())
