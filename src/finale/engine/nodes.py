"""Making nodes, moving them from phase to phase, linking them. The only place that does either of the first two.

Counters that other rules rest on (active pods, active children of a boundary, progress) are kept here, so that they
cannot drift from the phases.
"""

import re
from typing import Any

from finale.engine.phases import FULFILLED, MOVES
from finale.engine.state import CallRequest, DagFrame, Node, Pending, Site, StepsFrame
from finale.engine.turn import Turn
from finale.errors import Bug
from finale.ids import node_id

__all__ = ["create", "last_attempt", "link", "move", "outbound_of"]

_SEPARATOR = re.compile(r"^(\[\d+\])?\.")
_WORK = frozenset({"Pod", "HTTP", "Plugin", "Container", "Suspend"})
"""Node types that count as work in progress figures (§1.8)."""

_ENDED_BY_CHILDREN = frozenset({"Retry", "Steps", "DAG"})

_COUNTED = frozenset({"Pod", "Steps", "DAG"})
"""Node types that template parallelism counts (§6.10)."""


def create(
    turn: Turn, request: CallRequest, node_type: str, phase: str, message: str = "", site: Site | None = None
) -> Node:
    """A node in its first phase, known to the state and to all counters.

    Its display name is the name without that of the boundary (§1.1). Ids are 32-bit hashes; should two names of a run
    meet in one, the later id gets a suffix instead of overwriting the other node.
    """
    state = turn.state
    identity = node_id(state.name, request.name)
    while identity in state.nodes and state.nodes[identity].name != request.name:
        identity += "-x"
    if identity in state.nodes:
        raise Bug(f'node "{request.name}" of run {state.name} was to be made twice. {_REPORT}')
    boundary = state.nodes.get(request.boundary)
    owner = state.nodes.get(request.owner)
    display = request.name
    if boundary is not None and display.startswith(boundary.name):
        display = _SEPARATOR.sub("", display[len(boundary.name) :], count=1)
    is_hook = request.role in ("hook", "exit") or (request.role == "attempt" and owner is not None and owner.hooked)
    node = Node(
        id=identity,
        name=request.name,
        display_name=display,
        type=node_type,
        phase="",
        boundary=request.boundary,
        message=message,
        template_name=request.template_name,
        template_ref=request.template_ref,
        template_scope=request.scope,
        started_ns=turn.now,
        hooked=is_hook,
        owner=request.owner,
        role=request.role,
        key=request.key,
        call=request.call,
        index=request.index,
        item=request.item,
        depth=(owner.depth + (request.role not in ("group", "attempt", "item"))) if owner is not None else 1,
        on_exit=request.on_exit,
        outer=request.outer,
        inline=request.inline,
        site=site,
    )
    state.nodes[identity] = node
    if node_type in _WORK:
        state.work_total += 1
    move(turn, node, phase)
    return node


_REPORT = "The state was left as it was; please report this with the run's journal."


def move(turn: Turn, node: Node, phase: str, message: str | None = None) -> None:
    """Move a node to a phase by the table of phases; a fulfilled node gets its time and goes on the agenda.

    Raises `Bug` for a move that does not exist.
    """
    before = node.phase
    if phase not in MOVES[before]:
        raise Bug(f'node "{node.name}" cannot move from {before or "nothing"} to {phase}. {_REPORT}')
    state = turn.state
    node.phase = phase
    if message is not None:
        node.message = message
    state.changed.add(node.id)
    was_active = before in ("Pending", "Running")
    is_active = phase in ("Pending", "Running")
    if was_active != is_active and node.type in _COUNTED:
        change = 1 if is_active else -1
        if node.type == "Pod":
            state.active_pods += change
        boundary = state.nodes.get(node.boundary)
        if boundary is not None and isinstance(boundary.frame, StepsFrame | DagFrame):
            boundary.frame.active += change
            if phase in ("Failed", "Error") and turn.template(boundary).fail_fast:
                boundary.frame.failing = True
            if boundary.frame.waiting:
                state.crowded[boundary.id] = None
    news = []
    if (node.site is not None and node.site.waiting) or node.role == "root":
        news.append(Pending("moved", node.id, phase))
    if phase in FULFILLED:
        node.finished_ns = turn.now
        if node.type in _WORK and phase == "Succeeded":
            state.work_done += 1
        news.append(Pending("fulfilled", node.id))
        if node.type in _ENDED_BY_CHILDREN and node.role in ("call", "item") and _in_dag(turn, node):
            # Argo sees such a task's end while it visits the task, and starts the exit handler at once; it looks at
            # hooks with the next visit. The order shows in the links behind a Retry node (D47).
            news.reverse()
    state.agenda.extend(news)


def _in_dag(turn: Turn, node: Node) -> bool:
    boundary = turn.state.nodes.get(node.boundary)
    return boundary is not None and boundary.type == "DAG"


def link(turn: Turn, parent: Node, child: Node) -> None:
    """Make `child` a child of `parent`, once."""
    children = parent.children
    if not children:
        parent.children = [child.id]
    elif children[-1] != child.id and (len(children) > 64 or child.id not in children):
        # Past a few dozen children only loops and groups remain, whose children are all new.
        children.append(child.id)
    turn.state.changed.add(parent.id)


def last_attempt(turn: Turn, node: Node) -> Node | None:
    """The newest attempt of a Retry node (its hooks are children too, and do not count)."""
    if node.type != "Retry":
        return None
    for child_id in reversed(node.children):
        child = turn.state.nodes[child_id]
        if child.role == "attempt":
            return child
    return None


def outbound_of(turn: Turn, node: Node) -> list[str]:
    """Ids of the nodes after which `node` is left, for the links to what follows it (§1.7)."""
    nodes = turn.state.nodes
    found: list[str] = []
    stack = [node.id]
    while stack:
        current = nodes[stack.pop()]
        below: list[str]
        if current.type == "Retry":
            found.extend(current.children[-1:])
            continue
        if current.type in ("TaskGroup", "Container") or (
            current.type == "Pod" and current.children and _is_set(turn, current)
        ):
            below = current.children
        elif current.type in ("Steps", "DAG") and not _is_hit(current):
            below = current.outbound
            if not below:
                continue
        else:
            below = []
        if below:
            stack.extend(reversed(below))
        else:
            found.append(current.id)
    return found


def _is_set(turn: Turn, node: Node) -> bool:
    return turn.plan.template(node.key).body.get("containerSet") is not None


def _is_hit(node: Node) -> bool:
    memoized: dict[str, Any] = node.memoized or {}
    return bool(memoized.get("hit"))
