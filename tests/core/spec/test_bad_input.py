"""Manifests that are not fine: every Problem at once, each with its place, in words that help."""

from typing import Any

import pytest

from finale.spec import load
from finale.spec.load import load_object, load_text

HEAD = "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {name: a}\nspec:\n"


def lines(text: str | bytes) -> list[str]:
    """First lines of all Problems of a file."""
    return [problem.text().split("\n")[0] for document in load_text(text, "a.yaml") for problem in document.problems]


def test_all_structural_problems_are_named_at_once_in_file_order() -> None:
    text = HEAD + (
        "  entrypoin: x\n"
        "  parallelism: '3'\n"
        "  templates:\n"
        "  - name: a\n"
        "    container:\n"
        "      image: a\n"
        "      comand: [x]\n"
        "      env: [{name: x, value: 1}]\n"
        "    onExit: b\n"
        "    image: x\n"
        "  - name: b\n"
        "    steps:\n"
        "    - name: s\n"
        "      template: a\n"
        "  hooks: []\n"
        "  suspend: 'true'\n"
    )
    assert lines(text) == [
        'a.yaml:5:3: spec.entrypoin: unknown field "entrypoin". Did you mean "entrypoint"?',
        'a.yaml:6:16: spec.parallelism: found the string "3"; expected a whole number. Remove the quotes: 3',
        'a.yaml:11:7: spec.templates[0].container.comand: unknown field "comand". Did you mean "command"?',
        'a.yaml:12:30: spec.templates[0].container.env[0].value: found the number 1; expected a string. Quote it: "1"',
        'a.yaml:13:5: spec.templates[0].onExit: unknown field "onExit". It is a field of "spec"; check the indentation',
        'a.yaml:14:5: spec.templates[0].image: unknown field "image".'
        ' It is a field of "container"; check the indentation',
        'a.yaml:17:7: spec.templates[1].steps[0]: found an object; expected a list. Put "- " before its first field',
        "a.yaml:19:10: spec.hooks: found a list; expected an object",
        'a.yaml:20:12: spec.suspend: found the string "true"; expected true or false. Remove the quotes: true',
    ]


def test_an_excerpt_shows_the_line_with_a_caret_under_the_word() -> None:
    (problem,) = load_text(HEAD + "  templates:\n  - {name: a, contaner: {}}\n", "a.yaml")[0].problems
    assert problem.excerpt == "    - {name: a, contaner: {}}\n                ^"


