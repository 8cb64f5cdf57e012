"""Manifests that are fine: documents, kinds, nulls, anchors, JSON, and where everything stands."""

from pathlib import Path

import msgspec
import pytest

from finale.errors import ManifestInvalid
from finale.problems import Place, Problem
from finale.spec.generated.argo import ConfigMap, Workflow
from finale.spec.load import load_object, load_text, require_valid
from finale.spec.source_text import SourceText

MANIFESTS = Path(__file__).parent / "manifests"
HEAD = "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {name: a}\n"


def test_a_workflow_is_read_with_everything_in_it() -> None:
    (document,) = load_text((MANIFESTS / "release.yaml").read_bytes(), "release.yaml")
    assert document.problems == ()
    assert (document.kind, document.api_version, document.name) == ("Workflow", "argoproj.io/v1alpha1", "")
    assert isinstance(document.object, Workflow)
    assert document.body["spec"]["volumes"][0] == {"name": "scratch", "emptyDir": {}}
    assert document.object.spec is not None
    assert document.object.spec.templates is not None
    assert [template.name for template in document.object.spec.templates][:2] == ["main", "compile"]


def test_a_file_holds_several_documents_and_skips_blank_ones() -> None:
    documents = load_text((MANIFESTS / "library.yaml").read_text(), "library.yaml")
    assert [(document.kind, document.name, document.index) for document in documents] == [
        ("ClusterWorkflowTemplate", "library", 0),
        ("ConfigMap", "notes", 1),
        ("Secret", "release", 2),
    ]
    assert isinstance(documents[1].object, ConfigMap)
    assert documents[1].object.data == {"motd": "Be kind.\n", "limit": "3"}
    require_valid(documents)


def test_crons_and_event_bindings_are_read() -> None:
    documents = load_text((MANIFESTS / "nightly.yaml").read_text(), "nightly.yaml")
    assert [(document.kind, document.problems) for document in documents] == [
        ("CronWorkflow", ()),
        ("WorkflowEventBinding", ()),
    ]


def test_nulls_are_absent_except_in_free_form_values() -> None:
    (document,) = load_text((MANIFESTS / "release.yaml").read_text(), "release.yaml")
    templates = {template["name"]: template for template in document.body["spec"]["templates"]}
    assert templates["announce"]["inputs"]["parameters"] == [{"name": "text"}]
    assert templates["main"]["dag"]["tasks"][1]["withItems"][3] is None
    assert templates["chat"]["plugin"] == {"slack": {"channel": "releases", "thread": None, "mentions": ["a", None]}}


def test_a_null_in_a_map_of_strings_is_the_empty_string() -> None:
    (document,) = load_text("kind: Workflow\nmetadata:\n  annotations:\n    a:\n    b: x\nspec:\n", "a.yaml")
    assert document.body == {"kind": "Workflow", "metadata": {"annotations": {"a": "", "b": "x"}}}
    assert document.problems == ()


def test_a_merge_key_adds_what_is_not_there() -> None:
    (document,) = load_text((MANIFESTS / "release.yaml").read_text(), "release.yaml")
    strategy = document.body["spec"]["templates"][1]["retryStrategy"]
    assert strategy == {
        "limit": "3",
        "retryPolicy": "OnError",
        "backoff": {"duration": "1s", "factor": 2, "maxDuration": "1m"},
    }
    assert strategy["backoff"] is not document.body["spec"]["retryStrategy"]["backoff"]


def test_earlier_objects_of_a_merged_list_win_and_a_quoted_merge_key_is_a_key() -> None:
    text = 'kind: ConfigMap\ndata:\n  <<: [{a: "1", b: "1"}, {b: "2", c: "2"}]\n  c: "3"\n  "<<": x\n'
    (document,) = load_text(text, "a.yaml")
    assert document.body["data"] == {"a": "1", "b": "1", "c": "3", "<<": "x"}


def test_json_is_read_like_yaml() -> None:
    (yaml_document,) = load_text((MANIFESTS / "release.yaml").read_text(), "release.yaml")
    text = "  \n" + msgspec.json.format(msgspec.json.encode(yaml_document.body), indent=2).decode()
    (document,) = load_text(text, "release.json")
    assert document.problems == ()
    assert document.body == yaml_document.body
    assert document.object == yaml_document.object
    place = document.place_of("spec.templates[1].container.image")
    assert place is not None
    assert '"gcc:14"' in text.split("\n")[place.line - 1][place.column - 1 :]


def test_json_escapes_are_undone() -> None:
    text = r'{"kind":"ConfigMap","data":{"a":"\u00e9\ud83d\ude00\n\t\"\\\/\b\f\r","b":"\ud800x","c":"\u0041"}}'
    (document,) = load_text(text, "a.json")
    assert document.body["data"] == {"a": 'é😀\n\t"\\/\b\f\r', "b": "\ufffdx", "c": "A"}


def test_braces_that_are_no_json_are_yaml() -> None:
    (document,) = load_text("{kind: ConfigMap, data: {a: 'x'}, }\n", "a.yaml")
    assert document.body == {"kind": "ConfigMap", "data": {"a": "x"}}


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm() -> None:
    text = "\ufeffkind: ConfigMap\r\ndata:\r\n  a: |\r\n    x\r\n    y\r\n---\r\nkind: Secret\r\n"
    documents = load_text(text.encode(), "a.yaml")
    assert [document.body for document in documents] == [
        {"kind": "ConfigMap", "data": {"a": "x\ny\n"}},
        {"kind": "Secret"},
    ]


