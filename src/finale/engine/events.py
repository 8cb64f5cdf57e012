"""Everything that can happen to a run. Facts in the past tense; the journal keeps them and nothing else.

`at` is nanoseconds since the Unix epoch and the only clock the engine knows. Nodes are named by their id. Each event
is a msgspec struct with the tag ``event``, so a journal row is one line of JSON that a person can read.
"""

from typing import Any, Literal

import msgspec

from finale.engine.outcome import Outcome

__all__ = [
    "Event",
    "LeafFinished",
    "LeafProgressed",
    "LeafStarted",
    "NodeSet",
    "ResumeRequested",
    "ShutdownRequested",
    "Submitted",
    "SuspendRequested",
    "TimerFired",
]


class _Event(
    msgspec.Struct,
    frozen=True,
    omit_defaults=True,
    rename="camel",
    tag_field="event",
    tag=True,
    # An event of a newer program must be refused as a whole: a fold over half of it would be a wrong state.
    forbid_unknown_fields=True,
):
    at: int


class Submitted(_Event, frozen=True):
    """The run begins. `workflow` is the whole Workflow object (metadata with name, namespace, uid, creationTimestamp).

    `definitions` are the stored objects the run may refer to, as they are now: JSON objects of kinds
    WorkflowTemplate, ClusterWorkflowTemplate, ConfigMap (parameters) — a run keeps what it was started with.
    """

    workflow: dict[str, Any]
    definitions: tuple[dict[str, Any], ...] = ()


class LeafStarted(_Event, frozen=True):
    """The leaf's own process (or request) runs. `pod_ip` is its address, for daemons."""

    node: str
    host: str = ""
    pod_ip: str = ""


class LeafProgressed(_Event, frozen=True):
    """The leaf reported ``N/M`` of its work."""

    node: str
    progress: str


class LeafFinished(_Event, frozen=True):
    """The leaf's attempt is over and nothing of it runs any more."""

    node: str
    outcome: Outcome


class TimerFired(_Event, frozen=True):
    """A timer the engine set has come due. Firing one that was cancelled changes nothing."""

    timer: str


class ShutdownRequested(_Event, frozen=True):
    """``stop`` (exit handlers run) or ``terminate`` (they do not)."""

    strategy: Literal["Stop", "Terminate"]
    message: str = ""


class SuspendRequested(_Event, frozen=True):
    """The run shall start nothing new until it is resumed."""


class ResumeRequested(_Event, frozen=True):
    """Go on: the whole run and its suspend nodes, or only the suspend nodes that match `selector`."""

    selector: str = ""
    user: str = ""


class NodeSet(_Event, frozen=True):
    """Values given by hand to the suspend nodes that match `selector` (``argo node set``, ``stop --node-field-selector``)."""

    selector: str
    phase: Literal["", "Succeeded", "Failed", "Error"] = ""
    message: str = ""
    parameters: dict[str, str] = {}


Event = (
    Submitted
    | LeafStarted
    | LeafProgressed
    | LeafFinished
    | TimerFired
    | ShutdownRequested
    | SuspendRequested
    | ResumeRequested
    | NodeSet
)
