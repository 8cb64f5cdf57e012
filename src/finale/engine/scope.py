"""Which variables a text sees, and what they are worth now. A chain: run ← template body ← steps or tasks ← item or own node.

Look-ups go to the state by name and copy nothing, so that a task of a large DAG costs what it mentions. Names and
values by spec/argo-semantics.md §2.5, §2.6; the chain stands for Argo's successive replacements (§2.7.11).
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from finale.engine.aggregate import aggregate
from finale.engine.failures import failures_text
from finale.engine.nodes import last_attempt
from finale.engine.state import Node
from finale.engine.turn import Turn
from finale.expr.tags import MISSING, FlatScope, Mode, Scope, Text, compile_text
from finale.plan.graph import ancestors
from finale.plan.model import Kind, Template
from finale.plan.plan import TemplateMissing
from finale.units import format_time

__all__ = [
    "AnyScope",
    "BodyScope",
    "CallScope",
    "ExtraScope",
    "RunScope",
    "instance_name",
    "own_attributes",
    "pod_name_of",
    "render",
    "render_tree",
    "run_status",
    "seconds_text",
]


def run_status(turn: Turn) -> str:
    """`workflow.status` as the run's own hooks and handlers see it: derived from the root node (§2.1)."""
    root = turn.state.nodes.get(turn.state.name)
    phase = root.phase if root is not None else turn.state.phase
    return "Succeeded" if phase in ("Skipped", "Omitted") else phase


class RunScope:
    """The workflow variables. `outer`: seen from the run's own hooks and handlers, after the root was evaluated."""

    def __init__(self, turn: Turn, *, outer: bool) -> None:
        self._turn = turn
        self._outer = outer

    def lookup(self, name: str) -> object:
        """The value of a workflow variable or MISSING."""
        state = self._turn.state
        found = state.globals.get(name)
        if found is not None:
            return found
        if name == "workflow.status":
            if self._outer:
                return run_status(self._turn)
            return "" if state.events == 1 else "Running"
        if name == "workflow.failures":
            return failures_text(self._turn) if self._outer else MISSING
        if name == "workflow.duration":
            return f"{(self._turn.now - state.started_ns) / 1e9:.6f}"
        if name.startswith("workflow.outputs.parameters."):
            return state.outputs.get(name[28:], MISSING)
        if name.startswith("workflow.outputs.artifacts."):
            return state.output_artifacts.get(name[27:], MISSING)
        return MISSING

    def flat(self) -> dict[str, object]:
        """All of them by name, for expressions."""
        state = self._turn.state
        values: dict[str, object] = dict(state.globals)
        for name in ("workflow.status", "workflow.failures", "workflow.duration"):
            if (value := self.lookup(name)) is not MISSING:
                values[name] = value
        values.update({f"workflow.outputs.parameters.{name}": value for name, value in state.outputs.items()})
        values.update({f"workflow.outputs.artifacts.{name}": value for name, value in state.output_artifacts.items()})
        return values

    def environment(self) -> Mapping[str, object]:
        """Nested, for expressions."""
        return FlatScope(self.flat()).environment()


class ExtraScope:
    """A few values before another scope's: inputs and locals of a body, `item`, a node's own fields."""

    def __init__(self, values: Mapping[str, object], parent: "AnyScope") -> None:
        self._values = values
        self._parent = parent

    def lookup(self, name: str) -> object:
        """Own value first."""
        found = self._values.get(name, MISSING)
        return self._parent.lookup(name) if found is MISSING else found

    def flat(self) -> dict[str, object]:
        """All by name."""
        return {**self._parent.flat(), **self._values}

    def environment(self) -> Mapping[str, object]:
        """Nested; what the parent makes lazily stays lazy."""
        nested = dict(self._parent.environment())
        for root, values in FlatScope(dict(self._values)).environment().items():
            below = nested.get(root)
            nested[root] = (
                _Layered(values, below) if isinstance(values, Mapping) and isinstance(below, Mapping) else values
            )
        return nested


class _Layered(Mapping[str, object]):
    """Two nested environments seen as one; the upper wins, inner maps are layered again."""

    def __init__(self, upper: Mapping[str, object], lower: Mapping[str, object]) -> None:
        self._upper, self._lower = upper, lower

    def __getitem__(self, key: str) -> object:
        if key not in self._upper:
            return self._lower[key]
        value = self._upper[key]
        below = self._lower.get(key)
        return _Layered(value, below) if isinstance(value, Mapping) and isinstance(below, Mapping) else value

    def __iter__(self) -> Iterator[str]:
        yield from self._lower
        yield from (key for key in self._upper if key not in self._lower)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class BodyScope(ExtraScope):
    """What the body of a node's template sees: inputs and locals over the run's variables (§2.6, first rows)."""

    def __init__(self, turn: Turn, node: Node, template: Template) -> None:
        self._node, self._template = node, template
        values: dict[str, object] = {f"inputs.parameters.{name}": value for name, value in node.inputs.items()}
        for artifact in node.input_artifacts:
            values[f"inputs.artifacts.{artifact['name']}"] = artifact
            if artifact.get("path"):
                values[f"inputs.artifacts.{artifact['name']}.path"] = artifact["path"]
        for artifact in template.output_artifacts:
            if artifact.get("path"):
                values[f"outputs.artifacts.{artifact['name']}.path"] = artifact["path"]
        for output in template.outputs:
            if output.source.get("path"):
                values[f"outputs.parameters.{output.name}.path"] = output.source["path"]
        values.update(_locals(turn, node, template))
        super().__init__(values, RunScope(turn, outer=node.outer))

    def lookup(self, name: str) -> object:
        """`inputs.parameters` as a whole is JSON text; it exists for plain tags only (§2.8)."""
        if name == "inputs.parameters":
            entries = [
                {**parameter.body, "value": self._node.inputs[parameter.name]}
                for parameter in self._template.inputs
                if parameter.name in self._node.inputs
            ]
            return msgspec.json.encode(entries).decode()
        return super().lookup(name)


