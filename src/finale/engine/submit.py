"""The beginning and the end of a run: its variables, its root node, its final phase (§0.1, §2.2, §2.5)."""

from finale.engine import deadlines
from finale.engine.commands import CancelTimer, FinishRun
from finale.engine.events import Submitted
from finale.engine.globals import GlobalsInvalid, global_variables
from finale.engine.phases import FULFILLED, is_bad
from finale.engine.scope import RunScope, run_status
from finale.engine.sites import handler_id
from finale.engine.start import request_node
from finale.engine.state import CallRequest, Node, RunState
from finale.engine.turn import Turn
from finale.expr.tags import Mode, compile_text
from finale.plan.plan import TemplateMissing
from finale.units import parse_time

__all__ = ["begin", "finish", "root_moved"]


def begin(state: RunState, event: Submitted) -> Turn:
    """Take in what was submitted and open the root node, unless the run is submitted suspended."""
    metadata = event.workflow.get("metadata") or {}
    state.workflow, state.definitions = event.workflow, event.definitions
    state.name = metadata.get("name") or ""
    state.namespace = metadata.get("namespace") or ""
    state.uid = metadata.get("uid") or ""
    created = metadata.get("creationTimestamp")
    state.created_ns = parse_time(created) if created else event.at
    state.started_ns = event.at
    state.phase = "Running"
    try:
        turn = Turn(state, event.at)
    except TemplateMissing as error:
        return _stillborn(state, event, "Error", str(error))
    try:
        state.globals = global_variables(event.workflow, turn.plan, state.created_ns)
    except GlobalsInvalid as error:
        return _stillborn(state, event, "Failed", f"failed to set global parameters: {error}")
    _fill_arguments(turn)
    deadlines.set_run_deadline(turn)
    state.suspended = bool(turn.plan.spec.get("suspend"))
    plan = turn.plan
    request = CallRequest(
        state.name, "", "root", key=f"{plan.local_scope}/{plan.entrypoint}", template_name=plan.entrypoint
    )
    request.scope = plan.local_scope
    request.arguments = {
        argument.name: state.globals.get(f"workflow.parameters.{argument.name}")
        for argument in plan.arguments.parameters
    }
    request.artifacts = {artifact.name: artifact.body for artifact in plan.arguments.artifacts}
    if state.suspended:
        state.waiting.put(request)
    else:
        request_node(turn, request)
    return turn


def _stillborn(state: RunState, event: Submitted, phase: str, message: str) -> Turn:
    """The run fails before anything ran; nothing is owed yet (D2)."""
    state.workflow = {**event.workflow, "spec": {**event.workflow.get("spec", {}), "workflowTemplateRef": None}}
    turn = Turn(state, event.at)
    _end(turn, phase, message)
    return turn


def _fill_arguments(turn: Turn) -> None:
    """Values of workflow parameters may mention the run itself (``{{workflow.name}}``)."""
    scope = RunScope(turn, outer=False)
    for name, value in turn.state.globals.items():
        if name.startswith("workflow.parameters.") and "{{" in value and name != "workflow.parameters.json":
            turn.state.globals[name] = compile_text(value).render(
                scope, Mode.LENIENT, turn.surroundings(turn.state.name)
            )


def root_moved(turn: Turn, root: Node) -> None:
    """The root's phase is what the run's own hooks and handlers see; nothing else to do but show the change."""
    turn.state.changed.add(root.id)


def finish(turn: Turn, root: Node) -> None:
    """Root, hooks and exit handler are done: the run gets its phase and message by Argo's table (§2.2)."""
    state = turn.state
    assert root.phase in FULFILLED
    status = run_status(turn)
    handler = state.nodes.get(handler_id(turn, state.name))
    if status == "Succeeded":
        if handler is not None and is_bad(handler.phase):
            message = f"error in exit template execution : {handler.message}" if handler.fault else handler.message
            _end(turn, handler.phase, message)
        else:
            _end(turn, "Succeeded", "")
        return
    if state.shutdown:
        _end(turn, status, f"Stopped with strategy '{state.shutdown}'")
    elif root.fault:
        _end(turn, "Error", f"error in entry template execution: {root.message}")
    else:
        _end(turn, status, root.message)


def _end(turn: Turn, phase: str, message: str) -> None:
    state = turn.state
    state.phase, state.message = phase, message
    state.finished_ns = turn.now
    turn.commands.extend(CancelTimer(timer) for timer in state.timers)
    state.timers.clear()
    turn.commands.append(FinishRun(phase))
