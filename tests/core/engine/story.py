"""A run told step by step: feed what happens, look at phases. The invariants are checked after every event."""

import textwrap
from typing import Any, Literal

import yaml

from finale.engine import decide, new_state, outstanding
from finale.engine.commands import Command, KillLeaf, SetTimer, StartLeaf
from finale.engine.events import (
    Event,
    LeafFinished,
    LeafStarted,
    NodeSet,
    ResumeRequested,
    ShutdownRequested,
    Submitted,
    SuspendRequested,
    TimerFired,
)
from finale.engine.invariants import broken_rules
from finale.engine.outcome import Outcome
from finale.engine.state import Node, RunState
from finale.units import SECOND

LEAF = {"container": {"image": "busybox", "command": ["true"]}}


class Story:
    """One run under the name ``w``. Spec text is a workflow's spec; templates `ok` and `bye` exist without being written."""

    def __init__(self, spec: str, fields: dict[str, Any] | None = None, **metadata: Any) -> None:
        body = {**yaml.safe_load(textwrap.dedent(spec)), **(fields or {})}
        known = {template["name"] for template in body.setdefault("templates", [])}
        body["templates"] += [{"name": name, **LEAF} for name in ("ok", "bye", "leaf") if name not in known]
        body.setdefault("entrypoint", "main")
        self.now = 1_000 * SECOND
        self.state: RunState = new_state()
        self.started: list[str] = []
        self.killed: list[str] = []
        self.timers: dict[str, int] = {}
        self.commands: dict[str, StartLeaf] = {}
        self.events: list[Event] = []
        workflow = {"metadata": {"name": "w", "namespace": "default", "uid": "u", **metadata}, "spec": body}
        self.feed(Submitted(self.now, workflow))

    def feed(self, event: Event) -> list[Command]:
        """One event; returns the commands."""
        self.events.append(event)
        commands = decide(self.state, event)
        assert broken_rules(self.state) == []
        for command in commands:
            if isinstance(command, StartLeaf):
                self.started.append(command.node_name)
                self.commands[command.node_name] = command
            elif isinstance(command, KillLeaf):
                self.killed.append(self.state.nodes[command.node].name)
            elif isinstance(command, SetTimer):
                self.timers[command.timer] = command.due_ns
        return commands

    def node(self, name: str) -> Node:
        """A node by its name."""
        return next(node for node in self.state.nodes.values() if node.name == name)

    def has(self, name: str) -> bool:
        """Whether a node of this name exists."""
        return any(node.name == name for node in self.state.nodes.values())

    def runs(self, name: str) -> None:
        """The leaf's process started."""
        self.now += SECOND
        self.feed(LeafStarted(self.now, self.node(name).id))

    def ends(
        self, name: str, code: int = 0, *, result: str | None = None, ended_by_us: bool = False, **parameters: str
    ) -> None:
        """The leaf's process ended with an exit code and these output parameters."""
        self.now += SECOND
        phase: Literal["Succeeded", "Failed"] = "Failed" if code else "Succeeded"
        message = f"main: Error (exit code {code})" if code else ""
        outcome = Outcome(phase, message, code, parameters, result, ended_by_us=ended_by_us)
        self.feed(LeafFinished(self.now, self.node(name).id, outcome))

    def is_lost(self, name: str) -> None:
        """Neither process nor exit record of the leaf could be found."""
        self.now += SECOND
        self.feed(LeafFinished(self.now, self.node(name).id, Outcome("Error", "lost", lost=True)))

    def verb(self, verb: str, **arguments: Any) -> None:
        """stop, terminate, suspend, resume, set."""
        self.now += SECOND
        event: Event
        match verb:
            case "stop":
                event = ShutdownRequested(self.now, "Stop")
            case "terminate":
                event = ShutdownRequested(self.now, "Terminate")
            case "suspend":
                event = SuspendRequested(self.now)
            case "resume":
                event = ResumeRequested(self.now, **arguments)
            case _:
                event = NodeSet(self.now, **arguments)
        self.feed(event)

    def timer(self, name: str) -> None:
        """Time passes until this timer is due."""
        self.now = max(self.now, self.timers[name])
        self.feed(TimerFired(self.now, name))

    def phases(self) -> dict[str, str]:
        """Phase of every node by its name without the run's."""
        return {node.name.removeprefix("w").removeprefix("."): node.phase for node in self.state.nodes.values()}

    @property
    def end(self) -> tuple[str, str]:
        """Phase and message of the run; fails if it has not ended."""
        assert self.state.finished, self.phases()
        return self.state.phase, self.state.message

    def running(self) -> list[str]:
        """Names of the leaves that were started and have not ended."""
        return [command.node_name for command in outstanding(self.state) if isinstance(command, StartLeaf)]
