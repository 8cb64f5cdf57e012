"""What the API can be asked to do: the operations behind every door (HTTP now, the page and schedules later).

Names follow Argo's services (WorkflowService, WorkflowTemplateService, InfoService). Objects are Argo's JSON. All
methods raise the family of `finale.errors` with Argo's texts.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import msgspec

from finale.problems import Problem
from finale.runtime.selectors import EVERYTHING, FieldSelector, LabelSelector

__all__ = [
    "Application",
    "Applied",
    "DefinitionService",
    "EngineInfo",
    "EngineService",
    "Json",
    "ListQuery",
    "Listing",
    "LogLine",
    "LogQuery",
    "Service",
    "WatchEvent",
    "WatchQuery",
    "WorkflowService",
]

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ListQuery:
    """An empty `namespace` means all. `name_filter`: ``""`` or ``Exact``, ``Prefix``, ``Contains`` for the selector's name.

    `with_nodes` asks for whole objects; without it nodes are left out, which spares reading finished runs.
    """

    namespace: str = ""
    labels: LabelSelector | None = None
    fields: FieldSelector = EVERYTHING
    name_filter: str = ""
    created_after_ns: int = 0
    finished_before_ns: int = 0
    limit: int = 0
    offset: int = 0
    with_nodes: bool = True


@dataclass(frozen=True, slots=True)
class Listing:
    """`remaining` objects follow those of this page."""

    items: list[Json]
    version: int
    remaining: int = 0


@dataclass(frozen=True, slots=True)
class WatchQuery:
    """Without `after_version` what is there comes first as ADDED. `only_changes`: later objects hold changed nodes only."""

    namespace: str = ""
    labels: LabelSelector | None = None
    fields: FieldSelector = EVERYTHING
    after_version: int = 0
    only_changes: bool = False


@dataclass(frozen=True, slots=True)
class WatchEvent:
    """One step of one run."""

    kind: Literal["ADDED", "MODIFIED", "DELETED"]
    object: Json


@dataclass(frozen=True, slots=True)
class LogQuery:
    """`pod` is a pod's name, or the id, name or display name of a node; empty for all pods of the run.

    `since_ns` is a time; lines of files last written before it are left out. `grep` is a regular expression (RE2).
    """

    pod: str = ""
    container: str = "main"
    follow: bool = False
    tail: int | None = None
    since_ns: int = 0
    limit_bytes: int = 0
    timestamps: bool = False
    grep: str = ""
    labels: LabelSelector | None = None


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line, without its end."""

    content: str
    pod_name: str


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of one object of an `apply`: ``created``, ``configured``, ``unchanged``."""

    kind: str
    namespace: str
    name: str
    action: str


@dataclass(frozen=True, slots=True)
class Application:
    """What an `apply` did, and what there was to say about the objects (texts)."""

    objects: list[Applied]
    notices: list[str]


class EngineInfo(msgspec.Struct, frozen=True, rename="camel"):
    """What the engine says of itself. `executor` is one sentence for a run's first line; `trouble` says what is wrong.

    `settings` are those in force that a command line may ask for: executor, sandbox, bind.
    """

    pid: int
    version: str
    home: str
    started_at: str
    uptime_s: float
    executor: str
    stays: bool
    runs: int
    active_runs: int
    timers: int
    clients: int
    trouble: str = ""
    repairs: tuple[str, ...] = ()
    settings: dict[str, str] = {}


class WorkflowService(Protocol):
    """Runs. `name` may be ``@latest``."""

    async def create(
        self,
        workflow: Json,
        namespace: str,
        *,
        dry_run: Literal["", "server", "all"] = "",
        found: list[Problem] | None = None,
    ) -> Json:
        """Submit. Raises `ManifestInvalid` with every Problem, `Conflict` when the name is taken.

        Problems that forbid nothing are added to `found`.
        """

    async def submit(self, kind: str, name: str, options: Json, namespace: str) -> Json:
        """Submit from a stored template, with Argo's submitOptions."""

    async def get(self, namespace: str, name: str, *, uid: str = "") -> Json:
        """One run."""

    async def select(self, query: ListQuery) -> Listing:
        """Runs: unfinished ones first, newest first."""

    async def watch(self, query: WatchQuery) -> AsyncIterator[WatchEvent]:
        """What happens to runs. Close the iterator when done."""

    async def logs(self, namespace: str, name: str, query: LogQuery) -> AsyncIterator[LogLine]:
        """Lines of logs; with `follow` until the run has ended."""

    async def stop(self, namespace: str, name: str, *, selector: str = "", message: str = "") -> Json:
        """End the work and run the exit handlers; with a selector: fail suspend nodes."""

    async def terminate(self, namespace: str, name: str) -> Json:
        """End everything at once."""

    async def suspend(self, namespace: str, name: str) -> Json:
        """Start nothing new."""

    async def resume(self, namespace: str, name: str, *, selector: str = "") -> Json:
        """Go on."""

    async def set_nodes(
        self,
        namespace: str,
        name: str,
        *,
        selector: str,
        phase: str = "",
        message: str = "",
        parameters: dict[str, str],
    ) -> Json:
        """Give suspend nodes values, a message, a phase."""

    async def delete(self, namespace: str, name: str) -> None:
        """Forget a run and end what runs of it."""

    async def lint(self, workflow: Json, namespace: str) -> tuple[Json, list[Problem]]:
        """The object as it would be stored, and its Problems (errors among them are not raised)."""


class DefinitionService(Protocol):
    """Stored objects: WorkflowTemplate, ClusterWorkflowTemplate (namespace ``""``), ConfigMap, Secret."""

    async def create(self, kind: str, namespace: str, body: Json) -> Json:
        """Store a new one. Raises `Conflict` when there is one of that name, `ManifestInvalid`."""

    async def update(self, kind: str, namespace: str, name: str, body: Json) -> Json:
        """Replace one. Raises `NotFound`, `ManifestInvalid`."""

    async def get(self, kind: str, namespace: str, name: str) -> Json:
        """Read one."""

    async def select(self, kind: str, query: ListQuery) -> Listing:
        """All of a kind."""

    async def delete(self, kind: str, namespace: str, name: str) -> None:
        """Remove one."""

    async def lint(self, kind: str, namespace: str, body: Json) -> tuple[Json, list[Problem]]:
        """The object and its Problems."""

    async def apply(self, objects: list[Json], namespace: str) -> Application:
        """What ``kubectl apply`` would do: store definitions, submit Workflows; all or, if any is invalid, none."""


class EngineService(Protocol):
    """The engine itself."""

    def info(self) -> EngineInfo:
        """See `EngineInfo`."""

    def stay(self) -> None:
        """Do not end when idle."""

    def end(self, *, kill: bool = False) -> None:
        """End. Runs go on when an engine starts again; with `kill`, running tasks are ended first."""


@dataclass(frozen=True, slots=True)
class Service:
    """Everything a door needs."""

    workflows: WorkflowService
    definitions: DefinitionService
    engine: EngineService
