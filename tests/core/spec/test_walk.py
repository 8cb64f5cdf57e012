"""The walk that names every misfit agrees with msgspec, which stops at the first."""

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from finale.spec.generated.argo import WorkflowSpec
from finale.spec.paths import child_path, item_path, parent_path
from finale.spec.shapes import Shape
from finale.spec.walk import drop_nulls, misfits

SPEC = Shape("struct", struct=WorkflowSpec)
words = st.sampled_from(
    ["entrypoint", "templates", "name", "dag", "tasks", "steps", "arguments", "parameters", "value", "hooks", "retryStrategy",
     "limit", "plugin", "withItems", "container", "args", "env", "resources", "limits", "parallelism", "suspend", "zzz"]
)  # fmt: skip
anything = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | st.just(1.5) | st.just("x"),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(words, inner, max_size=4),
    max_leaves=25,
)


def _is_accepted(value: Any) -> bool:
    try:
        msgspec.convert(value, WorkflowSpec)
    except msgspec.ValidationError:
        return False
    return True


@settings(deadline=None, max_examples=500)
@given(st.dictionaries(words, anything, max_size=4))
def test_the_walk_finds_a_misfit_exactly_where_msgspec_refuses(value: dict[str, Any]) -> None:
    cleaned = drop_nulls(value, SPEC)
    assert _is_accepted(cleaned) == (not list(misfits(cleaned, SPEC)))


@settings(deadline=None, max_examples=200)
@given(st.dictionaries(words, anything, max_size=4))
def test_dropping_nulls_twice_changes_nothing_more(value: dict[str, Any]) -> None:
    cleaned = drop_nulls(value, SPEC)
    assert drop_nulls(cleaned, SPEC) == cleaned


@given(st.lists(st.text(max_size=5) | st.integers(0, 99), max_size=4), st.text(max_size=5) | st.integers(0, 99))
def test_the_parent_of_a_path_is_what_it_was_made_from(parts: list[str | int], last: str | int) -> None:
    path = ""
    for part in parts:
        path = child_path(path, part) if isinstance(part, str) else item_path(path, part)
    longer = child_path(path, last) if isinstance(last, str) else item_path(path, last)
    assert parent_path(longer) == path