def test_an_excerpt_of_a_long_line_is_a_window() -> None:
    text = '{"kind": "ConfigMap", "data": {' + ", ".join(f'"k{n}": "v"' for n in range(100)) + ', "z": 1}}'
    (problem,) = load_text(text, "a.json")[0].problems
    line, caret = problem.excerpt.split("\n")
    assert len(line) <= 122
    assert line[len(caret) - 1] == "1"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("  x: 1\n", 'unknown field "x"; expected a field of Argo\'s WorkflowSpec'),
        ("  suspend: {}\n", "found an object; expected true or false"),
        ("  onExit: null\n  onExi: 1\n", 'unknown field "onExi". Did you mean "onExit"?'),
        ("  workflowTemplateRef: {nam: a, q: b}\n", 'unknown field "q"; expected one of clusterScope, name'),
        ("  templates: {name: a}\n", 'found an object; expected a list. Put "- " before its first field'),
        ("  templates: [a]\n", 'found the string "a"; expected an object'),
        ("  templates: [null]\n", "found null; expected an object"),
        ("  hooks: {exit: null}\n", "found null; expected an object"),
        ("  templates: [{container: {args: sleep}}]\n", 'found the string "sleep"; expected a list. Write ["sleep"]'),
        ("  templates: [{steps: {name: a}}]\n", 'found an object; expected a list. Put "- - " before its first field'),
        ("  templates: [{container: {args: [1]}}]\n", 'found the number 1; expected a string. Quote it: "1"'),
        ("  templates: [{container: {args: [yes]}}]\n", 'found true; expected a string. Quote it: "true"'),
        ("  templates: [{suspend: {duration: 20}}]\n", 'found the number 20; expected a string. Quote it: "20"'),
        ("  templates: [{suspend: {x: 20}}]\n", 'unknown field "x"; expected one of duration'),
        (
            "  arguments: {parameters: [{name: a, value: [1]}]}\n",
            "found a list; expected a string, a number, true or false. Write it as JSON in a quoted string",
        ),
        ("  retryStrategy: {limit: 1.5}\n", "found the number 1.5; expected a string or a whole number"),
        ("  arguments: {artifacts: [{archive: {none: {a: 1}}}]}\n", 'unknown field "a"; expected no fields here'),
        ("  synchronization: {mutex: {name: a}}\n", 'unknown field "mutex". Since Argo 4 it is a list: mutexes: [...]'),
        ("  priority: 1.5\n", "found the number 1.5; expected a whole number"),
        ("  entrypoint: " + "x" * 50 + "\n  priority: " + "y" * 50 + "\n", f'found the string "{"y" * 37}..."'),
    ],
)
def test_a_misfit_says_what_was_found_what_is_expected_and_what_to_do(body: str, expected: str) -> None:
    assert any(expected in line for line in lines(HEAD + body)), lines(HEAD + body)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "a.yaml:1:1: there is no document in it; expected a manifest"),
        ("# only\n# comments\n---\n\n", "a.yaml:1:1: there is no document in it; expected a manifest"),
        ("\t\n", "a.yaml:1:1: there is no document in it; expected a manifest"),
        ("a: \0b\n", "a.yaml:1:4: the file holds a NUL character; expected a manifest in plain text"),
        ("a: x\n\x07\n", "a.yaml:2:1: the file holds the control character U+0007; expected a manifest in plain text"),
        (b"ok: 1\n\x80\xff", "a.yaml:2:1: the file is not text; expected a manifest in UTF-8"),
        ("a: \ud800", "a.yaml:1:4: the file holds the control character U+D800; expected a manifest in plain text"),
        ("[1]", "a.yaml:1:1: found a list; expected an object with apiVersion, kind and spec"),
        ("# c\n  hello\n", 'a.yaml:1:1: found the string "hello"; expected an object with apiVersion, kind and spec'),
        ("a: 1\n", "a.yaml:1:1: the document does not say its kind; expected one of Workflow, WorkflowTemplate,"),
        ("kind: []\n", "a.yaml:1:7: kind: found a list; expected one of Workflow,"),
        ("kind: Workflw\n", 'a.yaml:1:7: kind: unknown kind "Workflw"; expected one of Workflow, WorkflowTemplate,'),
        (
            "kind: Workflow\napiVersion: argoproj.io/v1\n",
            'a.yaml:2:13: apiVersion: "argoproj.io/v1" has no kind "Workflow" that we know;'
            ' expected "argoproj.io/v1alpha1"',
        ),
        ("kind: Workflow\napiVersion: 3\n", 'a.yaml:2:13: apiVersion: "" has no kind "Workflow" that we know'),
        ("a:\n\tb: 1\n", "a.yaml:2:1: a tab stands in the indentation; expected spaces. Replace tabs by spaces"),
        ("a:\n  b: 1\n \tc: 1\n", "a.yaml:3:2: a tab stands in the indentation; expected spaces."),
        ("a:\n    b: 1\n  c: 2\n", "a.yaml:3:3: this does not fit the lines above; expected a key of the same object."),
        ("- b\nc: d\n", "a.yaml:2:1: this does not fit the list above"),
        ("a:\n  - b\n c\n", "a.yaml:3:2: this does not fit the lines above"),
        ("a: b: c\n", "a.yaml:1:5: a colon stands where no key can be. Check the indentation;"),
        ("a: 1\nb\n", 'a.yaml:2:1: a key has no colon behind it; expected "key: value"'),
        ('a: "x\nb: y\n', "a.yaml:1:4: a quoted string has no end; expected a closing quote"),
        ("a: [x\n", 'a.yaml:1:4: a list in brackets has no end; expected "," or "]"'),
        ("a: {x: 1\n", 'a.yaml:1:4: an object in braces has no end; expected "," or "}"'),
        ("a: [x, {\n", "a.yaml:1:8: not YAML: did not find expected node content"),
        ("a: @x\n", "a.yaml:1:4: a value begins with a character that YAML keeps for itself. Quote the value"),
        ('a: "\\q"\n', "a.yaml:1:5: a backslash is followed by a character that makes no escape. Use single quotes"),
        ("a: b\n...\nc: d\n", 'a.yaml:3:1: text follows the end of the document. Separate documents by "---"'),
        ("a: *x\n", 'a.yaml:1:4: a: the alias "*x" has no anchor'),
        ("a: &a [b, *a]\n", 'a.yaml:1:11: a[1]: the alias "*a" stands inside itself'),
        ("? [a]\n: b\n", "a.yaml:1:3: a key is a list, an object or an alias; expected a name before the colon"),
        ("a: &a x\n*a : b\n", "a.yaml:2:1: a key is a list, an object or an alias; expected a name before the colon"),
        ("{a: &a x, *a : b}", "a.yaml:1:11: a key is a list, an object or an alias"),
        ("a: 1\n~: b\n", "a.yaml:2:1: a key is empty; expected a name before the colon"),
        ("a: 1\nb: {a: .inf}\n", 'a.yaml:2:8: b.a: .inf is no number that JSON can hold. Quote it: ".inf"'),
        ("a: !!int x\n", 'a.yaml:1:4: a: "x" does not fit its tag "!!int"'),
        ("a: !!float .nan\n", 'a.yaml:1:4: a: ".nan" does not fit its tag "!!float"'),
        ("a: !thing x\n", 'a.yaml:1:4: a: the tag "!thing" is not understood; expected a plain value'),
        ("a: !thing [x]\n", 'a.yaml:1:4: a: the tag "!thing" is not understood; expected a plain value'),
        ("a: !e!x y\n", "a.yaml:1:4: a tag that is not understood; expected a plain value."),
        (
            "a: {<<: 3}\n",
            'a.yaml:1:10: a: a merge key ("<<") has another value; expected an object or a list of objects',
        ),
        ("%YAML x\n", "a.yaml:1:7: not YAML: did not find expected version number"),
        ("[" * 300, "a.yaml:1:201: nested deeper than 200 levels"),
        ('{"a": 1,}', "a.yaml:1:1: the document does not say its kind"),
        ('{"a" 1}', 'a.yaml:1:6: not JSON: found "1" where ":" must stand'),
        ('{"a": tru}', "a.yaml:1:1: the document does not say its kind"),
        ('{"a": "x}', "a.yaml:1:7: not JSON: a string has no end, a line break or a wrong escape in it"),
        ('{"a": 1e999', 'a.yaml:1:7: not JSON: found "1" where a value must stand'),
        ('{"a": 1} b', 'a.yaml:1:10: not JSON: found "b" where nothing more must stand'),
        ('{"a": [1 {}]}', 'a.yaml:1:10: not JSON: found "{" where "," or the end of the list or object must stand'),
        ('{"a": [1', "a.yaml:1:9: not JSON: found the end of the text where"),
        ('{"a"]', 'a.yaml:1:5: not JSON: found "]" where ":" must stand'),
    ],
)
def test_an_unreadable_file_is_one_clear_problem(text: str | bytes, expected: str) -> None:
    assert any(line.startswith(expected) for line in lines(text)), lines(text)


