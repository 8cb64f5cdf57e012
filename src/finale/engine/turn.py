"""`Turn`: one decision in progress — the state it changes, the plan it follows, the commands it gives.

Everything in this folder is a function over a Turn. `now` is the event's time; there is no other clock.
"""

from finale.engine.commands import CancelTimer, Command, SetTimer
from finale.engine.state import Node, RunState
from finale.expr.surroundings import Surroundings
from finale.ids import fnv1a
from finale.plan.model import Template
from finale.plan.plan import Plan, build_plan

__all__ = ["Turn", "plan_of"]


def plan_of(state: RunState) -> Plan:
    """The run's plan; built once per process and kept beside the state, outside of what is saved."""
    plan = state.__dict__.get("plan")
    if plan is None:
        plan = state.__dict__["plan"] = build_plan(state.workflow, state.definitions)
    assert isinstance(plan, Plan)
    return plan


class Turn:
    """See the module. `commands` is what `decide` returns."""

    __slots__ = ("_draws", "commands", "now", "plan", "state")

    def __init__(self, state: RunState, now: int) -> None:
        self.state = state
        self.plan = plan_of(state)
        self.now = now
        self.commands: list[Command] = []
        self._draws = 0

    def template(self, node: Node) -> Template:
        """The template a node runs. Only for nodes whose template was found."""
        if node.inline is None:
            return self.plan.template(node.key)
        known: dict[str, Template] = self.state.__dict__.setdefault("inline", {})
        if node.id not in known:
            known[node.id] = self.plan.inline(node.key, node.inline)
        return known[node.id]

    def node(self, node_id: str) -> Node:
        """A node by its id."""
        return self.state.nodes[node_id]

    def below(self, boundary: Node, suffix: str) -> Node | None:
        """The node named like `boundary` with `suffix` behind it, if it exists."""
        hashes: dict[str, int] = self.state.__dict__.setdefault("hashes", {})
        start = hashes.get(boundary.id)
        if start is None:
            start = hashes[boundary.id] = fnv1a(boundary.name)
        node = self.state.nodes.get(f"{self.state.name}-{fnv1a(suffix, start)}")
        while node is not None and node.name != boundary.name + suffix:
            node = self.state.nodes.get(f"{node.id}-x")
        return node

    def is_shut(self, node: Node) -> bool:
        """Whether a stop or terminate forbids work of this node; exit handlers are spared by stop, and always by the
        annotation ``finale.dev/exit-policy: always``."""
        spared = node.on_exit and (self.state.shutdown == "Stop" or self.plan.always_exits)
        return bool(self.state.shutdown) and not spared

    def surroundings(self, node_name: str) -> Surroundings:
        """Time and chance for expressions: the event's time, and a seed of its own for each text, which a replay repeats."""
        self._draws += 1
        return Surroundings(self.now, f"{self.state.uid}/{node_name}/{self.state.events}/{self._draws}".encode())

    def set_timer(self, timer: str, due_ns: int) -> None:
        """Ask for a TimerFired of this name."""
        self.state.timers[timer] = due_ns
        self.commands.append(SetTimer(timer, due_ns))

    def cancel_timer(self, timer: str) -> None:
        """Forget a timer if it is set."""
        if self.state.timers.pop(timer, None) is not None:
            self.commands.append(CancelTimer(timer))
