"""From a Workflow that somebody sent to a run that can begin: checked, named, stamped, with the definitions it needs.

Chance comes in here and nowhere else: the uid and the end of a generated name are made of `os.urandom`.
"""

import os
from collections.abc import Callable
from typing import Any

import msgspec

from finale.catalog.contract import Catalog
from finale.errors import BadRequest, ManifestInvalid
from finale.ids import name_suffix, uid_from
from finale.problems import Problem
from finale.runtime.clock import Clock
from finale.runtime.overlay import Lookup
from finale.runtime.references import find_all_templates, find_definitions
from finale.spec.document import Document
from finale.spec.load import load_object
from finale.units import format_time
from finale.validate.definitions import Definitions
from finale.validate.workflow import validate_document

__all__ = ["Admission", "Rules"]

_LONGEST_NAME = 253
_SUFFIX = 5
_EXIT_LIMIT = "finale.dev/exit-limit"


class Rules(msgspec.Struct, frozen=True):
    """What this installation asks of manifests. `commands_required`: containers run as plain processes and must say their
    command, except those whose image is one of `known_images`. `handler_limit_s` bounds exit handlers of runs that do not
    say it themselves (0: the engine's own limit)."""

    commands_required: bool = False
    known_images: frozenset[str] = frozenset()
    handler_limit_s: float = 0.0


class Admission:
    """Checks and completes Workflows of one home folder. `is_taken` says whether a namespace has a run of a name."""

    def __init__(self, catalog: Catalog, clock: Clock, rules: Rules, is_taken: Callable[[str, str], bool]) -> None:
        self._catalog = catalog
        self._clock = clock
        self._rules = rules
        self.is_taken = is_taken

    async def check(
        self, workflow: Any, namespace: str, stored: Lookup | None = None, *, submitted: bool = True
    ) -> tuple[dict[str, Any], tuple[dict[str, Any], ...], list[Problem]]:
        """The Workflow as plain JSON, the definitions it refers to, and all Problems, errors or not.

        `submitted`: it is to run now; else it is looked at as ``argo lint`` does.
        """
        document = load_object(workflow, kind="Workflow")
        _require_kind(document, "Workflow")
        _require_namespace(document, namespace)
        lookup = stored or self._catalog
        definitions = await find_definitions(document.body, namespace, lookup)
        problems = await self._problems(document, namespace, lookup, definitions, submitted=submitted)
        return document.body, definitions, problems

    async def check_definition(
        self, body: Any, kind: str, namespace: str, stored: Lookup
    ) -> tuple[dict[str, Any], list[Problem]]:
        """A definition that is to be stored, and all Problems."""
        document = load_object(body, kind=kind)
        _require_kind(document, kind)
        if kind != "ClusterWorkflowTemplate":
            _require_namespace(document, namespace)
        definitions = await find_definitions(document.body, namespace, stored)
        return document.body, await self._problems(document, namespace, stored, definitions, submitted=False)

    async def _problems(
        self,
        document: Document,
        namespace: str,
        stored: Lookup,
        definitions: tuple[dict[str, Any], ...],
        *,
        submitted: bool,
    ) -> list[Problem]:
        problems = self._validate(document, definitions, submitted=submitted)
        if any(problem.severity == "error" for problem in problems):
            # Once more with everything there is: a name that is not there may be near one that is.
            definitions = await find_all_templates(namespace, stored)
            problems = self._validate(document, definitions, submitted=submitted)
        return problems

    def _validate(
        self, document: Document, definitions: tuple[dict[str, Any], ...], *, submitted: bool
    ) -> list[Problem]:
        known = Definitions.of(load_object(body).object for body in definitions)
        return validate_document(
            document,
            known,
            submitted=submitted,
            commands_required=self._rules.commands_required,
            known_images=self._rules.known_images,
        )

    async def admit(
        self, workflow: Any, namespace: str, found: list[Problem] | None = None
    ) -> tuple[dict[str, Any], tuple[dict[str, Any], ...]]:
        """The Workflow with name, namespace, uid and times, and its definitions. Raises `ManifestInvalid`.

        Problems that forbid nothing are added to `found`.
        """
        body, definitions, problems = await self.check(workflow, namespace)
        self.require_valid(problems)
        if found is not None:
            found += problems
        return self.stamp(body, namespace), definitions

    def stamp(self, body: dict[str, Any], namespace: str) -> dict[str, Any]:
        """A copy with complete metadata, as the Kubernetes API server would complete it."""
        metadata = dict(body.get("metadata") or {})
        if not metadata.get("name"):
            metadata["name"] = self._generate(str(metadata.get("generateName") or ""), namespace)
        metadata["namespace"] = namespace
        metadata["uid"] = uid_from(os.urandom(16))
        metadata["creationTimestamp"] = format_time(self._clock.now_ns())
        metadata["generation"] = 1
        if self._rules.handler_limit_s:
            given = metadata.get("annotations") or {}
            metadata["annotations"] = {_EXIT_LIMIT: f"{self._rules.handler_limit_s:g}s", **given}
        for key in ("resourceVersion", "managedFields", "selfLink"):
            metadata.pop(key, None)
        stamped = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", **body, "metadata": metadata}
        stamped.pop("status", None)
        return stamped

    async def stored(self, kind: str, name: str, namespace: str) -> dict[str, Any]:
        """A stored template that a run can be made of. Raises `NotFound`, and `BadRequest` for other kinds."""
        if kind not in ("WorkflowTemplate", "ClusterWorkflowTemplate"):
            raise BadRequest(f"Resource kind '{kind}' is not supported for submitting")
        return (await self._catalog.get(kind, "" if kind == "ClusterWorkflowTemplate" else namespace, name)).body

    @staticmethod
    def require_valid(problems: list[Problem]) -> None:
        """Raise `ManifestInvalid` with all Problems if one of them is an error."""
        if any(problem.severity == "error" for problem in problems):
            raise ManifestInvalid(problems)

    def _generate(self, prefix: str, namespace: str) -> str:
        if not prefix:
            raise BadRequest("name or generateName is required")
        while True:
            name = prefix[: _LONGEST_NAME - _SUFFIX] + name_suffix(os.urandom(16), _SUFFIX)
            if not self.is_taken(namespace, name):
                return name


def _require_kind(document: Document, kind: str) -> None:
    if document.kind != kind:
        raise ManifestInvalid([Problem(f'found kind "{document.kind}"', "kind", f'expected "{kind}"')])


def _require_namespace(document: Document, namespace: str) -> None:
    metadata = document.body.get("metadata")
    given = metadata.get("namespace") if isinstance(metadata, dict) else None
    if given and given != namespace:
        raise BadRequest(
            f"the namespace of the provided object does not match the namespace sent on the request: {given}, {namespace}"
        )
