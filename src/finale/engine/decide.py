"""`decide(state, event) → commands`: the only door of the engine.

Whatever happens to a run comes in here as an event; the state is changed in place and orders to the shell come out. No
clock, disk, network or dice. An event costs what it touches, never the size of the run.

How it works: an event changes nodes; each change that others must look at goes on the state's *agenda*
(`opened`, `moved`, `fulfilled`, `settled`), which is worked off here, first come first served. While a run is suspended
the agenda waits. When it is empty, calls that a limit had deferred get their turn.
"""

from typing import assert_never

from finale.engine import dag, deadlines, exit_handler, hooks, leaf, retry, start, steps, submit, suspend, verbs
from finale.engine.commands import Command, SetTimer
from finale.engine.events import (
    Event,
    LeafFinished,
    LeafProgressed,
    LeafStarted,
    NodeSet,
    ResumeRequested,
    ShutdownRequested,
    Submitted,
    SuspendRequested,
    TimerFired,
)
from finale.engine.limits import next_admitted
from finale.engine.state import Node, Pending, RunState
from finale.engine.turn import Turn
from finale.errors import Bug

__all__ = ["decide", "new_state", "outstanding"]


def new_state() -> RunState:
    """The state of a run of which nothing is known; the first event has to be Submitted."""
    return RunState()


def decide(state: RunState, event: Event) -> list[Command]:
    """Apply one event. Raises `Bug` for an event that cannot be; events that come late or twice change nothing."""
    if isinstance(event, Submitted):
        if state.events:
            raise Bug(f"run {state.name} was submitted twice; the state was left as it was")
        state.events = 1
        turn = submit.begin(state, event)
    elif not state.events:
        raise Bug(f"the first event of a run is {type(event).__name__}, expected Submitted")
    else:
        state.events += 1
        turn = Turn(state, event.at)
        _apply(turn, event)
    _work_off(turn)
    return turn.commands


def _apply(turn: Turn, event: Event) -> None:
    state = turn.state
    match event:
        case LeafStarted():
            if event.node in state.leaves:
                leaf.started(turn, turn.node(event.node), event.host, event.pod_ip)
        case LeafProgressed():
            if event.node in state.leaves:
                leaf.progressed(turn, turn.node(event.node), event.progress)
        case LeafFinished():
            if event.node in state.leaves:
                leaf.finished(turn, turn.node(event.node), event.outcome)
        case TimerFired():
            _timer(turn, event.timer)
        case ShutdownRequested():
            verbs.shut_down(turn, event)
        case SuspendRequested():
            verbs.suspend_run(turn)
        case ResumeRequested():
            verbs.resume(turn, event)
        case NodeSet():
            verbs.set_nodes(turn, event)
        case Submitted():
            pass
        case _:
            assert_never(event)


def _timer(turn: Turn, timer: str) -> None:
    due_ns = turn.state.timers.get(timer)
    if due_ns is None or due_ns > turn.now:
        if due_ns is not None:
            turn.commands.append(SetTimer(timer, due_ns))  # fired too early, by a clock that was set back
        return
    del turn.state.timers[timer]
    kind, _, node_id = timer.partition(":")
    if kind == "deadline":
        deadlines.run_deadline(turn)
        return
    node = turn.state.nodes.get(node_id)
    if node is None:
        return
    match kind:
        case "retry":
            retry.backoff_over(turn, node)
        case "suspend":
            suspend.time_over(turn, node)
        case "timeout":
            leaf.timed_out(turn, node)
        case "exit-limit":
            deadlines.handler_limit(turn, node_id)


def _work_off(turn: Turn) -> None:
    state = turn.state
    while not state.suspended:
        while state.agenda:
            batch, state.agenda = state.agenda, []
            for pending in batch:
                _look_at(turn, pending)
        request = next_admitted(turn)
        if request is not None:
            start.open_node(turn, request)
        elif not state.agenda:
            return


def _look_at(turn: Turn, pending: Pending) -> None:
    node = turn.node(pending.node)
    match pending.what:
        case "opened":
            _run_template(turn, node)
        case "moved":
            if node.role == "root":
                submit.root_moved(turn, node)
            hooks.evaluate(turn, node, pending.phase)
        case "fulfilled":
            exit_handler.work_ended(turn, node)
        case "refused":
            _child_refused(turn, node)
        case "settled":
            if not node.settled and exit_handler.is_settled(node):
                node.settled = True
                _tell_owner(turn, node)


def _child_refused(turn: Turn, owner: Node) -> None:
    match owner.type:
        case "StepGroup":
            steps.child_settled(turn, owner, None)
        case "TaskGroup":
            dag.item_settled(turn, owner)
        case _:
            dag.task_refused(turn, owner)


def _run_template(turn: Turn, node: Node) -> None:
    match node.type:
        case "Retry":
            retry.begin(turn, node)
        case "Steps":
            steps.begin(turn, node)
        case "DAG":
            dag.begin(turn, node)
        case "Suspend":
            suspend.begin(turn, node)
        case _:
            leaf.begin(turn, node)


def _tell_owner(turn: Turn, node: Node) -> None:
    """A node is settled: its work and everything owed for it are done, so whatever waited for it goes on."""
    if node.role == "root":
        submit.finish(turn, node)
        return
    owner = turn.node(node.owner)
    match node.role:
        case "group":
            steps.group_settled(turn, owner, node)
        case "call":
            if owner.type == "DAG":
                dag.task_settled(turn, owner, node.call)
            else:
                steps.child_settled(turn, owner, node)
        case "item":
            dag.item_settled(turn, owner)
        case "attempt":
            retry.attempt_settled(turn, owner)
        case "hook" | "exit":
            exit_handler.handler_settled(turn, owner, node)
        case _:
            assert_never(node.role)


def outstanding(state: RunState) -> list[Command]:
    """The orders that are still open, for a shell that starts again: leaves that have not ended, timers, kills."""
    if state.finished:
        return []
    turn = Turn(state, state.started_ns)
    commands: list[Command] = [SetTimer(timer, due_ns) for timer, due_ns in state.timers.items()]
    for node_id in state.leaves:
        node = state.nodes[node_id]
        turn.now = node.started_ns
        commands.append(leaf.start_command(turn, node))
        if node.ending:
            commands.append(leaf.kill_command(node))
    return commands
