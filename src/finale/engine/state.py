"""What is known of a run now. Plain data, serialisable, the fold of the run's events.

A *node* is one execution of a call. A node that runs other nodes has a *frame*: how far it has come. A node that was
called by a step, a task or the run itself has a *site*: its hooks, and what it owes its exit handler. The node's work is
over when its phase is fulfilled; it is *settled*, and its owner may go on, when its site has nothing open either. So a
parent cannot pass a child whose exit handler is still owed: the guarantee is a fact about state (style.md §3).
"""

from typing import Any, Literal

import msgspec

__all__ = [
    "CallRequest",
    "DagFrame",
    "Debt",
    "Frame",
    "GroupFrame",
    "LoopFrame",
    "Node",
    "Pending",
    "Queue",
    "RetryFrame",
    "Role",
    "RunState",
    "Site",
    "StepsFrame",
]

Role = Literal["root", "group", "call", "item", "attempt", "hook", "exit"]
"""What a node is to its owner: the run itself, a step group of Steps, an instance of a step or task, an item of a task
group, an attempt of a Retry node, a lifecycle hook or the exit handler of a node (or of the run)."""


class Queue(msgspec.Struct):
    """Deferred calls, first in, first out; taking one costs the same however many wait."""

    items: list["CallRequest"] = []
    head: int = 0

    def __len__(self) -> int:
        return len(self.items) - self.head

    def put(self, request: "CallRequest") -> None:
        """Behind all others."""
        self.items.append(request)

    def take(self) -> "CallRequest":
        """The oldest. Raises IndexError when empty."""
        request = self.items[self.head]
        self.head += 1
        if self.head * 2 > len(self.items):
            del self.items[: self.head]
            self.head = 0
        return request


class StepsFrame(msgspec.Struct, tag="steps"):
    """`group`: index of the group that runs now (-1 before the first). `active`: what the template's limit counts;
    `failing`: a child has failed and the template's `failFast` lets no other start."""

    group: int = -1
    failing: bool = False
    active: int = 0
    waiting: Queue = msgspec.field(default_factory=Queue)


class DagFrame(msgspec.Struct, tag="dag"):
    """`blockers`: task → number of its dependencies that are not settled; `left`: needed tasks that are not settled;
    `live`: tasks that were asked for and are not settled; `error`: the results a target needs cannot be read, which makes
    the DAG an Error. `active` and `failing` as in StepsFrame."""

    targets: tuple[str, ...] = ()
    blockers: dict[str, int] = {}
    left: int = 0
    live: int = 0
    error: str = ""
    failing: bool = False
    active: int = 0
    waiting: Queue = msgspec.field(default_factory=Queue)


class GroupFrame(msgspec.Struct, tag="group"):
    """A step group. `open`: instances not settled; `sealed`: all were asked for; `error`: why it will end Error."""

    open: int = 0
    sealed: bool = False
    error: str = ""


class LoopFrame(msgspec.Struct, tag="loop"):
    """A task group: `open` items not settled; `sealed` as in GroupFrame."""

    open: int = 0
    sealed: bool = False


class RetryFrame(msgspec.Struct, tag="retry"):
    """`attempts` started so far; `not_before_ns`: a backoff lasts until then (0: none)."""

    attempts: int = 0
    not_before_ns: int = 0
    first_started_ns: int = 0


Frame = StepsFrame | DagFrame | GroupFrame | LoopFrame | RetryFrame


class Site(msgspec.Struct):
    """Hooks and exit handler of a node. `waiting`: hooks that have not fired; `open`: hook nodes that are not settled;
    `exit`: whether the handler is owed, running, paid or waived (see `Debt`)."""

    waiting: list[str] = []
    open: int = 0
    exit: Literal["none", "owed", "running", "paid", "waived"] = "none"


class Debt(msgspec.Struct):
    """An exit handler that is owed. `work` is the node it belongs to, `handler` the handler node's id."""

    work: str
    template: str
    phase: Literal["owed", "running", "paid", "waived"] = "owed"
    reason: str = ""
    since_ns: int = 0


