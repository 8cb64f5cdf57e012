"""Suspend templates (§6.5): a node that waits for a person or a time, and gets its outputs from outside."""

from finale.engine.leaf import LATE
from finale.engine.nodes import move
from finale.engine.outputs import export_globals
from finale.engine.phases import FULFILLED
from finale.engine.scope import BodyScope, render
from finale.engine.state import Node
from finale.engine.turn import Turn
from finale.expr.tags import Mode, compile_text
from finale.plan.model import OutputParameter, Template
from finale.spec.values import any_string
from finale.units import parse_duration

__all__ = ["active_suspends", "begin", "end", "missing_output", "resume", "supplied_outputs", "time_over"]


def begin(turn: Turn, node: Node) -> None:
    """A suspend node was made: it waits, for its duration if it has one."""
    state = turn.state
    template = turn.template(node)
    supplied = supplied_outputs(template)
    if supplied:
        node.outputs = dict.fromkeys(output.name for output in supplied)
    if turn.is_shut(node):
        end(turn, node, f"Stopped with strategy '{state.shutdown}'")
        return
    if state.late and not node.on_exit:
        end(turn, node, LATE)
        return
    move(turn, node, "Running")
    duration = (template.body.get("suspend") or {}).get("duration")
    if duration:
        text = render(
            compile_text(any_string(duration)), BodyScope(turn, node, template), Mode.LENIENT, turn, node.name
        )
        try:
            due_ns = node.started_ns + parse_duration(text, bare_seconds=True)
        except ValueError as error:
            node.fault = True
            move(turn, node, "Error", f"unable to parse suspend duration: {error}")
            return
        turn.set_timer(f"suspend:{node.id}", due_ns)


def supplied_outputs(template: Template) -> list[OutputParameter]:
    """The outputs that are to be given by hand."""
    return [output for output in template.outputs if "supplied" in output.source]


def _default(template: Template, output: OutputParameter) -> str | None:
    """An output's default, else that of the input of the same name (operator.go, ``addRawOutputFields``)."""
    if output.default is not None:
        return output.default
    for parameter in template.inputs:
        if parameter.name == output.name and parameter.default is not None:
            return parameter.default.source
    return None


def missing_output(turn: Turn, node: Node) -> str:
    """Name of the first output that has neither a value nor a default; resuming must be refused then. Else empty."""
    template = turn.template(node)
    for output in supplied_outputs(template):
        if (node.outputs or {}).get(output.name) is None and _default(template, output) is None:
            return output.name
    return ""


def active_suspends(turn: Turn) -> list[Node]:
    """Suspend nodes that wait, in the order they began."""
    return [node for node in turn.state.nodes.values() if node.type == "Suspend" and node.phase == "Running"]


def resume(turn: Turn, node: Node, message: str) -> None:
    """The node goes on; outputs without a value take their defaults."""
    template = turn.template(node)
    for output in supplied_outputs(template):
        if node.outputs is not None and node.outputs.get(output.name) is None:
            node.outputs[output.name] = _default(template, output)
    turn.cancel_timer(f"suspend:{node.id}")
    export_globals(turn, node, template)
    move(turn, node, "Succeeded", message if not node.message or not message else f"{node.message}; {message}")


def time_over(turn: Turn, node: Node) -> None:
    """The duration has passed."""
    if node.phase != "Running":
        return
    missing = missing_output(turn, node)
    if missing:
        node.fault = True
        move(
            turn, node, "Error", f"raw output parameter '{missing}' has not been set and does not have a default value"
        )
        return
    resume(turn, node, "")


def end(turn: Turn, node: Node, reason: str) -> None:
    """Stop or deadline: the wait is over at once."""
    if node.phase not in FULFILLED:
        turn.cancel_timer(f"suspend:{node.id}")
        move(turn, node, "Failed", reason)
