"""Print `src/finale/spec/generated/argo.py`: msgspec structs for everything a manifest of ours can hold.

    python scripts/generate_spec.py [SCHEMA] [--check] [--pack]

SCHEMA is Argo's JSON schema; without one the packed copy beside the generated file is read. ``--pack`` replaces that
copy by SCHEMA, ``--check`` only compares and exits 1 when the committed file differs.

The schema is flattened (only definitions that the kinds of `ROOTS` reach, names cut to their last part) and corrected
where it disagrees with the Go types it was made from; `CORRECTED` says how, one line each. Every field is optional:
Go decodes an object with a missing field, and which of them must be there is for `finale.validate` to say.
"""

import argparse
import gzip
import json
import keyword
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "src" / "finale" / "spec" / "generated"
PACKED = FOLDER / "argo-schema.json.gz"
GENERATED = FOLDER / "argo.py"

ARGO = "io.argoproj.workflow.v1alpha1."
ROOTS = [
    ARGO + kind
    for kind in ("ClusterWorkflowTemplate", "CronWorkflow", "Workflow", "WorkflowEventBinding", "WorkflowTemplate")
]

CORRECTED = {
    ARGO + "Amount": "float",
    ARGO + "Item": "Item",  # any JSON value; the schema says nothing about it
    ARGO + "Plugin": "dict[str, Any]",  # "object" in the schema, a free map in Go
    "io.k8s.api.core.v1.IntOrString": "IntOrString",
    "io.k8s.apimachinery.pkg.api.resource.Quantity": "Quantity",
    "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1": "dict[str, Any]",
    "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime": "str",
    "io.k8s.apimachinery.pkg.apis.meta.v1.Time": "str",
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": "IntOrString",
}
"""Definitions that are written as another type; Time stays text because a round trip must not change its form."""

ANY_STRING_FIELDS = {
    (ARGO + "Parameter", "value"): "AnyString",
    (ARGO + "Parameter", "default"): "AnyString",
    (ARGO + "Parameter", "enum"): "list[AnyString]",
    (ARGO + "ValueFrom", "default"): "AnyString",
}
"""Fields of Go's type AnyString (pkg/apis/workflow/v1alpha1/anystring.go), which the schema calls string."""

CORE_KINDS: dict[str, Any] = {
    "io.k8s.api.core.v1.ConfigMap": {
        "apiVersion": {"type": "string"},
        "binaryData": {"type": "object", "additionalProperties": {"type": "string"}},
        "data": {"type": "object", "additionalProperties": {"type": "string"}},
        "immutable": {"type": "boolean"},
        "kind": {"type": "string"},
        "metadata": {"$ref": "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"},
    },
    "io.k8s.api.core.v1.Secret": {
        "apiVersion": {"type": "string"},
        "data": {"type": "object", "additionalProperties": {"type": "string"}},
        "immutable": {"type": "boolean"},
        "kind": {"type": "string"},
        "metadata": {"$ref": "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"},
        "stringData": {"type": "object", "additionalProperties": {"type": "string"}},
        "type": {"type": "string"},
    },
}
"""Kinds that `apply` stores and Argo's schema leaves out (Kubernetes API reference, "Config and Storage")."""

HEADER = '''"""Argo's manifests as msgspec structs. Written by scripts/generate_spec.py; do not edit.

None means absent. An empty object, list or text is not None and survives a round trip. Field order is Argo's own
order of output, which is alphabetical.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from msgspec import Struct, field

__all__ = [
{names}
]

AnyString: TypeAlias = str | bool | int | float
"""Text that may be written as a number or a boolean; `finale.spec.values.any_string` makes the text."""

IntOrString: TypeAlias = int | str
"""A number, or text: a percentage, a port's name or a tag."""

Quantity: TypeAlias = str | int | float
"""An amount with a unit, ``512Mi``; a bare number too."""

Item: TypeAlias = Any
"""One item of a loop: any JSON value, null included."""


class Base(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, rename="camel"):
    """Parent of all: attributes in snake case, names of Argo in the JSON."""
'''


