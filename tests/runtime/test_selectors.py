"""Label and field selectors, with Kubernetes' grammar and error texts."""

import pytest

from finale.errors import BadRequest
from finale.runtime.selectors import parse_fields, parse_labels

LABELS = {"team": "blue", "size": "7", "workflows.argoproj.io/phase": "Failed", "empty": ""}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("", True),
        ("team=blue", True),
        ("team==blue", True),
        ("team = blue", True),
        ("team=red", False),
        ("team!=red", True),
        ("team!=blue", False),
        ("nothing!=blue", True),
        ("team", True),
        ("nothing", False),
        ("!nothing", True),
        ("!team", False),
        ("team in (red, blue)", True),
        ("team in (red)", False),
        ("nothing in (red)", False),
        ("team notin (red)", True),
        ("nothing notin (red)", True),
        ("team=blue,size", True),
        ("team=blue,size=8", False),
        ("workflows.argoproj.io/phase in (Failed)", True),
        ("size>6", True),
        ("size<7", False),
        ("team>6", False),
        ("empty=", True),
        ("team=", False),
        ("empty in (,x)", True),
        ("team=blue,", True),
    ],
)
def test_label_selector(text: str, holds: bool) -> None:
    assert parse_labels(text)(LABELS) is holds


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("(((", "found '(', expected: !, identifier, or 'end of string'"),
        ("a b", "found 'b', expected: in, notin, =, ==, !=, gt, lt"),
        ("a in b", "found 'b' expected: '('"),
        ("a in (b", "found '', expected: ',' or ')'"),
        ("a=b c", "found 'c', expected: ',' or 'end of string'"),
        ("a=(", "found '(', expected: identifier"),
        ("!", "found '', expected: identifier"),
    ],
)
def test_a_bad_label_selector_is_named(text: str, message: str) -> None:
    with pytest.raises(BadRequest) as caught:
        parse_labels(text)
    assert str(caught.value) == message


FIELDS = frozenset({"metadata.name", "metadata.namespace"})


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("", True),
        ("metadata.name=x", True),
        ("metadata.name==x", True),
        ("metadata.name!=x", False),
        ("metadata.name=x,metadata.namespace=argo", True),
        ("metadata.name=x,metadata.namespace=other", False),
    ],
)
def test_field_selector(text: str, holds: bool) -> None:
    assert parse_fields(text, FIELDS).holds({"metadata.name": "x", "metadata.namespace": "argo"}) is holds


def test_field_selectors_can_be_taken_apart() -> None:
    selector = parse_fields("metadata.name=x,metadata.namespace=argo", FIELDS)
    assert selector.value_of("metadata.name") == "x"
    assert selector.value_of("metadata.uid") == ""
    assert selector.without("metadata.name").holds({"metadata.namespace": "argo"})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("spec.priority=1", "field label not supported: spec.priority"),
        ("nonsense", "invalid selector: 'nonsense'; can't understand 'nonsense'"),
    ],
)
def test_a_bad_field_selector_is_named(text: str, message: str) -> None:
    with pytest.raises(BadRequest) as caught:
        parse_fields(text, FIELDS)
    assert str(caught.value) == message