def test_keys_are_strings_whatever_they_look_like() -> None:
    (document,) = load_text("kind: ConfigMap\ndata: {1: a, on: b, 1.50: c, 0x10: d, ? e : f}\n", "a.yaml")
    assert document.body["data"] == {"1": "a", "true": "b", "1.5": "c", "16": "d", "e": "f"}


def test_an_object_from_the_api_needs_no_kind_when_the_caller_knows_it() -> None:
    document = load_object({"metadata": {"generateName": "a-", "name": None}, "spec": {}}, kind="Workflow")
    assert document.problems == ()
    assert (document.kind, document.name) == ("Workflow", "")
    assert document.body == {"metadata": {"generateName": "a-"}, "spec": {}}
    assert document.place_of("spec") is None


def test_places_are_those_of_the_file() -> None:
    text = "# first\nkind: ConfigMap\n---\n" + HEAD + "spec:\n  entrypoint: main\n  templates:\n  - name: main\n"
    document = load_text(text, "two.yaml")[1]
    assert document.place_of("kind") == Place("two.yaml", 5, 7)
    assert document.place_of("spec.entrypoint") == Place("two.yaml", 8, 15)
    assert document.place_of("spec.entrypoint", of_key=True) == Place("two.yaml", 8, 3)
    assert document.place_of("spec") == Place("two.yaml", 7, 1)
    assert document.place_of("spec.templates") == Place("two.yaml", 9, 3)
    assert document.place_of("spec.templates[0]") == Place("two.yaml", 10, 5)
    assert document.place_of("spec.templates[0].name") == Place("two.yaml", 10, 11)
    assert document.place_of("metadata") == Place("two.yaml", 6, 11)


def test_an_absent_field_has_the_place_of_what_would_hold_it() -> None:
    (document,) = load_text(HEAD + "spec:\n  templates:\n  - name: main\n", "a.yaml")
    assert document.place_of("spec.templates[0].container.image") == Place("a.yaml", 6, 5)
    assert document.place_of("spec.templates[7].name") == Place("a.yaml", 5, 3)
    assert document.place_of("status.phase") == Place("a.yaml", 1, 1)


def test_a_key_with_dots_has_its_place() -> None:
    (document,) = load_text("kind: ConfigMap\ndata:\n  a.b/c: x\n  'd\"\\': y\n", "a.yaml")
    assert document.place_of('data["a.b/c"]') == Place("a.yaml", 3, 10)
    assert document.place_of('data["d\\"\\\\"]') == Place("a.yaml", 4, 10)
    assert document.place_of('data["a.b/c"].more') == Place("a.yaml", 3, 3)
    assert document.place_of('data["other"]') == Place("a.yaml", 2, 1)


def test_a_document_on_the_line_of_its_marker_has_the_right_column() -> None:
    text = "kind: ConfigMap\n--- {kind: Secret, type: x}\n"
    assert load_text(text, "a.yaml")[1].place_of("type") == Place("a.yaml", 2, 26)


def test_lines_are_counted_as_editors_count_them() -> None:
    (document,) = load_text('kind: ConfigMap\ndata:\n  a: "x\u2028y"\n  b: z\n', "a.yaml")
    assert document.place_of("data.b") == Place("a.yaml", 4, 6)


def test_a_problem_found_elsewhere_gets_its_place_and_excerpt() -> None:
    text = HEAD + "spec:\n  entrypoint: nope\n"
    (document,) = load_text(text, "a.yaml")
    found = document.located(Problem('no template named "nope"', path="spec.entrypoint"))
    assert found.text() == (
        'a.yaml:5:15: spec.entrypoint: no template named "nope"\n    entrypoint: nope\n                ^'
    )
    without = load_object(document.body).located(Problem("x", path="spec.entrypoint"))
    assert without.place is None


def test_require_valid_raises_with_all_problems() -> None:
    documents = load_text("kind: Workflow\nspec: {a: 1}\n---\nkind: Workflow\nspec: {b: 1}\n", "a.yaml")
    with pytest.raises(ManifestInvalid) as raised:
        require_valid(documents)
    assert [problem.path for problem in raised.value.problems] == ["spec.a", "spec.b"]
    assert [problem.document for problem in raised.value.problems] == [0, 1]


def test_yaml_s_own_tags_are_honoured() -> None:
    text = "kind: Workflow\nspec:\n  templates:\n  - plugin: {a: !!int '3', b: !!float 1.5, c: !!bool yes, d: ! 3, e: !!null ~}\n"
    (document,) = load_text(text, "a.yaml")
    plugin = document.body["spec"]["templates"][0]["plugin"]
    assert plugin == {"a": 3, "b": 1.5, "c": True, "d": "3", "e": None}
    (document,) = load_text("kind: !!str Workflow\nspec: !!map {onExit: !!null null, templates: !!seq []}\n", "a.yaml")
    assert document.body == {"kind": "Workflow", "spec": {"templates": []}}


def test_a_blank_line_has_no_excerpt() -> None:
    assert SourceText("a\n \nb", "a.yaml").excerpt(2) == ""