def _locals(turn: Turn, node: Node, template: Template) -> dict[str, object]:
    owner = turn.state.nodes.get(node.owner)
    outer = owner if node.role == "attempt" and owner is not None else node
    values: dict[str, object] = {"node.name": outer.name}
    if template.kind.is_pod and (node.type != "Retry"):
        values["pod.name"] = pod_name_of(turn, node, template)
    boundary = turn.state.nodes.get(node.boundary)
    is_task = outer.role in ("call", "item") and boundary is not None and boundary.type == "DAG"
    word = "tasks" if is_task else "steps"
    values[f"{word}.name"] = instance_name(outer) if outer.role in ("call", "item") else ""
    if node.role == "attempt" and owner is not None:
        values["retries"] = str(node.attempt)
        previous = _attempt_before(turn, owner, node)
        values["lastRetry.exitCode"] = (previous.exit_code or "0") if previous else "0"
        values["lastRetry.status"] = previous.phase if previous else ""
        values["lastRetry.duration"] = seconds_text(previous) if previous else "0"
        values["lastRetry.message"] = previous.message if previous else ""
    return values


def _attempt_before(turn: Turn, retry: Node, attempt: Node) -> Node | None:
    wanted = attempt.attempt - 1
    for child_id in reversed(retry.children):
        child = turn.state.nodes[child_id]
        if child.role == "attempt" and child.attempt == wanted:
            return child
    return None


def seconds_text(node: Node) -> str:
    """A node's duration as Go prints the seconds: shortest form, ``0`` for none."""
    seconds = (node.finished_ns - node.started_ns) / 1e9
    text = f"{seconds:.9f}".rstrip("0").rstrip(".")
    return text or "0"


def instance_name(node: Node) -> str:
    """The step's or task's name with the item behind it: ``s`` or ``s(0:x)``."""
    if node.index < 0:
        return node.call
    return node.call + node.name[node.name.rindex(f"{node.call}({node.index}:") + len(node.call) :]


def pod_name_of(turn: Turn, node: Node, template: Template) -> str:
    """Argo's name of the pod that would run this node (§1.3)."""
    name = str((node.template_ref or {}).get("template") or template.name)
    if node.name == turn.state.name:
        return node.name
    return f"{turn.state.name}-{name}"[:242] + "-" + node.id.rsplit("-", 1)[-1] if name else node.id


class CallScope:
    """Results of earlier steps, or of a task's ancestors, over the body scope of the boundary.

    `until`: the index of the step group that looks (it sees groups before it), or the task's name, or None: everything
    (outputs of the template). `word` is ``steps`` or ``tasks``.
    """

    def __init__(
        self, turn: Turn, boundary: Node, template: Template, until: int | str | None, body: BodyScope
    ) -> None:
        self._turn = turn
        self._boundary = boundary
        self._template = template
        self._until = until
        self._body = body
        self.word = "tasks" if template.kind is Kind.DAG else "steps"

    def lookup(self, name: str) -> object:
        """A result of a step or task, else what the body sees."""
        if name.startswith(("steps.", "tasks.")):
            word, _, rest = name.partition(".")
            call, _, attribute = rest.partition(".")
            if word == self.word and attribute and self._sees(call):
                return _attributes(self._turn, self._boundary, self._template, call).get(attribute, MISSING)
        return self._body.lookup(name)

    def _sees(self, call: str) -> bool:
        if call not in self._template.calls:
            return False
        if self._until is None:
            return True
        if isinstance(self._until, int):
            return self._template.group_of[call] < self._until
        return call in self._template.tasks[self._until].dependencies or call in ancestors(self._template, self._until)

    def flat(self) -> dict[str, object]:
        """All by name: costs as much as there are results."""
        values = self._body.flat()
        for call in self._template.calls:
            if self._sees(call):
                for attribute, value in _attributes(self._turn, self._boundary, self._template, call).items():
                    values[f"{self.word}.{call}.{attribute}"] = value
        return values

    def environment(self) -> Mapping[str, object]:
        """Nested; the results are looked up when an expression reads them."""
        nested = dict(self._body.environment())
        below = nested.get(self.word)
        results: Mapping[str, object] = _Calls(self)
        nested[self.word] = _Layered(results, below) if isinstance(below, Mapping) else results
        return nested

    def result(self, call: str) -> Mapping[str, object] | None:
        """One step's or task's results, nested, or None when it cannot be seen or was not run."""
        if not self._sees(call):
            return None
        flat = _attributes(self._turn, self._boundary, self._template, call)
        return FlatScope(flat).environment() if flat else None

    def names(self) -> Iterator[str]:
        """Steps or tasks that have results to see."""
        return (call for call in self._template.calls if self._sees(call))


