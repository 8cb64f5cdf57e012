"""The plan: what will run. A spec with defaults filled, references keyed and texts compiled; immutable.

A template is known by its key, ``<scope>/<name>``, where the scope says whose templates a name is looked up among:
``local/<workflow>``, ``namespaced/<WorkflowTemplate>`` or ``cluster/<ClusterWorkflowTemplate>`` (Argo prints the scope
as `templateScope`). An inline template's key is that of the template around it with ``#<step or task>`` behind it.
"""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from finale.expr.depends import Depends
from finale.expr.tags import Text

__all__ = [
    "Argument",
    "Arguments",
    "ArtifactArgument",
    "Call",
    "Hook",
    "InputParameter",
    "Kind",
    "Loop",
    "OutputParameter",
    "Retry",
    "Target",
    "Task",
    "Template",
]


class Kind(Enum):
    """What a template is; the value is the type of the nodes it makes."""

    CONTAINER = "container"
    SCRIPT = "script"
    RESOURCE = "resource"
    DATA = "data"
    CONTAINER_SET = "containerSet"
    STEPS = "steps"
    DAG = "dag"
    SUSPEND = "suspend"
    HTTP = "http"
    PLUGIN = "plugin"
    UNKNOWN = ""

    @property
    def node_type(self) -> str:
        """Argo's node type (spec/argo-semantics.md §1.4)."""
        return _NODE_TYPES.get(self, "Pod")

    @property
    def is_pod(self) -> bool:
        """Whether Argo would make a pod of it: it counts for parallelism and has an exit code."""
        return self in _PODS

    @property
    def is_leaf(self) -> bool:
        """Whether it does work itself, by an executor."""
        return self in _PODS or self in (Kind.HTTP, Kind.PLUGIN)


_NODE_TYPES = {
    Kind.STEPS: "Steps",
    Kind.DAG: "DAG",
    Kind.SUSPEND: "Suspend",
    Kind.HTTP: "HTTP",
    Kind.PLUGIN: "Plugin",
    Kind.UNKNOWN: "Skipped",
}
_PODS = frozenset({Kind.CONTAINER, Kind.SCRIPT, Kind.RESOURCE, Kind.DATA, Kind.CONTAINER_SET})


@dataclass(frozen=True, slots=True)
class Target:
    """The template a call names: by `name`, by reference, or `inline`. Names may hold tags."""

    name: Text | None = None
    ref_name: Text | None = None
    ref_template: Text | None = None
    cluster_scope: bool = False
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument parameter: a value with tags, or the raw `valueFrom`, or neither (which wipes the input's default)."""

    name: str
    value: Text | None
    value_from: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class ArtifactArgument:
    """One argument artifact: its JSON with tags, and the reference if it has one."""

    name: str
    body: dict[str, Any]
    source: str = ""
    expression: str = ""
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a call passes."""

    parameters: tuple[Argument, ...] = ()
    artifacts: tuple[ArtifactArgument, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Neither parameters nor artifacts."""
        return not self.parameters and not self.artifacts


@dataclass(frozen=True, slots=True)
class Hook:
    """A lifecycle hook or an exit handler. `from_on_exit`: declared by `onExit`, so it gets the workflow's arguments."""

    name: str
    target: Target
    arguments: Arguments
    expression: str = ""
    from_on_exit: bool = False


@dataclass(frozen=True, slots=True)
class Loop:
    """Exactly one of the three ways to expand a call."""

    items: tuple[Any, ...] | None = None
    param: Text | None = None
    sequence: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A step, or the common part of a task: a template with arguments, its condition, its handlers."""

    name: str
    target: Target
    arguments: Arguments
    when: Text | None = None
    loop: Loop | None = None
    continue_on_error: bool = False
    continue_on_failed: bool = False
    exit: Hook | None = None
    hooks: tuple[Hook, ...] = ()

    def continues_on(self, phase: str) -> bool:
        """Whether `continueOn` covers this phase."""
        return (phase == "Error" and self.continue_on_error) or (phase == "Failed" and self.continue_on_failed)


@dataclass(frozen=True, slots=True)
class Task:
    """A DAG task: its call, what it depends on (`depends` None: a root), and who depends on it."""

    call: Call
    depends: Depends | None
    dependencies: tuple[str, ...]
    dependents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InputParameter:
    """An input with its own value or default (both may hold tags); `body` is its JSON, for the status."""

    name: str
    value: Text | None
    default: Text | None
    value_from: dict[str, Any] | None
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class OutputParameter:
    """An output; `source` is its `valueFrom` (or an empty dict), `default` its default."""

    name: str
    source: dict[str, Any]
    default: str | None
    global_name: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Retry:
    """A retry strategy; texts are read when a decision is due, as Argo does. `body` is its JSON, with tags."""

    body: dict[str, Any]

    limit: Any = None
    policy: str = ""
    expression: str = ""
    backoff: dict[str, Any] | None = None

    @property
    def effective_policy(self) -> str:
        """Explicit, else Always with an expression, else OnFailure."""
        return self.policy or ("Always" if self.expression else "OnFailure")


@dataclass(frozen=True, slots=True)
class Template:
    """One template. `body` is its whole JSON; composites also have their calls in typed form.

    `group_of`: the index of each step's group; `ancestry` is filled by `plan.graph.ancestors`.
    """

    key: str
    scope: str
    name: str
    kind: Kind
    body: dict[str, Any]
    inputs: tuple[InputParameter, ...] = ()
    input_artifacts: tuple[dict[str, Any], ...] = ()
    outputs: tuple[OutputParameter, ...] = ()
    output_artifacts: tuple[dict[str, Any], ...] = ()
    steps: tuple[tuple[Call, ...], ...] = ()
    tasks: dict[str, Task] = field(default_factory=dict)
    calls: dict[str, Call] = field(default_factory=dict)
    group_of: dict[str, int] = field(default_factory=dict)
    ancestry: dict[str, frozenset[str]] = field(default_factory=dict)
    target: Text | None = None
    dag_fail_fast: bool = True
    retry: Retry | None = None
    parallelism: int | None = None
    fail_fast: bool = False
    timeout: Text | None = None
    pending_timeout: Text | None = None
    active_deadline: Text | None = None
    daemon: bool = False
    memoize: dict[str, Any] | None = None
    synchronization: dict[str, Any] | None = None

    @property
    def is_composite(self) -> bool:
        """Steps or DAG."""
        return self.kind is Kind.STEPS or self.kind is Kind.DAG
