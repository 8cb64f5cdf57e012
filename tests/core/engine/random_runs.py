"""Random workflows and random endings, for the properties that matter most. A failure is repeated by its seed."""

from random import Random
from typing import Any

from hypothesis import strategies as st

from finale.engine import decide, new_state, outstanding
from finale.engine.commands import CancelTimer, Command, KillLeaf, SetTimer, StartLeaf
from finale.engine.events import (
    Event,
    LeafFinished,
    LeafStarted,
    ResumeRequested,
    ShutdownRequested,
    Submitted,
    TimerFired,
)
from finale.engine.outcome import Outcome
from finale.engine.state import RunState
from finale.units import SECOND

__all__ = ["World", "workflows"]

_STATUSES = ("Running", "Succeeded", "Failed", "Error")
_LEAVES = ("plain", "again", "wait", "out")


@st.composite
def _hooks(draw: st.DrawFn, word: str, name: str, below: list[str]) -> dict[str, Any]:
    """Handlers of one step or task, or none."""
    found: dict[str, Any] = {}
    if draw(st.booleans()):
        handler = draw(st.sampled_from([*_LEAVES, *below, "missing"]))
        if draw(st.booleans()):
            found["onExit"] = handler
        else:
            hook: dict[str, Any] = {"template": handler}
            if draw(st.integers(0, 3)) == 0:
                hook["expression"] = f"{word}['{name}'].status == '{draw(st.sampled_from(_STATUSES))}'"
            found["hooks"] = {"exit": hook}
    if draw(st.integers(0, 3)) == 0:
        expression = f"{word}['{name}'].status == '{draw(st.sampled_from(_STATUSES))}'"
        found.setdefault("hooks", {})["seen"] = {"template": draw(st.sampled_from(_LEAVES)), "expression": expression}
    return found


@st.composite
def _call(draw: st.DrawFn, word: str, name: str, below: list[str]) -> dict[str, Any]:
    call: dict[str, Any] = {"name": name, "template": draw(st.sampled_from([*_LEAVES, *below]))}
    if call["template"] in _LEAVES and draw(st.integers(0, 3)) == 0:  # loops over composites would grow without bound
        call["withItems"] = draw(st.lists(st.sampled_from(["x", "y", 1]), max_size=3))
    if draw(st.integers(0, 5)) == 0:
        call["when"] = draw(st.sampled_from(["true", "false", "1 > 2", "maybe"]))
    return {**call, **draw(_hooks(word, name, below))}


@st.composite
def _composite(draw: st.DrawFn, name: str, below: list[str]) -> dict[str, Any]:
    body: dict[str, Any] = {"name": name}
    if draw(st.integers(0, 3)) == 0:
        body["parallelism"] = draw(st.integers(1, 2))
    if draw(st.integers(0, 5)) == 0:
        body["failFast"] = True
    if draw(st.integers(0, 6)) == 0:
        body["retryStrategy"] = {"limit": 1}
    if draw(st.booleans()):
        groups = []
        for group in range(draw(st.integers(1, 2))):
            steps = []
            for number in range(draw(st.integers(1, 3))):
                step = draw(_call("steps", f"s{group}{number}", below))
                if draw(st.integers(0, 3)) == 0:
                    step["continueOn"] = {"failed": True, "error": draw(st.booleans())}
                steps.append(step)
            groups.append(steps)
        return {**body, "steps": groups}
    tasks: list[dict[str, Any]] = []
    for number in range(draw(st.integers(1, 4))):
        task = draw(_call("tasks", f"t{number}", below))
        if number and draw(st.booleans()):
            other = f"t{draw(st.integers(0, number - 1))}"
            task["depends"] = draw(
                st.sampled_from([other, f"{other}.Failed || {other}.Errored", f"!{other}.Succeeded"])
            )
        tasks.append(task)
    return {**body, "dag": {"tasks": tasks, "failFast": draw(st.booleans())}}


