"""Progress figures ``N/M``: of the run from its counters, of composite nodes from what is below them (§1.8)."""

from finale.engine.state import Node, RunState

__all__ = ["progress_below", "run_progress"]

_WORK = frozenset({"Pod", "HTTP", "Plugin", "Container", "Suspend"})
_COMPOSITE = frozenset({"Steps", "StepGroup", "DAG", "TaskGroup", "Retry"})
"""Those whose progress is that of what they run. A skipped node leads to what follows it, but that is not its own: walking
on from each of thousands of skipped items would cost the square of their number."""


def run_progress(state: RunState) -> str:
    """Over all nodes that work, handlers included; empty before there is any."""
    return f"{state.work_done}/{state.work_total}" if state.work_total else ""


def progress_below(state: RunState) -> dict[str, str]:
    """Progress of every node by its id; a composite's is the sum over all work among its descendants, each once.

    Descendants are what `children` lead to: a step group's include those of the groups that follow. A node is always older
    than its children, so one pass from the newest adds up whatever is a tree; below a join each composite is walked.
    """
    joins = _joins(state)
    sums: dict[str, tuple[int, int] | None] = {}
    shown: dict[str, str] = {}
    for node in reversed(list(state.nodes.values())):
        own = _own(node) if node.type in _WORK else (0, 0)
        below = _tree_sum(node, sums, joins, own)
        sums[node.id] = below
        if node.type in _COMPOSITE:
            own = below if below is not None else _walk(state, node)
        shown[node.id] = f"{own[0]}/{own[1]}" if own[1] else ""
    return shown


def _joins(state: RunState) -> set[str]:
    """Nodes with more than one parent."""
    seen: set[str] = set()
    joins: set[str] = set()
    for node in state.nodes.values():
        for child in node.children:
            (joins if child in seen else seen).add(child)
    return joins


def _tree_sum(
    node: Node, sums: dict[str, tuple[int, int] | None], joins: set[str], own: tuple[int, int]
) -> tuple[int, int] | None:
    """The sum over a node and all below it; None where two ways lead to the same node."""
    count, whole = own
    for child in node.children:
        below = sums.get(child)
        if below is None or child in joins:
            return None
        count, whole = count + below[0], whole + below[1]
    return count, whole


def _walk(state: RunState, node: Node) -> tuple[int, int]:
    count = whole = 0
    seen, stack = set(node.children), list(node.children)
    while stack:
        current = state.nodes.get(stack.pop())
        if current is None:
            continue
        if current.type in _WORK:
            done, of = _own(current)
            count, whole = count + done, whole + of
        new = [child for child in current.children if child not in seen]
        seen.update(new)
        stack += new
    return count, whole


def _own(node: Node) -> tuple[int, int]:
    count, _, whole = (node.progress or "0/1").partition("/")
    try:
        numbers = int(count), int(whole)
    except ValueError:
        numbers = 0, 1
    return (numbers[1], numbers[1]) if node.phase in ("Succeeded", "Skipped", "Omitted") else numbers
