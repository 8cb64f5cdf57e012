"""Everything in a document that does not fit the schema, and the nulls that Go would not see.

Only walked when the fast way (`msgspec.convert`) refused a document or it holds nulls.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from finale.problems import did_you_mean
from finale.spec.paths import child_path, item_path
from finale.spec.shapes import Shape, fields_of
from finale.spec.values import any_string

__all__ = ["Misfit", "describe", "drop_nulls", "misfits", "read_switches"]

_WORDS: dict[type, str] = {str: "a string", int: "a whole number", float: "a number", bool: "true or false"}
_MOST_LISTED = 16
"""Fields of an object that a message lists when none is near the misspelt one."""

RENAMED = {
    ("CronWorkflowSpec", "schedule"): "Since Argo 4 it is a list: schedules: [...]",
    ("Synchronization", "mutex"): "Since Argo 4 it is a list: mutexes: [...]",
    ("Synchronization", "semaphore"): "Since Argo 4 it is a list: semaphores: [...]",
    ("WorkflowSpec", "podPriority"): "Argo has dropped it; use podPriorityClassName",
    ("Template", "template"): "A template cannot stand for another; call it from a step or task",
    ("Template", "templateRef"): "A template cannot stand for another; call it from a step or task",
    ("Template", "resubmitPendingPods"): "Argo has dropped it; pending pods are always submitted again",
}
"""Fields that Argo once had: what to write instead."""


class Misfit(NamedTuple):
    """One finding; `at_key` when its place is the key rather than the value."""

    path: str
    what: str
    expected: str
    hint: str
    at_key: bool


def misfits(value: Any, shape: Shape, path: str = "", outer: tuple[tuple[str, Any], ...] = ()) -> Iterator[Misfit]:
    """All misfits of `value`, depth first; `outer` are path and class of the objects around it, outermost first."""
    if shape.kind == "any":
        return
    if shape.kind == "scalar":
        if not _fits(value, shape.scalars):
            yield _wrong_type(value, _scalar_words(shape.scalars), path, _scalar_hint(value, shape.scalars))
    elif shape.kind == "list":
        if not isinstance(value, list):
            yield _wrong_type(value, "a list", path, _list_hint(value, shape.inner))
            return
        for index, item in enumerate(value):
            yield from misfits(item, shape.inner, item_path(path, index), outer)
    elif not isinstance(value, dict):
        yield _wrong_type(value, "an object", path, "")
    elif shape.kind == "map":
        for key, part in value.items():
            yield from misfits(part, shape.inner, child_path(path, key), outer)
    else:
        assert shape.struct is not None
        known = fields_of(shape.struct)
        around = (*outer, (path, shape.struct))
        for key, part in value.items():
            if key in known:
                yield from misfits(part, known[key], child_path(path, key), around)
            else:
                yield _unknown_field(key, shape.struct, known, path, outer)


def drop_nulls(value: Any, shape: Shape) -> Any:
    """`value` without the object fields that are null, as Go decodes it; free-form parts (items, plugins) keep theirs.

    A null in a map of strings is the empty string, which is what Go makes of it.
    """
    if shape.kind == "list" and isinstance(value, list):
        return [drop_nulls(item, shape.inner) for item in value]
    if isinstance(value, dict):
        if shape.kind == "map":
            is_text = shape.inner.scalars == (str,)
            return {
                key: "" if part is None and is_text else drop_nulls(part, shape.inner) for key, part in value.items()
            }
        if shape.kind == "struct" and shape.struct is not None:
            known = fields_of(shape.struct)
            return {
                key: drop_nulls(part, known[key]) if key in known else part
                for key, part in value.items()
                if part is not None or key not in known
            }
    return value


_SWITCHES = {"y": True, "Y": True, "n": False, "N": False}


def read_switches(value: Any, shape: Shape) -> Any:
    """`value` with a bare ``y`` or ``n`` read as a boolean wherever nothing but a boolean fits, as Go reads it."""
    if shape.kind == "scalar" and shape.scalars == (bool,) and isinstance(value, str):
        return _SWITCHES.get(value, value)
    if shape.kind == "list" and isinstance(value, list):
        return [read_switches(item, shape.inner) for item in value]
    if isinstance(value, dict) and shape.kind == "map":
        return {key: read_switches(part, shape.inner) for key, part in value.items()}
    if isinstance(value, dict) and shape.kind == "struct" and shape.struct is not None:
        known = fields_of(shape.struct)
        return {key: read_switches(part, known[key]) if key in known else part for key, part in value.items()}
    return value


def _fits(value: Any, scalars: tuple[type, ...]) -> bool:
    if isinstance(value, bool):
        return bool in scalars
    if isinstance(value, int):
        return int in scalars or float in scalars
    return isinstance(value, scalars)


def _scalar_words(scalars: tuple[type, ...]) -> str:
    dropped = int if float in scalars else None
    words = [word for scalar, word in _WORDS.items() if scalar in scalars and scalar is not dropped]
    return (", " if bool in scalars else " or ").join(words)


def describe(value: Any) -> str:
    """What was found, in a few words."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        short = value if len(value) <= 40 else value[:37] + "..."
        return f'the string "{short}"'
    if isinstance(value, int | float):
        return f"the number {any_string(value)}"
    return "a list" if isinstance(value, list) else "an object"


def _wrong_type(value: Any, wanted: str, path: str, hint: str) -> Misfit:
    return Misfit(path, f"found {describe(value)}", f"expected {wanted}", hint, at_key=False)


def _scalar_hint(value: Any, scalars: tuple[type, ...]) -> str:
    if str in scalars and isinstance(value, bool | int | float):
        return f'Quote it: "{any_string(value)}"'
    if str in scalars and isinstance(value, list | dict):
        return "Write it as JSON in a quoted string"
    if isinstance(value, str) and value.strip():
        bare = value.strip()
        if int in scalars and bare.lstrip("+-").isdigit():
            return f"Remove the quotes: {bare}"
        if bool in scalars and bare.lower() in ("true", "false"):
            return f"Remove the quotes: {bare.lower()}"
    return ""


def _list_hint(value: Any, inner: Shape) -> str:
    if isinstance(value, dict) and inner.kind in ("struct", "any"):
        return 'Put "- " before its first field'
    if isinstance(value, dict) and inner.kind == "list":
        return 'Put "- - " before its first field'
    return f"Write [{msgspec.json.encode(value).decode()}]" if _fits(value, inner.scalars or ()) else ""


def _unknown_field(
    key: str, struct: type[msgspec.Struct], known: dict[str, Shape], path: str, outer: tuple[tuple[str, Any], ...]
) -> Misfit:
    hint = RENAMED.get((struct.__name__, key), "")
    expected = ""
    if not hint:
        hint = _belongs_elsewhere(key, known, outer) or did_you_mean(key, known)
    if not hint and len(known) <= _MOST_LISTED:
        expected = f"expected one of {', '.join(known)}" if known else "expected no fields here"
    elif not hint:
        expected = f"expected a field of Argo's {struct.__name__}"
    return Misfit(child_path(path, key), f'unknown field "{key}"', expected, hint, at_key=True)


def _belongs_elsewhere(key: str, known: dict[str, Shape], outer: tuple[tuple[str, Any], ...]) -> str:
    for path, struct in reversed(outer):
        if key in fields_of(struct):
            return f"It is a field of {f'{chr(34)}{path}{chr(34)}' if path else 'the document'}; check the indentation"
    for name, shape in known.items():
        if shape.struct is not None and key in fields_of(shape.struct):
            return f'It is a field of "{name}"; check the indentation'
    return ""
