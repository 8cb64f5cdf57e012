"""Everything the engine can tell the shell to do. Orders; carrying one out twice must be harmless.

Commands are never journaled: they follow from the events. After a restart the shell asks `engine.outstanding(state)`
for the orders that are still open and gives them again.
"""

from typing import Any

import msgspec

__all__ = ["CancelTimer", "Command", "FinishRun", "KillLeaf", "SetTimer", "StartLeaf"]


class StartLeaf(msgspec.Struct, frozen=True):
    """Start one leaf. `node` is its id and, with the run's uid, the key under which it runs at most once.

    `template` is the template in Argo's JSON shape with every tag replaced (container, script, http …; also volumes,
    sidecars, initContainers, outputs with their paths). `inputs` and its artifacts are resolved. `deadline_ns` is the
    time by which the leaf must have ended (0: none); passing it ends the leaf as Failed with
    ``Pod was active on the node longer than the specified deadline``. `capture_result` asks for standard output.
    `retries` is the attempt's number. `on_exit` marks work that belongs to an exit handler.
    """

    node: str
    node_name: str
    pod_name: str
    template: dict[str, Any]
    inputs: dict[str, Any]
    deadline_ns: int = 0
    capture_result: bool = False
    on_exit: bool = False


class KillLeaf(msgspec.Struct, frozen=True):
    """End a leaf: SIGTERM, its grace period, then the whole tree. The LeafFinished that follows reports it."""

    node: str


class SetTimer(msgspec.Struct, frozen=True):
    """Send TimerFired with this name once `due_ns` has passed. A name is set at most once at a time; the later wins."""

    timer: str
    due_ns: int


class CancelTimer(msgspec.Struct, frozen=True):
    """Forget a timer."""

    timer: str


class FinishRun(msgspec.Struct, frozen=True):
    """The run has reached its final phase and every debt is paid or waived."""

    phase: str


Command = StartLeaf | KillLeaf | SetTimer | CancelTimer | FinishRun