@st.composite
def workflows(draw: st.DrawFn) -> dict[str, Any]:
    """A Workflow object named ``w``: up to three composites deep, with handlers everywhere."""
    leaf = {"image": "busybox", "command": ["true"]}
    templates: list[dict[str, Any]] = [
        {"name": "plain", "container": leaf},
        {"name": "again", "retryStrategy": {"limit": 2, "backoff": {"duration": "3"}}, "container": leaf},
        {"name": "wait", "suspend": {"duration": "5"}},
        {"name": "out", "container": leaf, "outputs": {"parameters": [{"name": "p", "valueFrom": {"path": "/tmp/p"}}]}},
    ]
    below: list[str] = []
    for number in range(draw(st.integers(1, 3))):
        templates.append(draw(_composite(f"c{number}", list(below))))
        below.append(f"c{number}")
    spec: dict[str, Any] = {"entrypoint": below[-1], "templates": templates}
    if draw(st.booleans()):
        spec["onExit"] = draw(st.sampled_from([*_LEAVES, *below[:-1], "missing"]))
    if draw(st.integers(0, 2)) == 0:
        status = draw(st.sampled_from(_STATUSES))
        spec["hooks"] = {"seen": {"template": "plain", "expression": f"workflow.status == '{status}'"}}
    if draw(st.integers(0, 3)) == 0:
        spec["parallelism"] = draw(st.integers(1, 2))
    if draw(st.integers(0, 3)) == 0:
        spec["activeDeadlineSeconds"] = draw(st.integers(1, 20))
    return {"metadata": {"name": "w", "namespace": "default", "uid": "u"}, "spec": spec}


class World:
    """A shell without processes: which leaves and timers are open, and what happens next by chance."""

    def __init__(self, workflow: dict[str, Any]) -> None:
        self.state = new_state()
        self.now = 1_000 * SECOND
        self.leaves: dict[str, bool] = {}
        self.timers: dict[str, int] = {}
        self.killed: set[str] = set()
        self.events: list[Event] = []
        self.launches: list[str] = []
        self.feed(Submitted(self.now, workflow))

    def feed(self, event: Event) -> None:
        """One event; the commands change what is open."""
        self.events.append(event)
        self.obey(decide(self.state, event))

    def obey(self, commands: list[Command]) -> None:
        """Carry commands out."""
        for command in commands:
            match command:
                case StartLeaf():
                    self.launches.append(command.node)
                    self.leaves.setdefault(command.node, False)
                case KillLeaf():
                    self.killed.add(command.node)
                case SetTimer():
                    self.timers[command.timer] = command.due_ns
                case CancelTimer():
                    self.timers.pop(command.timer, None)

    def restart(self, state: RunState) -> None:
        """The engine died and came back with this state: what is open is asked for again."""
        self.state = state
        self.timers.clear()
        launched = list(self.launches)
        self.obey(outstanding(state))
        self.launches = launched

    def happen(self, chance: Random) -> None:
        """One thing that can happen now."""
        self.now += SECOND
        choices: list[str] = [*(f"leaf {node}" for node in self.leaves), *(f"timer {timer}" for timer in self.timers)]
        if chance.random() < 0.02 or not choices:
            choices = ["stop", "terminate", "resume"]
        kind, _, name = chance.choice(choices).partition(" ")
        match kind:
            case "leaf":
                self._leaf(chance, name)
            case "timer":
                self.now = max(self.now, self.timers.pop(name))
                self.feed(TimerFired(self.now, name))
            case "stop" if self.state.shutdown != "Terminate":
                self.feed(ShutdownRequested(self.now, "Stop"))
            case "terminate":
                self.feed(ShutdownRequested(self.now, "Terminate"))
            case "resume":
                self.feed(ResumeRequested(self.now))

    def _leaf(self, chance: Random, node: str) -> None:
        if not self.leaves[node] and chance.random() < 0.6:
            self.leaves[node] = True
            self.feed(LeafStarted(self.now, node))
            return
        del self.leaves[node]
        if node in self.killed:
            outcome = Outcome("Failed", "main: Error (exit code 143)", 143, ended_by_us=True)
        else:
            outcome = chance.choice(_OUTCOMES)
        self.feed(LeafFinished(self.now, node, outcome))


_OUTCOMES = (
    Outcome("Succeeded", "", 0, {"p": "v"}),
    Outcome("Succeeded", "", 0, {"p": "v"}),
    Outcome("Failed", "main: Error (exit code 1)", 1),
    Outcome("Error", "lost", lost=True),
)