@pytest.mark.parametrize(
    "line",
    [
        "  entrypoint: {{workflow.name}}",
        "  entrypoint: {{workflow.name}}-more",
        "  entrypoint: {{=sprig.trim(workflow.name)}}",
        "  arguments: {parameters: [{name: x, value: {{x}}}]}",
        "  onExit:\n    {{x}}",
        "  templates:\n  - {{x}}",
    ],
)
def test_an_unquoted_tag_says_to_quote_it(line: str) -> None:
    (problem,) = load_text(f"{HEAD}{line}\n  suspend: true\n", "a.yaml")[0].problems
    assert problem.what == "a value that begins with {{ is not quoted, so YAML takes it for an object"
    assert problem.hint == 'Quote the whole value: "{{...}}"'
    source, caret = problem.excerpt.split("\n")
    assert source[len(caret) - 1 :].startswith("{{")


def test_a_duplicate_key_says_where_the_first_is() -> None:
    text = "# c\n---\n" + HEAD + "  entrypoint: a\n  templates:\n  - {name: a, name: b}\n  entrypoint: b\n  x: 1\n"
    assert lines(text) == [
        'a.yaml:9:15: spec.templates[0].name: the key "name" appears twice in one object; the first is on line 9',
        'a.yaml:10:3: spec.entrypoint: the key "entrypoint" appears twice in one object; the first is on line 7',
        'a.yaml:11:3: spec.x: unknown field "x"; expected a field of Argo\'s WorkflowSpec',
    ]
    assert lines('{"kind": "Secret",\n "type": "a",\n "type": "b"}') == [
        'a.yaml:3:2: type: the key "type" appears twice in one object; the first is on line 2'
    ]


