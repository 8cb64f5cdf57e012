"""A whole run on the pure engine: no loop, no disk, no waiting.

    state = run_to_end(manifest, {"build": [failed(1)], "cleanup": [succeeded()]})
    assert state.phase == "Failed"

Each leaf ends with the next outcome of its node's, else its template's name; the last one is repeated, and what has no
entry succeeds. Time passes only when nothing else is left to happen: then the earliest timer fires.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from finale.engine import RunState, decide, new_state
from finale.engine.commands import CancelTimer, Command, FinishRun, KillLeaf, SetTimer, StartLeaf
from finale.engine.events import Event, LeafFinished, LeafStarted, Submitted, TimerFired
from finale.engine.outcome import Outcome
from finale.ids import uid_from
from finale.units import SECOND, format_time

__all__ = ["failed", "run_to_end", "submitted", "succeeded"]

_START_NS = 1_700_000_000 * SECOND
_KILLED = Outcome(phase="Failed", exit_code=143, ended_by_us=True)


def succeeded(**parameters: str) -> Outcome:
    """Exit code 0, with output parameters."""
    return Outcome(phase="Succeeded", exit_code=0, parameters=parameters)


def failed(code: int = 1) -> Outcome:
    """The main container ended with `code`."""
    return Outcome(phase="Failed", exit_code=code, message=f"main: Error (exit code {code})")


def submitted(
    manifest: Mapping[str, Any], *, at: int = _START_NS, definitions: Sequence[dict[str, Any]] = ()
) -> Submitted:
    """The first event of a run, with the metadata that the runtime would give it; the uid follows from the name."""
    metadata = {"name": "wf", "namespace": "default", **(manifest.get("metadata") or {})}
    metadata.setdefault("uid", uid_from(metadata["name"].encode().ljust(16, b".")))
    metadata.setdefault("creationTimestamp", format_time(at))
    return Submitted(at=at, workflow={**manifest, "metadata": metadata}, definitions=tuple(definitions))


def run_to_end(
    manifest: Mapping[str, Any],
    outcomes: Mapping[str, Sequence[Outcome]] | None = None,
    *,
    definitions: Sequence[dict[str, Any]] = (),
) -> RunState:
    """The state after the last event. Raises ``AssertionError`` for a run that waits for something nobody brings."""
    script = {name: deque(given) for name, given in (outcomes or {}).items()}
    state, now = new_state(), _START_NS
    events: deque[Event] = deque([submitted(manifest, definitions=definitions)])
    timers: dict[str, int] = {}
    while not state.finished:
        if not events:
            assert timers, f"run {state.name} is {state.phase} and waits for nothing"
            timer = min(timers, key=lambda name: (timers[name], name))
            now = max(now, timers.pop(timer))
            events.append(TimerFired(at=now, timer=timer))
        for command in decide(state, events.popleft()):
            _carry_out(command, script, events, timers, now)
    return state


def _carry_out(
    command: Command, script: dict[str, deque[Outcome]], events: deque[Event], timers: dict[str, int], now: int
) -> None:
    match command:
        case StartLeaf():
            events.append(LeafStarted(at=now, node=command.node))
            events.append(LeafFinished(at=now, node=command.node, outcome=_next_outcome(command, script)))
        case KillLeaf():
            events.append(LeafFinished(at=now, node=command.node, outcome=_KILLED))
        case SetTimer():
            timers[command.timer] = command.due_ns
        case CancelTimer():
            timers.pop(command.timer, None)
        case FinishRun():
            pass
        case _:
            assert_never(command)


def _next_outcome(order: StartLeaf, script: dict[str, deque[Outcome]]) -> Outcome:
    for name in (order.node_name, str(order.template.get("name"))):
        if given := script.get(name):
            return given.popleft() if len(given) > 1 else given[0]
    return succeeded()
