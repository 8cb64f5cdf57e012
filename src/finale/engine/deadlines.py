"""Deadlines: which limit ends what (as data; the shell keeps the time). §3.8, §6.2; D31."""

from finale.engine import leaf, suspend
from finale.engine.phases import FULFILLED
from finale.engine.state import Node
from finale.engine.turn import Turn
from finale.units import SECOND, parse_duration

__all__ = [
    "HANDLER_LIMIT_NS",
    "end_below",
    "handler_limit",
    "run_deadline",
    "set_run_deadline",
    "watch_handler",
]

HANDLER_LIMIT_NS = 24 * 3600 * SECOND
"""How long one exit handler may take, unless the annotation ``finale.dev/exit-limit`` says otherwise."""

OVER_LIMIT = "exit handler exceeded its limit"


def set_run_deadline(turn: Turn) -> None:
    """`spec.activeDeadlineSeconds` counts from the start of the run, exactly (D48)."""
    seconds = turn.plan.spec.get("activeDeadlineSeconds")
    if seconds is not None:
        turn.state.deadline_ns = turn.state.started_ns + int(seconds) * SECOND
        turn.set_timer("deadline", turn.state.deadline_ns)


def run_deadline(turn: Turn) -> None:
    """The run is late: all work that does not belong to an exit handler ends; no more of it starts."""
    state = turn.state
    if state.finished or state.late:
        return
    state.late = True
    for node in _active(turn):
        if not node.on_exit:
            _end(turn, node, leaf.LATE)


def watch_handler(turn: Turn, handler: str) -> None:
    """Give an exit handler its limit, so that none can hold a run for ever (G5)."""
    if handler in turn.state.nodes and turn.state.nodes[handler].phase in FULFILLED:
        return
    text = turn.plan.annotations.get("finale.dev/exit-limit")
    try:
        limit_ns = parse_duration(text, bare_seconds=True) if text else HANDLER_LIMIT_NS
    except ValueError:
        limit_ns = HANDLER_LIMIT_NS
    turn.set_timer(f"exit-limit:{handler}", turn.now + limit_ns)


def handler_limit(turn: Turn, handler: str) -> None:
    """An exit handler took too long: everything below it ends."""
    node = turn.state.nodes.get(handler)
    if node is not None and node.phase not in FULFILLED:
        end_below(turn, node, OVER_LIMIT)


def end_below(turn: Turn, top: Node, reason: str) -> None:
    """End every active leaf and wait of a node's subtree."""
    stack, seen = [top.id], {top.id}
    while stack:
        node = turn.node(stack.pop())
        _end(turn, node, reason)
        fresh = [child for child in node.children if child not in seen]
        seen.update(fresh)
        stack.extend(fresh)


def _end(turn: Turn, node: Node, reason: str) -> None:
    if node.type == "Suspend":
        suspend.end(turn, node, reason)
    elif node.type == "Retry":
        if turn.state.timers.get(f"retry:{node.id}"):
            turn.set_timer(f"retry:{node.id}", turn.now)
    elif node.id in turn.state.leaves:
        leaf.end(turn, node, reason, reason)


def _active(turn: Turn) -> list[Node]:
    """Leaves that run or wait, suspend nodes, and Retry nodes in a backoff."""
    state = turn.state
    found = [state.nodes[node_id] for node_id in state.leaves]
    for timer in state.timers:
        kind, _, node_id = timer.partition(":")
        if kind == "retry" and node_id in state.nodes:
            found.append(state.nodes[node_id])
    return found + suspend.active_suspends(turn)
