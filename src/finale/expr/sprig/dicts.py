"""sprig's dictionaries.

`set`, `unset` and the merging functions return a changed copy; in Go they change what they are given, which here may be a
variable that other expressions read. Only an expression that keeps a dictionary with `let` could tell. Where Go walks a
map in no order (`keys`, `values`), ours is that of the sorted keys.

Source: sprig dict.go; dario.cat/mergo 1.0 for the merging.
"""

from collections.abc import Mapping
from typing import Any

from finale.expr.functions.table import Run
from finale.expr.govalues import Function, NilMap, Strings, type_text
from finale.expr.sprig.reflection import is_empty, text_of
from finale.expr.sprig.table import entry
from finale.expr.values import copy_value

__all__ = ["DICTS"]


def _dict(run: Run, *pairs: Any) -> dict[str, Any]:
    """Keys and values in turn; a key without a value gets the empty text."""
    result: dict[str, Any] = {}
    for index in range(0, len(pairs), 2):
        result[text_of(pairs[index])] = pairs[index + 1] if index + 1 < len(pairs) else ""
    return result


def _set(run: Run, values: dict[str, Any], key: str, value: object) -> dict[str, Any]:
    if isinstance(values, NilMap):
        raise ValueError("assignment to entry in nil map")
    run.spend(64 * len(values))
    return {**values, key: value}


def _unset(run: Run, values: dict[str, Any], key: str) -> dict[str, Any]:
    run.spend(64 * len(values))
    return values if key not in values else {name: value for name, value in values.items() if name != key}


def _picked(run: Run, values: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: values[key] for key in keys if key in values}


def _omitted(run: Run, values: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key not in keys}


def _plucked(run: Run, key: str, *dicts: Mapping[str, Any]) -> list[Any]:
    return [values[key] for values in dicts if key in values]


def _keys(run: Run, *dicts: Mapping[str, Any]) -> Strings:
    return Strings(key for values in dicts for key in sorted(values))


def _values(run: Run, values: Mapping[str, Any]) -> list[Any]:
    return [values[key] for key in sorted(values)]


def _merged(
    run: Run, target: dict[str, Any], sources: tuple[Mapping[str, Any], ...], overwrite: bool
) -> dict[str, Any]:
    target = copy_value(run, target)
    for source in sources:
        if isinstance(target, NilMap) and not isinstance(source, NilMap):
            target = {}
        _merge(run, target, source, overwrite)
    return target


def _merge(run: Run, target: dict[str, Any], source: Mapping[str, Any], overwrite: bool) -> None:
    """Put into `target` what `source` has and it lacks; if `overwrite`, also what both have. Maps are merged inside."""
    for key, value in list(source.items()):
        run.spend(64)
        present = target.get(key)
        if value is None:
            if overwrite:
                target[key] = None
            continue
        if isinstance(value, Mapping) and isinstance(present, dict):
            _merge(run, present, value, overwrite)
            if present:
                continue
        if overwrite or is_empty(present):
            # A copy, so that merging into it later leaves its source alone.
            target[key] = copy_value(run, value)


def _dug(run: Run, *arguments: Any) -> object:
    """``dig key… default dict``: a value inside dictionaries, or the default where one key is missing."""
    if len(arguments) < 3:
        raise ValueError("dig needs at least three arguments")
    *keys, default, value = arguments
    _mapping(value)
    for key in keys:
        if not isinstance(key, str):
            raise ValueError(f"interface conversion: interface {{}} is {_type(key)}, not string")
    for key in keys:
        holder = _mapping(value)
        if key not in holder:
            return default
        value = holder[key]
    return value


def _mapping(value: Any) -> Mapping[str, Any]:
    if isinstance(value, Mapping) and type_text(value) == "map[string]interface {}":
        return value
    raise ValueError(f"interface conversion: interface {{}} is {_type(value)}, not map[string]interface {{}}")


def _type(value: object) -> str:
    return "nil" if value is None else type_text(value)


_MAP = "map[string]interface {}"

DICTS: tuple[tuple[str, Function], ...] = (
    entry("dict", f"(...interface {{}}) {_MAP}", _dict),
    entry("get", f"({_MAP}, string) interface {{}}", lambda run, values, key: values.get(key, "")),
    entry("set", f"({_MAP}, string, interface {{}}) {_MAP}", _set),
    entry("unset", f"({_MAP}, string) {_MAP}", _unset),
    entry("hasKey", f"({_MAP}, string) bool", lambda run, values, key: key in values),
    entry("pluck", f"(string, ...{_MAP}) []interface {{}}", _plucked),
    entry("keys", f"(...{_MAP}) []string", _keys),
    entry("values", f"({_MAP}) []interface {{}}", _values),
    entry("pick", f"({_MAP}, ...string) {_MAP}", _picked),
    entry("omit", f"({_MAP}, ...string) {_MAP}", _omitted),
    entry("merge", f"({_MAP}, ...{_MAP}) interface {{}}", lambda run, d, *s: _merged(run, d, s, False)),
    entry("mustMerge", f"({_MAP}, ...{_MAP}) interface {{}}", lambda run, d, *s: _merged(run, d, s, False)),
    entry("mergeOverwrite", f"({_MAP}, ...{_MAP}) interface {{}}", lambda run, d, *s: _merged(run, d, s, True)),
    entry("mustMergeOverwrite", f"({_MAP}, ...{_MAP}) interface {{}}", lambda run, d, *s: _merged(run, d, s, True)),
    entry("dig", "(...interface {}) interface {}", _dug),
    entry("deepCopy", "(interface {}) interface {}", copy_value),
    entry("mustDeepCopy", "(interface {}) interface {}", copy_value),
)
