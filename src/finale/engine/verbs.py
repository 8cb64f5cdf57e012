"""What people do to a run: stop, terminate, suspend, resume, set (§3.7, §6.5, §6.6, §9.4, §9.6).

`refusal` answers before the event is written whether it can be applied now; the rest applies it.
"""

from finale.engine import leaf, suspend
from finale.engine.events import Event, NodeSet, ResumeRequested, ShutdownRequested, SuspendRequested
from finale.engine.exit_handler import waive
from finale.engine.nodes import move
from finale.engine.outputs import export_globals
from finale.engine.selector import SelectorInvalid, matches, parse_selector
from finale.engine.state import Node, RunState
from finale.engine.turn import Turn

__all__ = ["refusal", "resume", "set_nodes", "shut_down", "suspend_run"]


def refusal(state: RunState, event: Event) -> str | None:
    """Why a verb cannot be applied in this state, in Argo's words; None if it can."""
    turn = Turn(state, event.at)
    match event:
        case ShutdownRequested():
            if state.finished:
                return f'cannot shutdown a completed workflow: workflow: "{state.name}", namespace: "{state.namespace}"'
            if state.shutdown == "Terminate" and event.strategy == "Stop":
                return f'cannot stop workflow "{state.name}": it is being terminated already'
        case SuspendRequested() if state.finished:
            return "cannot suspend completed workflows"
        case ResumeRequested():
            return _resume_refusal(turn, event)
        case NodeSet():
            return _set_refusal(turn, event)
    return None


def _resume_refusal(turn: Turn, event: ResumeRequested) -> str | None:
    try:
        parts = parse_selector(event.selector)
    except SelectorInvalid as error:
        return str(error)
    nodes = [node for node in suspend.active_suspends(turn) if matches(node, parts)]
    if parts and not nodes:
        return (
            f"currently, set only targets suspend nodes: no suspend nodes matching nodeFieldSelector: {event.selector}"
        )
    for node in nodes:
        missing = suspend.missing_output(turn, node)
        if missing:
            return f"raw output parameter '{missing}' has not been set and does not have a default value"
    return None


def _set_refusal(turn: Turn, event: NodeSet) -> str | None:
    if not event.selector:
        return "'set' currently only targets suspend nodes, use a node field selector to target them"
    try:
        parts = parse_selector(event.selector)
    except SelectorInvalid as error:
        return str(error)
    nodes = [node for node in suspend.active_suspends(turn) if matches(node, parts)]
    if not nodes:
        return (
            f"currently, set only targets suspend nodes: no suspend nodes matching nodeFieldSelector: {event.selector}"
        )
    for node in nodes:
        template = turn.template(node)
        supplied = {output.name for output in suspend.supplied_outputs(template)}
        if event.parameters and not supplied:
            return "cannot set output parameters because node is not expecting any raw parameters"
        for name in event.parameters:
            if name not in {output.name for output in template.outputs}:
                return f"node is not expecting output parameter '{name}'"
            if name not in supplied or (node.outputs or {}).get(name) is not None:
                return (
                    f"cannot set output parameter '{name}' because it does not use valueFrom.raw or it was already set"
                )
    return None


def shut_down(turn: Turn, event: ShutdownRequested) -> None:
    """Stop ends the work and lets exit handlers run; Terminate ends everything. A suspended run is no exception (D15)."""
    state = turn.state
    if state.finished:
        return
    state.shutdown = event.strategy
    state.suspended = False
    for node_id in list(state.leaves):
        node = state.nodes[node_id]
        if turn.is_shut(node):
            _end_leaf(turn, node)
    for node in suspend.active_suspends(turn):
        if turn.is_shut(node):
            suspend.end(turn, node, f"Stopped with strategy '{event.strategy}'")
    for timer in list(state.timers):
        kind, _, node_id = timer.partition(":")
        if kind == "retry" and turn.is_shut(state.nodes[node_id]):
            turn.set_timer(timer, turn.now)  # the next check ends it, with Argo's text
    if event.strategy == "Terminate" and not turn.plan.always_exits:
        _waive_open_debts(turn)


def _end_leaf(turn: Turn, node: Node) -> None:
    strategy = turn.state.shutdown
    if node.type in ("HTTP", "Plugin"):
        leaf.end(turn, node, f"Stopped with strategy '{strategy}'", f"Stopped with strategy '{strategy}'")
        return
    # Two spaces and one: Argo's own texts for a pod that runs and for one that does not yet (§3.7).
    leaf.end(
        turn, node, f"workflow shutdown with strategy:  {strategy}", f"workflow shutdown with strategy: {strategy}"
    )


def _waive_open_debts(turn: Turn) -> None:
    for debt in turn.state.debts.values():
        node = turn.state.nodes.get(debt.work)
        if debt.phase == "owed" and node is not None and node.site is not None and node.site.exit == "owed":
            waive(turn, node, "the run was terminated")


def suspend_run(turn: Turn) -> None:
    """Nothing new starts until the run is resumed; what runs goes on to its end."""
    if not turn.state.finished and not turn.state.shutdown:
        turn.state.suspended = True


def resume(turn: Turn, event: ResumeRequested) -> None:
    """Without a selector the whole run and every waiting suspend node; with one only the nodes that match."""
    parts = parse_selector(event.selector)
    if not parts:
        turn.state.suspended = False
    message = f"Resumed by: {event.user}" if event.user else ""
    for node in suspend.active_suspends(turn):
        if matches(node, parts):
            suspend.resume(turn, node, message)


def set_nodes(turn: Turn, event: NodeSet) -> None:
    """Give suspend nodes values, a phase, a message. A phase ends them; values alone leave them waiting."""
    parts = parse_selector(event.selector)
    for node in suspend.active_suspends(turn):
        if not matches(node, parts):
            continue
        if event.message:
            node.message = event.message
        if event.parameters:
            node.outputs = {**(node.outputs or {}), **event.parameters}
            export_globals(turn, node, turn.template(node))
        turn.state.changed.add(node.id)
        if event.phase == "Succeeded":
            suspend.resume(turn, node, "")
        elif event.phase:
            turn.cancel_timer(f"suspend:{node.id}")
            move(turn, node, event.phase)
