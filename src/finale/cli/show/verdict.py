"""How a run ended: its work, its exit handlers, and the exit code that follows.

Argo's single phase mixes the two and hides handlers below the run's own (argo-semantics.md §2.2); here they stay apart.
"""

from typing import Any, NamedTuple

from finale.cli.show.columns import visible
from finale.cli.show.moments import long_duration, utc_text
from finale.cli.show.symbols import Palette, sign_of

__all__ = [
    "HANDLER_FAILED",
    "RUN_FAILED",
    "Verdict",
    "ending_line",
    "is_finished",
    "judge",
    "verdict_lines",
    "worse_code",
]

RUN_FAILED = 1
"""Exit code when the run ended otherwise than Succeeded."""
HANDLER_FAILED = 4
"""Exit code when the run Succeeded although an exit handler, at any level, did not."""

_BAD = ("Failed", "Error")
_MOST_NAMED = 5
"""Failures named in the summary; `finale get` shows all of them."""


class Verdict(NamedTuple):
    """`work` is the outcome of the work, `handlers` the exit handlers' nodes; `waived` says which will not run and why."""

    phase: str
    work: str
    failures: tuple[dict[str, Any], ...]
    handlers: tuple[dict[str, Any], ...]
    waived: str
    exit_code: int


def is_finished(workflow: dict[str, Any]) -> bool:
    """The run has its final phase and Argo's label says that nothing is left to do.

    Right after `argo retry` the phase is empty while old times are still there, so `finishedAt` alone does not count.
    """
    return bool((workflow.get("status") or {}).get("finishedAt")) and _phase(workflow) in ("Succeeded", *_BAD)


def judge(workflow: dict[str, Any]) -> Verdict:
    """The verdict about a run that has finished."""
    name = workflow["metadata"]["name"]
    nodes = (workflow.get("status") or {}).get("nodes") or {}
    annotations = workflow["metadata"].get("annotations") or {}
    handlers = tuple(node for node in nodes.values() if _is_handler(node))
    phase = _phase(workflow)
    root = nodes.get(name)
    work = annotations.get("finale.dev/work") or (root.get("phase") if root else phase) or phase
    work = "Succeeded" if work in ("Skipped", "Omitted") else work
    if phase != "Succeeded":
        code = RUN_FAILED
    elif any(node.get("phase") in _BAD for node in handlers):
        code = HANDLER_FAILED
    else:
        code = 0
    return Verdict(
        phase, work, tuple(_failures(nodes, handlers)), handlers, annotations.get("finale.dev/waived", ""), code
    )


def ending_line(workflow: dict[str, Any]) -> str:
    """``nightly Failed at 2026-11-20 21:16:13 +0000 UTC``, what Argo's `wait` prints."""
    status = workflow.get("status") or {}
    return f"{workflow['metadata']['name']} {_phase(workflow)} at {utc_text(status.get('finishedAt'))}"


def verdict_lines(workflow: dict[str, Any], palette: Palette) -> list[str]:
    """The summary that ends a watch: work, handlers and what was waived, then the run."""
    verdict = judge(workflow)
    status = workflow.get("status") or {}
    lines = [
        f"Work:     {_outcome(verdict.work, palette)}{_because(verdict, workflow)}",
        f"Handlers: {_handlers(verdict, palette)}",
    ]
    if verdict.waived:
        lines.append(f"Waived:   {visible(verdict.waived)}")
    lasted = long_duration(status.get("startedAt"), status.get("finishedAt"))
    lines.append(f"Run:      {workflow['metadata']['name']} {_outcome(verdict.phase, palette)} after {lasted}")
    return lines


def _phase(workflow: dict[str, Any]) -> str:
    return str((workflow.get("status") or {}).get("phase") or "")


def _is_handler(node: dict[str, Any]) -> bool:
    return str(node.get("name", "")).endswith(".onExit") and bool((node.get("nodeFlag") or {}).get("hooked", True))


def _failures(nodes: dict[str, Any], handlers: tuple[dict[str, Any], ...]) -> list[dict[str, Any]]:
    """Leaves of the work that ended badly; not the attempts of what was tried again, nor what happened in handlers."""
    names = {str(node["name"]) for node in handlers}
    below = tuple(f"{name}{mark}" for name in names for mark in "[(.") or ("\0",)
    return [
        node
        for node in nodes.values()
        if node.get("phase") in _BAD
        and node.get("type") not in ("Steps", "StepGroup", "DAG", "TaskGroup")
        and not (node.get("nodeFlag") or {}).get("retried")
        and node.get("name") not in names
        and not str(node.get("name", "")).startswith(below)
    ]


def _outcome(phase: str, palette: Palette) -> str:
    return palette.paint(phase, sign_of({"phase": phase}, palette).paint)


def _because(verdict: Verdict, workflow: dict[str, Any]) -> str:
    if verdict.work == "Succeeded":
        return ""
    if not verdict.failures:
        message = visible(str((workflow.get("status") or {}).get("message") or ""))
        return f"; {message}" if message else ""
    named = [_named(node) for node in verdict.failures[:_MOST_NAMED]]
    more = len(verdict.failures) - len(named)
    return "; " + ", ".join(named) + (f" and {more} more" if more else "")


def _named(node: dict[str, Any]) -> str:
    message = visible(str(node.get("message") or ""))
    return f"{node.get('displayName')} ({message})" if message else str(node.get("displayName"))


def _handlers(verdict: Verdict, palette: Palette) -> str:
    if not verdict.handlers:
        return "none ran" if verdict.waived else "none"
    by_phase: dict[str, list[dict[str, Any]]] = {}
    for node in verdict.handlers:
        by_phase.setdefault(str(node.get("phase")), []).append(node)
    worst_first = sorted(by_phase, key=lambda phase: (phase not in _BAD, phase))
    parts = []
    for phase in worst_first:
        nodes = by_phase[phase]
        names = [_named(node) if phase in _BAD else str(node.get("displayName")) for node in nodes[:_MOST_NAMED]]
        more = f" and {len(nodes) - len(names)} more" if len(nodes) > len(names) else ""
        parts.append(f"{len(nodes)} {_outcome(phase, palette)}: {', '.join(names)}{more}")
    return "; ".join(parts)


def worse_code(one: int, other: int) -> int:
    """The exit code for several runs: a run that failed counts more than a handler that did."""
    return next((code for code in (RUN_FAILED, HANDLER_FAILED) if code in (one, other)), 0)
