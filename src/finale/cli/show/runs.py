"""The table of `list`: ``NAME STATUS AGE DURATION PRIORITY MESSAGE``, wide also ``P/R/C PARAMETERS``."""

from collections.abc import Iterable, Sequence
from typing import Any

from finale.cli.show.columns import align, visible
from finale.cli.show.moments import parse_moment, short_duration
from finale.cli.show.summary import status_text

__all__ = ["in_order", "run_table"]

_LONGEST_VALUE = 50


def in_order(workflows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Unfinished runs first, the youngest before the others; then the finished, the last to end before the others.

    Source: argo-workflows ``Workflows.Less`` in workflow_types.go.
    """

    def key(workflow: dict[str, Any]) -> tuple[bool, int, int]:
        finished = parse_moment((workflow.get("status") or {}).get("finishedAt"))
        created = parse_moment(workflow["metadata"].get("creationTimestamp"))
        return (finished != 0, -finished, -created)

    return sorted(workflows, key=key)


def run_table(
    workflows: Sequence[dict[str, Any]],
    *,
    wide: bool = False,
    headers: bool = True,
    namespaces: bool = False,
    now_ns: int | None = None,
) -> list[str]:
    """The lines of the table; `namespaces` adds the column for all namespaces."""
    rows = [_row(workflow, wide, namespaces, now_ns) for workflow in workflows]
    if headers:
        titles = ["NAMESPACE"] if namespaces else []
        titles += ["NAME", "STATUS", "AGE", "DURATION", "PRIORITY", "MESSAGE"]
        rows.insert(0, [*titles, "P/R/C", "PARAMETERS"] if wide else titles)
    return ["".join(cells).rstrip() for cells in align(rows, 3)]


def _row(workflow: dict[str, Any], wide: bool, namespaces: bool, now_ns: int | None) -> list[str]:
    metadata, spec = workflow["metadata"], workflow.get("spec") or {}
    status = workflow.get("status") or {}
    cells = [str(metadata.get("namespace", ""))] if namespaces else []
    cells += [
        str(metadata.get("name", "")),
        status_text(workflow),
        short_duration(metadata.get("creationTimestamp"), None, now_ns),
        short_duration(status.get("startedAt"), status.get("finishedAt"), now_ns),
        str(spec.get("priority") or 0),
        visible(str(status.get("message") or "")),
    ]
    if wide:
        cells += [_counts(status), _parameters(spec)]
    return cells


def _counts(status: dict[str, Any]) -> str:
    """Pending, running and completed leaves."""
    phases = [node.get("phase") for node in (status.get("nodes") or {}).values() if _is_counted(node)]
    completed = sum(phase in ("Succeeded", "Failed", "Error") for phase in phases)
    running = phases.count("Running")
    return f"{len(phases) - completed - running}/{running}/{completed}"


def _is_counted(node: dict[str, Any]) -> bool:
    return node.get("type") == "Pod"


def _parameters(spec: dict[str, Any]) -> str:
    given = (spec.get("arguments") or {}).get("parameters") or ()
    return ",".join(
        f"{each.get('name')}={_shortened(str(each['value']))}" for each in given if each.get("value") is not None
    )


def _shortened(value: str) -> str:
    if len(value) > _LONGEST_VALUE:
        value = f"{value[: _LONGEST_VALUE - 18]}...{value[-15:]}"
    return visible(value)
