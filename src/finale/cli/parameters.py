"""``submit``'s flags → changes to the Workflow before it is sent.

Rules: parameters that are given come first in ``spec.arguments.parameters``, ``-p`` beats the file; existing ones of other
names follow; names that the workflow does not declare are added (argo-semantics.md §9.1).
"""

import json
import re
from collections.abc import Sequence
from typing import Any

from finale.errors import BadRequest
from finale.problems import did_you_mean

__all__ = ["Overrides", "parse_labels", "parse_parameters", "read_parameter_file"]

_GIVEN_PATH = re.compile(r"spec\.arguments\.parameters\[(\d+)\](.*)")


def parse_parameters(texts: Sequence[str]) -> dict[str, str]:
    """``NAME=VALUE`` each; a later one of the same name wins. Raises `BadRequest`."""
    values: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise BadRequest(f'-p "{text}": expected parameter of the form: NAME=VALUE. Received: {text}')
        values[name] = value
    return values


def parse_labels(text: str) -> dict[str, str]:
    """``a=b,c=d``. Raises `BadRequest`."""
    labels: dict[str, str] = {}
    for part in filter(None, text.split(",")):
        name, equals, value = part.partition("=")
        if not equals or not name.strip():
            raise BadRequest(f'-l "{text}": expected labels of the form NAME=VALUE,NAME=VALUE; "{part}" has no "="')
        labels[name.strip()] = value.strip()
    return labels


def read_parameter_file(file: str, content: dict[str, Any]) -> dict[str, str]:
    """Values as `argo` takes them from a YAML or JSON map: text as it is, all else as JSON text."""
    values = {}
    for name, value in content.items():
        if value is None:
            raise BadRequest(f'{file}: parameter "{name}" has no value; write "" for an empty one')
        values[str(name)] = (
            value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        )
    return values


class Overrides:
    """What the flags change in each submitted Workflow."""

    def __init__(
        self,
        *,
        parameters: dict[str, str] | None = None,
        labels: dict[str, str] | None = None,
        name: str | None = None,
        generate_name: str | None = None,
        entrypoint: str | None = None,
        service_account: str | None = None,
        priority: int | None = None,
    ) -> None:
        self.parameters = parameters or {}
        self.labels = labels or {}
        self.name = name
        self.generate_name = generate_name
        self.entrypoint = entrypoint
        self.service_account = service_account
        self.priority = priority

    def made_to(self, workflow: dict[str, Any]) -> dict[str, Any]:
        """A copy of the Workflow with the changes; the given one is left as it is."""
        metadata, spec = dict(workflow.get("metadata") or {}), dict(workflow.get("spec") or {})
        if self.labels:
            metadata["labels"] = {**(metadata.get("labels") or {}), **self.labels}
        if self.generate_name is not None:
            metadata["generateName"] = self.generate_name
            metadata.pop("name", None)
        if self.name is not None:
            metadata["name"] = self.name
        if self.entrypoint is not None:
            spec["entrypoint"] = self.entrypoint
        if self.service_account is not None:
            spec["serviceAccountName"] = self.service_account
        if self.priority is not None:
            spec["priority"] = self.priority
        if self.parameters:
            declared = {str(each.get("name")): each for each in _declared(spec)}
            kept = [each for name, each in declared.items() if name not in self.parameters]
            given = [_given(declared.get(name, {}), name, value) for name, value in self.parameters.items()]
            spec["arguments"] = {**(spec.get("arguments") or {}), "parameters": [*given, *kept]}
        return {**workflow, "metadata": metadata, "spec": spec}

    def path_in_file(self, workflow: dict[str, Any], path: str) -> str:
        """Where a path of the changed Workflow stands in the one that was read: a path, or ``-p NAME``."""
        match = _GIVEN_PATH.fullmatch(path)
        if not match or not self.parameters:
            return path
        index = int(match[1]) - len(self.parameters)
        if index < 0:
            return f"-p {list(self.parameters)[index]}"
        places = [
            place
            for place, each in enumerate(_declared(workflow.get("spec") or {}))
            if each.get("name") not in self.parameters
        ]
        return f"spec.arguments.parameters[{places[index]}]{match[2]}" if index < len(places) else path

    def notices(self, workflow: dict[str, Any]) -> list[str]:
        """Names that the workflow does not declare are taken, as Argo does, but they are probably mistakes.

        A workflow that refers to a template may take the declarations from there, so nothing can be said about it.
        """
        spec = workflow.get("spec") or {}
        if spec.get("workflowTemplateRef"):
            return []
        known = [str(each.get("name")) for each in _declared(spec)]
        texts = []
        for name in self.parameters:
            if name not in known:
                declared = f"it declares {', '.join(known)}" if known else "it declares none"
                texts.append(
                    f'the workflow does not declare the parameter "{name}"; {declared}. {did_you_mean(name, known)}'.rstrip()
                )
        return texts


def _given(declared: dict[str, Any], name: str, value: str) -> dict[str, Any]:
    """The parameter with its value. Argo forgets its `enum` here; we keep it, so that a value outside of it is refused."""
    kept = {key: each for key, each in declared.items() if key != "valueFrom"}
    return {**kept, "name": name, "value": value}


def _declared(spec: dict[str, Any]) -> list[dict[str, Any]]:
    return list((spec.get("arguments") or {}).get("parameters") or ())
