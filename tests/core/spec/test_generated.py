"""The generated structs: true to the schema, and to what Go's types make of it."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

from finale.spec.generated import argo
from finale.spec.generated.argo import Parameter, Template, Volume, Workflow, WorkflowSpec, WorkflowStep
from finale.spec.kinds import KINDS
from finale.spec.shapes import Shape, fields_of

SCRIPT = Path(__file__).parents[3] / "scripts" / "generate_spec.py"


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    specification = importlib.util.spec_from_file_location("generate_spec", SCRIPT)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_the_committed_file_is_what_the_script_makes_of_the_packed_schema(generator: ModuleType) -> None:
    assert generator.generate(generator.read_schema(generator.PACKED)) == Path(argo.__file__).read_text()


def test_check_says_whether_the_file_is_current(
    generator: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert generator.main(["--check"]) == 0
    stale = tmp_path / "argo.py"
    stale.write_text("old")
    monkeypatch.setattr(generator, "GENERATED", stale)
    assert generator.main(["--check"]) == 1
    assert generator.main([]) == 0
    assert generator.main(["--check"]) == 0
    assert "differs" in capsys.readouterr().out


def test_a_schema_packs_to_the_same_bytes_each_time(
    generator: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    schema = generator.read_schema(generator.PACKED)
    plain = tmp_path / "schema.json"
    plain.write_text(json.dumps(schema))
    packed = tmp_path / "schema.json.gz"
    monkeypatch.setattr(generator, "PACKED", packed)
    monkeypatch.setattr(generator, "GENERATED", tmp_path / "argo.py")
    assert generator.main([str(plain), "--pack"]) == 0
    assert packed.read_bytes() == generator.pack(schema)
    assert generator.read_schema(packed) == schema


def test_every_field_keeps_the_name_that_argo_gives_it(generator: ModuleType) -> None:
    definitions = generator.read_schema(generator.PACKED)["definitions"]
    for kind in generator.ROOTS:
        struct = KINDS[kind.rpartition(".")[2]]
        assert set(fields_of(struct)) == set(definitions[kind]["properties"])
    template = definitions[generator.ARGO + "Template"]["properties"]
    assert set(fields_of(Template)) == set(template)
    assert sorted(fields_of(Template)) == list(fields_of(Template))


def _structs(struct: type[msgspec.Struct], found: set[type[msgspec.Struct]]) -> set[type[msgspec.Struct]]:
    for shape in fields_of(struct).values():
        inner: Shape = shape
        while inner.kind in ("list", "map"):
            inner = inner.inner
        if inner.struct is not None and inner.struct not in found:
            found.add(inner.struct)
            _structs(inner.struct, found)
    return found


def test_every_struct_is_reached_and_every_field_is_optional() -> None:
    reached: set[type[msgspec.Struct]] = set(KINDS.values())
    for kind in KINDS.values():
        _structs(kind, reached)
    structs = {
        value
        for value in vars(argo).values()
        if isinstance(value, type) and issubclass(value, argo.Base) and value is not argo.Base
    }
    assert reached == structs
    for struct in structs:
        assert msgspec.convert({}, struct) == struct()


@pytest.mark.parametrize(
    ("struct", "value"),
    [
        (Parameter, {"name": "a", "value": 1, "default": True, "enum": ["x", 2.5, False]}),
        (Template, {"activeDeadlineSeconds": "{{inputs.parameters.limit}}"}),
        (Template, {"activeDeadlineSeconds": 30, "retryStrategy": {"limit": 3, "backoff": {"factor": "2"}}}),
        (Template, {"plugin": {"anything": {"goes": [1, None]}}}),
        (Template, {"podResources": {"limits": {"cpu": 1, "memory": "1Gi", "x": 0.5}}}),
        (WorkflowStep, {"withItems": [1, "a", {"b": [None]}, None]}),
        (Volume, {"ephemeral": {"volumeClaimTemplate": {"spec": {"resources": {"requests": {"storage": 1}}}}}}),
        (WorkflowSpec, {"podDisruptionBudget": {"minAvailable": "50%"}}),
        (argo.Container, {"readinessProbe": {"httpGet": {"port": "http", "httpHeaders": [{"name": "a"}]}}}),
        (argo.ObjectMeta, {"creationTimestamp": "2026-11-21T08:00:00Z", "managedFields": [{"fieldsV1": {"f:a": {}}}]}),
        (argo.Histogram, {"buckets": [1, 2.5]}),
        (argo.DAGTask, {"inline": {"dag": {"tasks": [{"name": "a"}]}}}),
    ],
)
def test_what_the_schema_has_wrong_is_corrected(struct: type[msgspec.Struct], value: dict[str, Any]) -> None:
    assert msgspec.to_builtins(msgspec.convert(value, struct)) == value


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"when": ""},
        {"withItems": []},
        {"hooks": {}},
        {"continueOn": {}},
        {"continueOn": {"failed": False}},
        {"inline": {"suspend": {}}},
        {"arguments": {"parameters": [{"name": "a", "value": ""}]}},
    ],
)
def test_absent_and_empty_stay_different(value: dict[str, Any]) -> None:
    assert msgspec.to_builtins(msgspec.convert(value, WorkflowStep)) == value


def test_attributes_are_snake_case_and_keywords_get_an_underscore() -> None:
    artifact = msgspec.convert({"from": "x", "globalName": "g", "artifactGC": {"strategy": "Never"}}, argo.Artifact)
    assert (artifact.from_, artifact.global_name) == ("x", "g")
    assert artifact.artifact_gc == argo.ArtifactGC(strategy="Never")
    assert msgspec.to_builtins(Workflow(api_version="v", kind="Workflow")) == {"apiVersion": "v", "kind": "Workflow"}


def test_the_generated_module_needs_msgspec_only() -> None:
    assert "msgspec" in sys.modules
    sources = [line for line in Path(argo.__file__).read_text().splitlines() if line.startswith(("import", "from"))]
    assert sources == [
        "from __future__ import annotations",
        "from typing import Any, TypeAlias",
        "from msgspec import Struct, field",
    ]