class Node(msgspec.Struct):
    """One node; the first part is Argo's NodeStatus (times in nanoseconds, 0 for none), the rest is ours.

    `inputs` holds the input parameters' values by name; `outputs` the output parameters' (None: declared, not produced).
    Of ours: `owner` is the node that is told when this one is settled and `role` what it is to it; `key` names its
    template; `call`, `index` and `item` say which step, task or loop item it is; `on_exit` marks work of exit handlers and
    all below; `outer` work of the run's own handlers and hooks, which see the final `workflow.status`; `fault` an Error of
    the call rather than of the work; `ending` why we end it; `settled`: its owner was
    told; `attempt` its number under a Retry node.
    """

    id: str
    name: str
    display_name: str
    type: str
    phase: str
    boundary: str = ""
    message: str = ""
    template_name: str = ""
    template_ref: dict[str, Any] | None = None
    template_scope: str = ""
    started_ns: int = 0
    finished_ns: int = 0
    hooked: bool = False
    retried: bool = False
    flagged: bool = False
    inputs: dict[str, str] = {}
    input_artifacts: tuple[dict[str, Any], ...] = ()
    outputs: dict[str, str | None] | None = None
    result: str | None = None
    exit_code: str | None = None
    output_artifacts: tuple[dict[str, Any], ...] = ()
    children: list[str] = []
    outbound: list[str] = []
    progress: str = ""
    pod_ip: str = ""
    host: str = ""
    daemoned: bool = False
    memoized: dict[str, Any] | None = None
    # ours
    owner: str = ""
    role: Role = "call"
    key: str = ""
    call: str = ""
    index: int = -1
    item: Any = None
    depth: int = 0
    on_exit: bool = False
    outer: bool = False
    fault: bool = False
    ending: str = ""
    settled: bool = False
    attempt: int = -1
    inline: dict[str, Any] | None = None
    frame: Frame | None = None
    site: Site | None = None


class CallRequest(msgspec.Struct):
    """Everything needed to start a node; kept as it is while a limit defers it.

    `arguments`: value by input name (None: an argument without a value, which wipes the input's default; a missing key:
    not supplied; `absent`: those that referred to an absent optional). `scope`: what the node prints as `templateScope`.
    `inline`: the body of an inline template, seen from the call. `error`: the call could not be made, and why.
    """

    name: str
    owner: str
    role: Role
    boundary: str = ""
    key: str = ""
    template_name: str = ""
    template_ref: dict[str, Any] | None = None
    scope: str = ""
    arguments: dict[str, str | None] = {}
    artifacts: dict[str, dict[str, Any]] = {}
    call: str = ""
    index: int = -1
    item: Any = None
    on_exit: bool = False
    outer: bool = False
    inline: dict[str, Any] | None = None
    absent: tuple[str, ...] = ()
    error: str = ""


class Pending(msgspec.Struct, array_like=True):
    """Something to look at: `node` was opened, has moved to `phase`, is fulfilled, is settled, or will not get the child it
    asked for (`refused`). Waits while the run is suspended."""

    what: Literal["opened", "moved", "fulfilled", "settled", "refused"]
    node: str
    phase: str = ""


class RunState(msgspec.Struct, dict=True):
    """One run. Times in nanoseconds, 0 for none.

    `workflow` and `definitions` are what was submitted. `globals` are the workflow variables that never change.
    `deadline_ns` and `late`: the run's own deadline, and that it has passed. `debts`: exit handlers by handler node id.
    `agenda`: what is still to be looked at. `waiting`: calls that the run's parallelism defers; `crowded`: boundaries whose
    own limit may have room again. `leaves`: leaves that were started and have not ended. `timers`: those that are set.
    `work_done` of `work_total`: the run's progress. `events`: how many were applied. `changed`: nodes changed since the
    shell last cleared it.
    """

    name: str = ""
    namespace: str = ""
    uid: str = ""
    workflow: dict[str, Any] = {}
    definitions: tuple[dict[str, Any], ...] = ()
    phase: str = ""
    message: str = ""
    created_ns: int = 0
    started_ns: int = 0
    finished_ns: int = 0
    deadline_ns: int = 0
    late: bool = False
    shutdown: str = ""
    suspended: bool = False
    nodes: dict[str, Node] = {}
    globals: dict[str, str] = {}
    outputs: dict[str, str] = {}
    output_artifacts: dict[str, dict[str, Any]] = {}
    debts: dict[str, Debt] = {}
    agenda: list[Pending] = []
    waiting: Queue = msgspec.field(default_factory=Queue)
    crowded: dict[str, None] = {}
    active_pods: int = 0
    leaves: dict[str, None] = {}
    timers: dict[str, int] = {}
    work_done: int = 0
    work_total: int = 0
    events: int = 0
    changed: set[str] = msgspec.field(default_factory=set)

    @property
    def finished(self) -> bool:
        """The run has its final phase; nothing will change any more by itself."""
        return self.finished_ns != 0