class _Calls(Mapping[str, object]):
    """``steps`` or ``tasks`` in an expression."""

    def __init__(self, scope: CallScope) -> None:
        self._scope = scope

    def __getitem__(self, key: str) -> object:
        found = self._scope.result(key)
        if found is None:
            raise KeyError(key)
        return found

    def __iter__(self) -> Iterator[str]:
        return self._scope.names()

    def __len__(self) -> int:
        return sum(1 for _ in self)


AnyScope = RunScope | ExtraScope | CallScope


def _attributes(turn: Turn, boundary: Node, template: Template, call: str) -> Mapping[str, object]:
    """Everything known of one step or task of a boundary, by attribute. Lists over a finished loop are kept."""
    node = _node_of(turn, boundary, template, call)
    if node is None:
        return {}
    if node.type in ("StepGroup", "TaskGroup"):
        cache: dict[tuple[str, str], Mapping[str, object]] = turn.state.__dict__.setdefault("aggregates", {})
        known = cache.get((node.id, call))
        if known is None:
            known = {**own_attributes(turn, node), **aggregate(turn, template, call, node)}
            if node.finished_ns:
                cache[node.id, call] = known
        return known
    values = own_attributes(turn, node)
    if node.outputs is None and node.result is None and node.phase in ("Skipped", "Omitted"):
        values.update(_skipped(turn, boundary, template, call))
    return values


def _node_of(turn: Turn, boundary: Node, template: Template, call: str) -> Node | None:
    """The node of a call; the step group stands for an expanded step (§4.6)."""
    if template.kind is Kind.DAG:
        return turn.below(boundary, f".{call}")
    place = f"[{template.group_of[call]}]"
    node = turn.below(boundary, f"{place}.{call}")
    if node is None and template.calls[call].loop is not None:
        return turn.below(boundary, place)
    return node


def own_attributes(turn: Turn, node: Node) -> dict[str, object]:
    """A node's own results; for a Retry node those of its last attempt (operator.go, ``buildLocalScope``)."""
    source = last_attempt(turn, node) or node
    values: dict[str, object] = {"id": source.id, "status": source.phase}
    if source.started_ns:
        values["startedAt"] = format_time(source.started_ns)
    if source.finished_ns:
        values["finishedAt"] = format_time(source.finished_ns)
    if source.pod_ip:
        values["ip"] = source.pod_ip
    if source.host:
        values["hostNodeName"] = source.host
    if source.result is not None:
        values["outputs.result"] = source.result
    if source.exit_code is not None:
        values["exitCode"] = source.exit_code
    for name, value in (source.outputs or {}).items():
        if value is not None:
            values[f"outputs.parameters.{name}"] = value
    for artifact in source.output_artifacts:
        values[f"outputs.artifacts.{artifact['name']}"] = artifact
    return values


def _skipped(turn: Turn, boundary: Node, template: Template, call: str) -> dict[str, object]:
    """What a skipped or omitted call publishes: declared defaults, else None, an absent optional (§7.6)."""
    try:
        target = turn.plan.resolve(
            template.calls[call].target, template.scope, template.key, call, lambda text: text.source
        )
    except TemplateMissing:
        return {}
    values: dict[str, object] = {f"outputs.parameters.{output.name}": output.default for output in target.outputs}
    if template.kind is Kind.STEPS:
        values.update({f"outputs.artifacts.{artifact['name']}": {} for artifact in target.output_artifacts})
    return values


def render(text: Text, scope: Scope, mode: Mode, turn: Turn, node_name: str) -> str:
    """A text with its tags replaced; what the replacement brought in is looked at once more (§2.7.11)."""
    if text.is_plain:
        return text.source
    surroundings = turn.surroundings(node_name)
    done = text.render(scope, mode, surroundings)
    if "{{" in done and done != text.source:
        again = compile_text(done)
        return again.render(scope, mode, surroundings)
    return done


def render_tree(value: Any, scope: Scope, turn: Turn, node_name: str) -> Any:
    """A JSON value with all tags in its strings replaced leniently; parts without tags are shared, not copied."""
    if isinstance(value, str):
        return render(compile_text(value), scope, Mode.LENIENT, turn, node_name) if "{{" in value else value
    if isinstance(value, dict):
        changed = {
            key: new for key, old in value.items() if (new := render_tree(old, scope, turn, node_name)) is not old
        }
        return {**value, **changed} if changed else value
    if isinstance(value, list):
        items = [render_tree(item, scope, turn, node_name) for item in value]
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    return value
