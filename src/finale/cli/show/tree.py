"""The tree of a run as lines: ``STEP TEMPLATE PODNAME DURATION MESSAGE``.

`finale.cli.show.forest` says what stands below what; here it gets its branches, columns and colours. `wide` and `short`
have the further columns of `argo get -o`.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from finale.cli.show.columns import align, visible
from finale.cli.show.forest import Branch, grow
from finale.cli.show.moments import short_duration
from finale.cli.show.symbols import Paint, Palette, sign_of
from finale.ids import pod_name
from finale.units import SECOND, format_duration

__all__ = ["Layout", "Line", "draw_lines", "draw_tree", "pod_name_of", "resources_text"]

_FORK, _LAST, _FIRST, _ONLY, _LINE, _BLANK = "├─", "└─", "┬─", "──", "│ ", "  "
_ASCII = str.maketrans({"├": "|", "└": "`", "┬": "+", "─": "-", "│": "|"})

_UNITS = {"cpu": "1", "memory": "100Mi", "storage": "10Gi", "ephemeral-storage": "10Gi"}
"""What one second of a resource's duration is of (argo-workflows docs/resource-duration.md)."""


class Layout(NamedTuple):
    """How to draw: `output` is ``""``, ``wide`` or ``short``; `keep` says which nodes to show; `now_ns` for tests."""

    palette: Palette = Palette()
    output: str = ""
    keep: Callable[[dict[str, Any]], bool] | None = None
    now_ns: int | None = None


class Line(NamedTuple):
    """A drawn line; `works` is true for a leaf that runs, waits or is about to start."""

    text: str
    works: bool = False


class _Row(NamedTuple):
    cells: list[str]
    sign_at: int = 0
    sign: str = ""
    paint: Paint = ""
    works: bool = False


_COMPOSITE = ("Steps", "StepGroup", "DAG", "TaskGroup", "Retry")


def draw_tree(workflow: dict[str, Any], layout: Layout) -> list[str]:
    """The lines of the tree with its header, none before the run has a root node."""
    return [line.text for line in draw_lines(workflow, layout)]


def draw_lines(workflow: dict[str, Any], layout: Layout) -> list[Line]:
    """The same, with what is known of each line."""
    name = workflow["metadata"]["name"]
    roots = grow(name, (workflow.get("status") or {}).get("nodes") or {})
    if not roots:
        return []
    headers = ["STEP", "TEMPLATE", "PODNAME", "DURATION", "MESSAGE"]
    if layout.output == "wide":
        headers[4:] = ["ARTIFACTS", "MESSAGE", "RESOURCESDURATION", "NODENAME"]
    elif layout.output == "short":
        headers.append("NODENAME")
    trees = [[_row(name, prefix, node, layout) for prefix, node in _walk(root, layout)] for root in roots]
    rows = [_Row(headers)]
    for tree in trees:
        if tree and len(rows) > 1:
            rows.append(_Row([""] * 6))
        rows += tree
    lines = []
    for row, cells in zip(rows, align([row.cells for row in rows], 2), strict=True):
        if row.paint:
            end = row.sign_at + len(row.sign)
            cells[0] = cells[0][: row.sign_at] + layout.palette.paint(row.sign, row.paint) + cells[0][end:]
        lines.append(Line("".join(cells).rstrip(), row.works))
    return lines


def pod_name_of(run: str, node: dict[str, Any]) -> str:
    """The pod's name of a node, as logs and trees print it."""
    reference = node.get("templateRef") or {}
    return pod_name(run, str(node.get("name") or ""), str(reference.get("template") or node.get("templateName") or ""))


def resources_text(durations: dict[str, Any] | None) -> str:
    """``2s*(1 cpu),4s*(100Mi memory)``."""
    parts = (
        f"{format_duration(int(seconds) * SECOND)}*({_UNITS.get(name, '1')} {name})"
        for name, seconds in sorted((durations or {}).items())
    )
    return ",".join(parts)


def _is_hidden(node: dict[str, Any], layout: Layout) -> bool:
    kind = node.get("type")
    if kind == "StepGroup" or (kind == "Retry" and len(node.get("children") or ()) == 1):
        return True
    if kind == "Skipped" and node.get("phase") == "Omitted":
        return True
    return layout.keep is not None and not layout.keep(node)


def _walk(root: Branch, layout: Layout) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each node that is drawn with what stands before its sign. A stack of our own: recursion in a run may be deep."""
    waiting: list[tuple[Branch, str, str]] = [(root, " ", " ")]
    while waiting:
        branch, before, below = waiting.pop()
        hidden = _is_hidden(branch.node, layout)
        if not hidden:
            yield (before if layout.palette.utf8 else before.translate(_ASCII)), branch.node
        is_group = hidden and branch.node.get("type") == "StepGroup"
        last = len(branch.children) - 1
        children = []
        for index, child in enumerate(branch.children):
            part, rest = _parts(index, last, is_group) if is_group or not hidden else ("", "")
            start = before if hidden and index == 0 else below
            children.append((child, start + part, below + rest))
        waiting += reversed(children)


def _parts(index: int, last: int, is_group: bool) -> tuple[str, str]:
    """A child's own branch, and what stands in that place before the rows below it."""
    if is_group and last == 0:
        return _ONLY, _BLANK
    if is_group and index == 0:
        return _FIRST, _LINE
    return (_LAST, _BLANK) if index == last else (_FORK, _LINE)


def _row(run: str, prefix: str, node: dict[str, Any], layout: Layout) -> _Row:
    sign = sign_of(node, layout.palette)
    is_pod = node.get("type") == "Pod"
    reference = node.get("templateRef")
    template = (
        f"{reference.get('name')}/{reference.get('template')}" if reference else str(node.get("templateName") or "")
    )
    cells = [
        f"{prefix}{sign.text} {visible(str(node.get('displayName') or node.get('name') or ''))}",
        template,
        pod_name_of(run, node) if is_pod else "",
        short_duration(node.get("startedAt"), node.get("finishedAt"), layout.now_ns) if is_pod else "",
    ]
    message = visible(str(node.get("message") or ""))
    host = str(node.get("hostNodeName") or "") if is_pod else ""
    if layout.output == "wide":
        cells += [_artifact_names(node), message, resources_text(node.get("resourcesDuration")), host]
    elif layout.output == "short":
        cells += [message, host]
    else:
        cells += [message, ""]
    works = node.get("phase") in ("Running", "Pending") and node.get("type") not in _COMPOSITE
    return _Row(cells, len(prefix), sign.text, sign.paint, works)


def _artifact_names(node: dict[str, Any]) -> str:
    artifacts: Sequence[dict[str, Any]] = (node.get("outputs") or {}).get("artifacts") or ()
    return ",".join(str(artifact.get("name")) for artifact in artifacts)
