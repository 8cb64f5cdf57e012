"""What we write is read back as the same, by us and by any reader of YAML."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from finale.spec.dump import to_json, to_yaml
from finale.spec.generated.argo import ObjectMeta, Workflow, WorkflowSpec
from finale.spec.kinds import KINDS
from finale.spec.load import load_object, load_text
from finale.spec.reader import read_text
from finale.spec.shapes import Shape, fields_of

MANIFESTS = sorted((Path(__file__).parent / "manifests").glob("*.yaml"))
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    [
        "y",
        "1e3",
        "12:30",
        "2024-01-01",
        "null",
        "~",
        "{{x}}",
        "a: b",
        "- a",
        " x ",
        "\n",
        "x\ny\n",
        "\tx",
        "0x1",
        "<<",
        "",
    ]
)
numbers = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False).filter(
    lambda number: not number.is_integer()
)
plain = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
scalars: dict[type, st.SearchStrategy[Any]] = {str: texts, bool: st.booleans(), int: st.integers(0, 99), float: numbers}


@st.composite
def values(draw: st.DrawFn, shape: Shape, depth: int) -> Any:
    """JSON that fits a shape."""
    if shape.kind == "any":
        return draw(plain)
    if shape.kind == "scalar":
        return draw(st.one_of([scalars[scalar] for scalar in shape.scalars]))
    size = draw(st.integers(0, 2)) if depth else 0
    if shape.kind == "list":
        return [draw(values(shape.inner, depth - 1)) for _ in range(size)]
    if shape.kind == "map":
        return {draw(texts): draw(values(shape.inner, depth - 1)) for _ in range(size)}
    assert shape.struct is not None
    fields = fields_of(shape.struct)
    names = draw(st.lists(st.sampled_from(sorted(fields)), max_size=4, unique=True)) if fields and depth else []
    return {name: draw(values(fields[name], depth - 1)) for name in names}


@st.composite
def objects(draw: st.DrawFn) -> dict[str, Any]:
    """JSON that fits one of the kinds."""
    kind = draw(st.sampled_from(sorted(KINDS)))
    fields = fields_of(KINDS[kind])
    body = {"kind": kind}
    for name in ("metadata", "spec", "status", "data"):
        if name in fields:
            body[name] = draw(values(fields[name], 6))
    return body


@settings(deadline=None, max_examples=150)
@given(objects())
def test_load_after_dump_is_the_identity(body: dict[str, Any]) -> None:
    document = load_object(body)
    assert document.problems == ()
    assert document.object is not None
    assert to_json(document.object) == document.body
    for text in (to_yaml(document), to_yaml(document.object), to_yaml(document, sort_keys=True)):
        (again,) = load_text(text, "a.yaml")
        assert again.problems == ()
        assert again.object == document.object
        assert again.body == document.body


@settings(deadline=None, max_examples=300)
@given(st.dictionaries(texts, plain, min_size=1, max_size=4))
def test_any_json_comes_back_from_yaml(value: dict[str, Any]) -> None:
    assert read_text(to_yaml(value)).value == value


@settings(deadline=None, max_examples=200)
@given(st.dictionaries(texts, st.none() | st.booleans() | texts | st.lists(texts), min_size=1, max_size=4))
def test_other_readers_of_yaml_see_the_same_strings(value: dict[str, Any]) -> None:
    assert yaml.load(to_yaml(value), Loader=yaml.CSafeLoader) == value


@settings(deadline=None, max_examples=150)
@given(st.dictionaries(texts, plain, max_size=4))
def test_json_text_is_read_as_json_reads_it(value: dict[str, Any]) -> None:
    for text in (json.dumps(value), json.dumps(value, ensure_ascii=False, indent=1)):
        assert read_text(text).value == value


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_real_manifests_survive(path: Path) -> None:
    documents = load_text(path.read_text(), path.name)
    again = load_text(to_yaml(*documents), path.name)
    assert [document.body for document in again] == [document.body for document in documents]
    for document in documents:
        assert document.object is not None
        assert load_text(msgspec.json.encode(document.object), "a.json")[0].object == document.object


def test_apiversion_kind_metadata_spec_and_status_come_first() -> None:
    body = {"status": {}, "other": 1, "spec": {"b": 1, "a": 2}, "metadata": {}, "kind": "K", "apiVersion": "v"}
    assert list(to_json(body)) == ["apiVersion", "kind", "metadata", "spec", "status", "other"]
    assert list(to_json(body)["spec"]) == ["b", "a"]


def test_yaml_is_in_block_style_and_quotes_what_could_be_misread() -> None:
    workflow = Workflow(
        kind="Workflow",
        metadata=ObjectMeta(name="a", labels={"b": "yes", "a": "12:30"}),
        spec=WorkflowSpec(entrypoint="{{x}}", on_exit="line one\nline two\n", suspend=False, hooks={}),
    )
    assert to_yaml(workflow) == (
        "kind: Workflow\n"
        "metadata:\n"
        "  labels:\n"
        '    b: "yes"\n'
        '    a: "12:30"\n'
        "  name: a\n"
        "spec:\n"
        "  entrypoint: '{{x}}'\n"
        "  hooks: {}\n"
        "  onExit: |\n"
        "    line one\n"
        "    line two\n"
        "  suspend: false\n"
    )
    assert to_yaml({"b": 1, "a": {"d": 1, "c": [1, "x" * 200]}}, sort_keys=True) == (
        f"a:\n  c:\n  - 1\n  - {'x' * 200}\n  d: 1\nb: 1\n"
    )
