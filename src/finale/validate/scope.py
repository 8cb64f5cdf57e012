"""Which variables a place sees, judged as Argo's lint judges them.

Names come in three kinds. KNOWN ones are there. UNKNOWN ones Argo refuses. LOOSE ones pass Argo's lint although at run
time nothing will be there (a task that is no ancestor, a step of the same group): those are warnings.

Only tags that begin like a variable of Argo's are judged; all others belong to the user's own program.
Source: resolveAllVariables, addOutputsToScope and addItemsToScope in argo-workflows workflow/validate/validate.go;
spec/argo-semantics.md §2.5, §2.6, §8.9.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

__all__ = ["ITEM_ANY", "Globals", "NodeTable", "Scope", "Verdict"]

_JUDGED = ("item.", "steps.", "inputs.", "outputs.", "pod.", "workflow.", "tasks.")
_LATE = (
    "outputs.",
    "workflow.creationTimestamp",
    "workflow.scheduledTime",
    "workflow.duration",
    "tasks.name",
    "steps.name",
    "node.name",
)
"""Beginnings of what exists only at run time; Argo lets all of them pass."""
_PARAMETER_OUTPUT = "workflow.outputs.parameters."
_ARTIFACT_OUTPUT = "workflow.outputs.artifacts."
ITEM_ANY = "item.*"
"""Stands for every key of an item whose keys are known only at run time."""
_ALWAYS = (
    *("workflow.name", "workflow.namespace", "workflow.mainEntrypoint", "workflow.serviceAccountName", "workflow.uid"),
    *(
        "workflow.labels",
        "workflow.labels.json",
        "workflow.annotations",
        "workflow.annotations.json",
        "workflow.status",
    ),
)
_OTHER_ROOTS = frozenset(
    {"item", "retries", "lastRetry", "pod", "node", "workflow", "inputs", "outputs", "steps", "tasks"}
)
_GROUPS = (".parameters", ".labels", ".annotations")
"""Variables that are a map in an expression: what they hold must be there by its own name."""
_MOST_CANDIDATES = 2_000


class Verdict(Enum):
    """How a name stands at a place."""

    KNOWN = 0
    LOOSE = 1
    UNKNOWN = 2


class NodeTable(Protocol):
    """The steps or tasks whose results a place may read."""

    word: str
    """``steps`` or ``tasks``."""

    def judge(self, node: str, attribute: str) -> Verdict:
        """How ``<word>.<node>.<attribute>`` stands."""

    def attributes(self, node: str) -> frozenset[str]:
        """What can be read of a node, however loosely; empty for one that is not there."""

    def nodes(self) -> Iterator[str]:
        """The names of the nodes that can be read."""


@dataclass(slots=True)
class Globals:
    """The workflow's variables. They grow while templates are visited, for an output's `globalName` adds one."""

    names: set[str] = field(default_factory=lambda: set(_ALWAYS))
    constants: dict[str, str] = field(default_factory=dict)
    any_parameter_output: bool = False
    any_artifact_output: bool = False
    any_parameter: bool = False
    """A template checked by itself: whoever calls it may have parameters of any name."""

    def knows(self, name: str) -> bool:
        """Whether a workflow variable of that name exists."""
        return (
            name in self.names
            or (self.any_parameter_output and name.startswith(_PARAMETER_OUTPUT))
            or (self.any_artifact_output and name.startswith(_ARTIFACT_OUTPUT))
            or (self.any_parameter and name.startswith("workflow.parameters"))
        )


class Scope:
    """What one place sees: the workflow's variables, names of its own, steps or tasks, and an outer scope if it has one.

    `constants`: inputs whose value is known before the run. `loose`: names that only lint believes in.
    """

    __slots__ = ("constants", "globals", "loose", "names", "nodes", "outer")

    def __init__(
        self,
        globals_: Globals,
        names: Iterable[str] = (),
        *,
        nodes: NodeTable | None = None,
        constants: Mapping[str, str] | None = None,
        loose: Iterable[str] = (),
        outer: "Scope | None" = None,
    ) -> None:
        self.globals = globals_
        self.names = set(names)
        self.nodes = nodes
        self.constants = dict(constants or {})
        self.loose = set(loose)
        self.outer = outer

    def with_names(self, names: Iterable[str]) -> "Scope":
        """A copy that knows further names."""
        known = self.names.union(names)
        return Scope(
            self.globals, known, nodes=self.nodes, constants=self.constants, loose=self.loose, outer=self.outer
        )

    def judge(self, name: str) -> Verdict:
        """How a simple tag's name stands here."""
        if not name.startswith(_JUDGED) or name.startswith(_LATE):
            return Verdict.KNOWN
        if name in self.names or self.globals.knows(name):
            return Verdict.KNOWN
        if name.startswith("item.") and ITEM_ANY in self.names:
            return Verdict.KNOWN
        is_loose = name in self.loose or (ITEM_ANY in self.loose and name.startswith("item."))
        verdict = Verdict.LOOSE if is_loose else Verdict.UNKNOWN
        word, _, rest = name.partition(".")
        if self.nodes is not None and word == self.nodes.word:
            node, _, attribute = rest.partition(".")
            verdict = _better(verdict, self.nodes.judge(node, attribute))
        if verdict is not Verdict.KNOWN and self.outer is not None:
            return _better(verdict, self.outer.judge(name))
        return verdict

    def judge_path(self, path: tuple[str, ...]) -> Verdict:
        """How a member path of an expression stands here: it may stop short of a variable's name or go beyond it."""
        if path[0] not in _OTHER_ROOTS:
            return Verdict.UNKNOWN
        if len(path) == 1:
            return Verdict.KNOWN
        nodes = self.nodes
        if nodes is not None and path[0] == nodes.word and (attributes := nodes.attributes(path[1])):
            return Verdict.KNOWN if _reaches(attributes, ".".join(path[2:])) else Verdict.UNKNOWN
        for length in range(len(path), 1, -1):
            name = ".".join(path[:length])
            is_group = length < len(path) and name.endswith(_GROUPS)
            if not is_group and name.startswith(_JUDGED) and (verdict := self.judge(name)) is not Verdict.UNKNOWN:
                return verdict
        if not f"{path[0]}.".startswith(_JUDGED):
            return Verdict.KNOWN
        return Verdict.KNOWN if _reaches(self._all_names(), ".".join(path)) else Verdict.UNKNOWN

    def _all_names(self) -> Iterator[str]:
        yield from self.names
        yield from self.globals.names
        if self.nodes is not None:
            for node in self.nodes.nodes():
                yield from (f"{self.nodes.word}.{node}.{attribute}" for attribute in self.nodes.attributes(node))
        if self.outer is not None:
            yield from self.outer._all_names()

    def value_of(self, name: str) -> str | None:
        """What Argo puts in a tag's place before it judges: the value, or a stand-in for one that comes with the run."""
        name = name.strip()
        value = self.constants.get(name, self.globals.constants.get(name))
        if value is not None:
            return value
        if (name.startswith("inputs.") or self.globals.knows(name)) and self.judge(name) is Verdict.KNOWN:
            return "value-of-" + re.sub(r"[^a-zA-Z0-9]+", "-", name)
        return self.outer.value_of(name) if self.outer is not None else None

    def constant_of(self, name: str) -> str | None:
        """The value of a tag that is known before the run."""
        name = name.strip()
        value = self.constants.get(name, self.globals.constants.get(name))
        return self.outer.constant_of(name) if value is None and self.outer is not None else value

    def candidates(self) -> list[str]:
        """Names for "did you mean", not more than can be compared in reasonable time."""
        return [name for _, name in zip(range(_MOST_CANDIDATES), self._all_names(), strict=False) if "*" not in name]

    def words(self) -> str:
        """``in scope here: steps.build.*, inputs.*, workflow.*``."""
        shown: list[str] = []
        if self.nodes is not None:
            nodes = sorted(self.nodes.nodes())
            shown += [f"{self.nodes.word}.{node}.*" for node in nodes[:6]]
            if len(nodes) > 6:
                shown.append(f"{len(nodes) - 6} more {self.nodes.word}")
        for root in ("inputs", "item"):
            if any(name == root or name.startswith(f"{root}.") for name in self.names):
                shown.append(f"{root}.*")
        return f"in scope here: {', '.join([*shown, 'workflow.*'])}"


def _reaches(names: Iterable[str], path: str) -> bool:
    """Whether `path` is one of the names, leads on from one, or leads to one."""
    return not path or any(
        path == name or name.startswith(f"{path}.") or (path.startswith(f"{name}.") and not name.endswith(_GROUPS))
        for name in names
    )


def _better(one: Verdict, other: Verdict) -> Verdict:
    return one if one.value <= other.value else other