def test_what_was_wrong_before_the_text_broke_off_is_said_too() -> None:
    assert lines("a: 1\na: 2\nb: [\n") == [
        'a.yaml:2:1: a: the key "a" appears twice in one object; the first is on line 1',
        "a.yaml:3:4: not YAML: did not find expected node content",
    ]


def test_an_alias_bomb_is_refused() -> None:
    levels = [f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]" for n in range(12)]
    found = lines("a: &a [x, x, x, x, x, x, x, x, x]\n" + "\n".join(levels))
    assert found == ["a.yaml:7:8: g[0]: aliases blow this document up to more than 1,000,000 values"]


def test_aliases_cannot_nest_a_value_deeper_than_text_can() -> None:
    levels = [f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 400)]
    (problem,) = load_text("a0: &a0 [x]\n" + "\n".join(levels), "a.yaml")[0].problems
    assert problem.what == "nested deeper than 200 levels by an alias"


def test_a_file_that_is_too_large_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "LARGEST", 10)
    assert lines("kind: Workflow\n") == ["a.yaml:1:1: the file has more than 10 bytes; expected a manifest"]


@pytest.mark.parametrize("unit", ["  x{}: 1\n", "  a: {}\n", "\n---\nkind: X{}\n"])
def test_the_list_of_problems_has_an_end(unit: str) -> None:
    found = lines("kind: Workflow\nspec:\n" + "".join(unit.format(n) for n in range(5000)))
    assert len(found) < 1010
    assert "more than 1,000 problems" in found[-1]


def test_a_broken_document_does_not_hide_its_neighbours() -> None:
    documents = load_text("kind: Secret\n---\na: [\n---\nkind: Workflow\nspec: {x: 1}\n", "a.yaml")
    assert [(document.kind, len(document.problems)) for document in documents] == [
        ("Secret", 0),
        ("", 1),
        ("Workflow", 1),
    ]
    assert documents[1].place_of("anything") == documents[1].place_of("")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([], "found a list; expected an object"),
        (None, "found null; expected an object"),
        ({"kind": "Pod"}, 'kind: unknown kind "Pod"; expected one of'),
        ({"kind": "Workflow", "spec": {"entrypoint": 1}}, "spec.entrypoint: found the number 1; expected a string."),
        ({"kind": "Workflow", "spec": {"entrypoint": None, "x": None}}, 'spec.x: unknown field "x"'),
        ({"kind": "Workflow", "metadata": [], "spec": {}}, "metadata: found a list; expected an object"),
    ],
)
def test_an_object_without_text_has_problems_without_places(value: Any, expected: str) -> None:
    document = load_object(value)
    assert document.object is None
    assert document.problems[0].text().startswith(expected)


def test_an_object_nested_beyond_reason_is_a_problem() -> None:
    value: Any = "x"
    for _ in range(100_000):
        value = [value]
    (problem,) = load_object({"kind": "Workflow", "spec": {"templates": value}}).problems
    assert problem.what == "the object is nested too deeply"
