"""The table of `finale.spec.support` covers the schema, and the page printed from it is current."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from finale.spec.kinds import KINDS
from finale.spec.load import load_object, load_text
from finale.spec.shapes import Shape, fields_of
from finale.spec.support import ROOTS, RULES, decided_fields, notices, refusals, rule_of

MANIFESTS = Path(__file__).parent / "manifests"
SCRIPT = Path(__file__).parents[3] / "scripts" / "generate_support.py"


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    specification = importlib.util.spec_from_file_location("generate_support", SCRIPT)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def _inner(shape: Shape) -> Any:
    while shape.kind in ("list", "map"):
        shape = shape.inner
    return shape.struct


def _all_fields() -> dict[tuple[str, str], set[str]]:
    """Every field the five kinds reach → its fates: its own rule's, or that of the unsupported field above it."""
    fates: dict[tuple[str, str], set[str]] = {}
    waiting: list[tuple[Any, str]] = [(KINDS[kind], "") for kind in ROOTS]
    seen = set(waiting)
    while waiting:
        struct, above = waiting.pop()
        for field, shape in fields_of(struct).items():
            fate = above or rule_of(struct.__name__, field).decision
            fates.setdefault((struct.__name__, field), set()).add(fate)
            below = (_inner(shape), "" if fate == "supported" else fate)
            if below[0] is not None and below not in seen:
                seen.add(below)
                waiting.append(below)
    return fates


def test_every_field_of_the_schema_has_a_decision() -> None:
    fates = _all_fields()
    assert len(fates) > 900
    decided = {(struct, field): rule.decision for struct, field, rule in decided_fields()}
    assert len(decided) == len(list(decided_fields()))
    for field, fate in decided.items():
        assert fate in fates[field]
    for field in fates.keys() - decided.keys():
        assert "supported" not in fates[field]


def test_no_field_is_named_by_two_rows_and_no_row_is_dead() -> None:
    patterns = [pattern for rule in RULES for pattern in rule.fields.split()]
    assert len(patterns) == len(set(patterns))
    live = set()
    for struct, field, rule in decided_fields():
        names = [f"{struct}.{field}", f"*.{field}", f"{struct}.*"]
        live.add(next(name for name in names if name in patterns))
        assert rule.decision == "supported" or rule.reason
    assert live == set(patterns)


def test_a_field_without_a_row_is_refused_loudly() -> None:
    with pytest.raises(KeyError):
        rule_of("Unheard", "of")


def test_the_page_is_printed_from_the_table(generator: ModuleType) -> None:
    assert generator.page() == generator.PAGE.read_text()
    assert generator.main(["--check"]) == 0


def test_a_stale_page_is_noticed_and_rewritten(
    generator: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generator, "PAGE", tmp_path / "docs" / "support.md")
    assert generator.main(["--check"]) == 1
    assert generator.main([]) == 0
    assert generator.main(["--check"]) == 0


def test_every_decided_field_stands_on_the_page_once(generator: ModuleType) -> None:
    rows = [line for line in generator.page().splitlines() if line.startswith("|")]
    for struct, field, rule in decided_fields():
        if rule.decision != "supported":
            assert sum(f"`{struct}.{field}`" in row for row in rows) == 1
        else:
            assert sum(row.startswith(f"| {struct} |") and f"`{field}`" in row for row in rows) == 1


def test_ignored_fields_in_use_give_one_notice_each_with_place_and_reason() -> None:
    (document,) = load_text((MANIFESTS / "release.yaml").read_text(), "release.yaml")
    found = {problem.path: problem for problem in notices(document)}
    assert found["spec.nodeSelector"].text() == (
        'notice: release.yaml:31:3: spec.nodeSelector: field "nodeSelector" is ignored: there is one machine\n'
        "    nodeSelector: {disk: ssd}\n"
        "    ^"
    )
    assert "spec.tolerations" not in found
    assert refusals(document) == []


def test_a_field_used_often_gives_one_notice_that_counts() -> None:
    template = {"name": "a", "nodeSelector": {"a": "b"}}
    document = load_object({"kind": "Workflow", "spec": {"templates": [template, template, template]}})
    (notice,) = notices(document)
    assert (notice.path, notice.hint) == ("spec.templates[0].nodeSelector", "It stands at 3 places")
    assert notice.severity == "notice"


def test_what_is_not_built_yet_says_so() -> None:
    document = load_object({"kind": "CronWorkflow", "spec": {"schedules": ["* * * * *"]}})
    assert [notice.what.partition(":")[0] for notice in notices(document)] == ['field "spec" is not supported yet']


def test_what_an_engine_writes_gives_no_notice() -> None:
    metadata = {"name": "a", "uid": "1", "creationTimestamp": "2026-11-21T08:00:00Z", "managedFields": [{}]}
    document = load_object({"kind": "Workflow", "metadata": metadata, "spec": {}, "status": {"phase": "Failed"}})
    assert notices(document) == []


def test_storage_that_only_a_cluster_has_is_refused() -> None:
    text = "kind: Workflow\nspec:\n  volumes:\n  - name: a\n    nfs: {server: x, path: /}\n"
    (document,) = load_text(text, "a.yaml")
    (problem,) = refusals(document)
    assert problem.severity == "error"
    assert problem.text().startswith('a.yaml:5:5: spec.volumes[0].nfs: field "nfs" cannot be served: it is a cluster')


def test_documents_with_errors_and_other_kinds_give_no_notices() -> None:
    assert notices(load_object({"kind": "Workflow", "spec": {"nodeSelector": 3}})) == []
    assert notices(load_object({"kind": "ConfigMap", "data": {"nodeSelector": "x"}})) == []