def references(schema: Any) -> Iterator[str]:
    """Names of the definitions a piece of schema mentions."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            yield schema["$ref"].removeprefix("#/definitions/")
        for part in schema.values():
            yield from references(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from references(part)


def reachable(definitions: dict[str, Any]) -> list[str]:
    """Definitions that `ROOTS` and the core kinds reach, as full names in order."""
    found: set[str] = set()
    waiting = [*ROOTS, *CORE_KINDS]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(references(definitions[name]))
    return sorted(found)


def class_names(full_names: list[str]) -> dict[str, str]:
    """Full name → class name: the last part; where two share it, Argo's own keeps it and the other says whose it is."""
    taken: dict[str, str] = {}
    for name in sorted(full_names, key=lambda name: (not name.startswith(ARGO), name)):
        short = name.rpartition(".")[2]
        if short in taken.values():
            short = name.split(".")[-3].capitalize() + short
        taken[name] = short
    return taken


def snake(name: str) -> str:
    """``podGC`` → ``pod_gc``; a Python keyword gets an underscore behind it."""
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
    return text + "_" if keyword.iskeyword(text) else text


def camel(name: str) -> str:
    """What msgspec's ``rename="camel"`` makes of an attribute."""
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


class Writer:
    """Turns definitions into class bodies."""

    def __init__(self, definitions: dict[str, Any]) -> None:
        self.definitions = definitions
        self.names = class_names([name for name in reachable(definitions) if self.is_struct(name)])

    def is_struct(self, name: str) -> bool:
        """Whether a definition becomes a class of its own."""
        schema = self.definitions[name]
        return name not in CORRECTED and schema.get("type") == "object"

    def annotation(self, schema: dict[str, Any]) -> str:
        """The Python type of a property."""
        if "$ref" in schema:
            name = schema["$ref"].removeprefix("#/definitions/")
            if name in CORRECTED:
                return CORRECTED[name]
            return self.names[name] if name in self.names else self.annotation(self.definitions[name])
        kind = schema.get("type")
        if kind == "array":
            return f"list[{self.annotation(schema['items'])}]"
        if kind == "object":
            return f"dict[str, {self.annotation(schema['additionalProperties'])}]"
        return {"string": "str", "boolean": "bool", "integer": "int", "number": "float"}[str(kind)]

    def class_text(self, name: str) -> str:
        """One class."""
        lines = [f"class {self.names[name]}(Base, frozen=True, kw_only=True):"]
        for property_name, schema in sorted(self.definitions[name].get("properties", {}).items()):
            kind = ANY_STRING_FIELDS.get((name, property_name)) or self.annotation(schema)
            attribute = snake(property_name)
            default = "None" if camel(attribute) == property_name else f'field(name="{property_name}", default=None)'
            lines.append(f"    {attribute}: {kind} | None = {default}")
        if len(lines) == 1:
            lines.append("    pass")
        return "\n".join(lines)

    def module_text(self) -> str:
        """The whole generated file."""
        ordered = sorted(self.names, key=lambda name: self.names[name])
        exported = sorted([*self.names.values(), "AnyString", "IntOrString", "Item", "Quantity", "Base"])
        header = HEADER.replace("{names}", "\n".join(f'    "{name}",' for name in exported))
        return "\n\n\n".join([header.rstrip("\n"), *(self.class_text(name) for name in ordered)]) + "\n"


def generate(schema: dict[str, Any]) -> str:
    """The generated file's text for Argo's schema."""
    core = {name: {"type": "object", "properties": properties} for name, properties in CORE_KINDS.items()}
    return Writer({**schema["definitions"], **core}).module_text()


def read_schema(path: Path) -> dict[str, Any]:
    """A schema file, plain or packed."""
    content = path.read_bytes()
    loaded: dict[str, Any] = json.loads(gzip.decompress(content) if path.suffix == ".gz" else content)
    return loaded


def pack(schema: dict[str, Any]) -> bytes:
    """The schema in few bytes, the same for the same schema."""
    return gzip.compress(json.dumps(schema, sort_keys=True, separators=(",", ":")).encode(), 9, mtime=0)


def main(arguments: list[str]) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("schema", nargs="?", type=Path, default=PACKED)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--pack", action="store_true")
    options = parser.parse_args(arguments)
    schema = read_schema(options.schema)
    text = generate(schema)
    if options.check:
        same = GENERATED.read_text() == text
        print("same" if same else f"{GENERATED} differs; run scripts/generate_spec.py")
        return 0 if same else 1
    if options.pack:
        PACKED.write_bytes(pack(schema))
    GENERATED.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
