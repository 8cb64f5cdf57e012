"""What a call owes besides its work: the hooks that may fire and the exit handler, written down when its node is made (G1)."""

from finale.engine.state import CallRequest, Debt, Node, Site
from finale.engine.turn import Turn
from finale.ids import node_id
from finale.plan.model import Hook

__all__ = ["exit_hook_of", "group_site", "handler_id", "hook_of", "hooks_of", "new_site"]


def new_site(turn: Turn, request: CallRequest) -> Site | None:
    """The site of a node about to be made, None if it has neither hooks nor an exit handler."""
    exit_hook, hooks = _declared(turn, request.role, request.boundary, request.call)
    if request.role == "item":
        hooks = ()  # they belong to the task group, as in Argo (§3.5)
    if exit_hook is None and not hooks:
        return None
    site = Site(waiting=[hook.name for hook in hooks])
    if exit_hook is not None:
        site.exit = "owed"
        target = exit_hook.target
        name = target.name or target.ref_template
        turn.state.debts[handler_id(turn, request.name)] = Debt(
            work=node_id(turn.state.name, request.name), template=name.source if name else "", since_ns=turn.now
        )
    return site


def group_site(turn: Turn, request: CallRequest) -> Site | None:
    """The site of a task group: its hooks; exit handlers belong to the items (D5)."""
    _, hooks = _declared(turn, request.role, request.boundary, request.call)
    return Site(waiting=[hook.name for hook in hooks]) if hooks else None


def _declared(turn: Turn, role: str, boundary_id: str, call: str) -> tuple[Hook | None, tuple[Hook, ...]]:
    if role == "root":
        return turn.plan.exit, turn.plan.hooks
    if role in ("call", "item"):
        found = turn.template(turn.state.nodes[boundary_id]).calls[call]
        return found.exit, found.hooks
    return None, ()


def hooks_of(turn: Turn, node: Node) -> tuple[Hook, ...]:
    """The lifecycle hooks declared for a node."""
    return _declared(turn, node.role, node.boundary, node.call)[1]


def hook_of(turn: Turn, node: Node, name: str) -> Hook:
    """One of them by name."""
    return next(hook for hook in hooks_of(turn, node) if hook.name == name)


def exit_hook_of(turn: Turn, node: Node) -> Hook:
    """The exit handler declared for a node that owes one."""
    exit_hook = _declared(turn, node.role, node.boundary, node.call)[0]
    assert exit_hook is not None
    return exit_hook


def handler_id(turn: Turn, work_name: str) -> str:
    """Id of the exit handler's node of the node of this name."""
    return node_id(turn.state.name, f"{work_name}.onExit")
