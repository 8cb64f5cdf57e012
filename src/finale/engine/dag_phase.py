"""The phase of a finished DAG, from the branches that reach its targets (§5.3; argo-workflows dag.go, ``assessDAGPhase``).

A walk from the DAG's first nodes along the children carries a *branch phase*: that of the last node on the way that
completed. Omitted and skipped nodes inherit it, so a failure in the middle fails the DAG through the tasks that it
omitted, while a task that ran after it clears it. Hooks and exit handlers are passed through without counting (D47).
"""

from collections import deque

from finale.engine.nodes import last_attempt
from finale.engine.phases import COMPLETED, is_bad
from finale.engine.state import Node
from finale.engine.turn import Turn
from finale.plan.model import Template

__all__ = ["assess"]


def assess(turn: Turn, dag: Node, template: Template, targets: tuple[str, ...]) -> str:
    """Succeeded, Failed or Error. Every needed task must be settled."""
    reached = _branch_phases(turn, dag, targets)
    result = "Succeeded"
    for target in targets:
        node = turn.below(dag, f".{target}")
        phase = reached.get(node.id, "") if node is not None else ""
        if is_bad(phase) and not template.tasks[target].call.continues_on(phase):
            result = phase
            if template.dag_fail_fast:
                break
    return result


def _branch_phases(turn: Turn, dag: Node, targets: tuple[str, ...]) -> dict[str, str]:
    """The phase with which each target is reached; once bad it stays so."""
    nodes = turn.state.nodes
    wanted = {node.id for target in targets if (node := turn.below(dag, f".{target}")) is not None}
    reached: dict[str, str] = {}
    queue = deque((child, "Succeeded") for child in dag.children)
    seen = set(queue)
    while queue:
        node_id, phase = queue.popleft()
        node = nodes[node_id]
        if node.phase in COMPLETED and not node.hooked:
            phase = node.phase
        if node_id in wanted and not is_bad(reached.get(node_id, "")):
            reached[node_id] = phase
        for child in _onward(turn, node):
            if (child, phase) not in seen:
                seen.add((child, phase))
                queue.append((child, phase))
    return reached


def _onward(turn: Turn, node: Node) -> list[str]:
    """Where the walk goes from a node; the attempts of a Retry node do not count, what follows them does."""
    if node.type != "Retry" or last_attempt(turn, node) is None:
        return node.children
    onward: list[str] = []
    for child_id in reversed(node.children):
        child = turn.node(child_id)
        if child.hooked:
            onward.append(child_id)
        else:
            onward.extend(child.children)
    return onward
