"""The rows of values that the reference implementations printed (data/, see conformance/expr/README.md), and their environment.

A row's value is JSON made by Go, so what we compute is put into the same shape: maps with any keys by the text of their keys,
functions as the word ``func``, for Go prints their address.
"""

import gzip
import json
import re
from pathlib import Path
from typing import Any

from finale.expr.gotypes import GoType, go_type
from finale.expr.govalues import AnyMap, Function, Ints, Struct, is_nil, type_text
from finale.expr.values import format_value, to_json

__all__ = ["ARGO", "DATA", "ENVIRONMENT", "like_go", "rows", "shape"]

DATA = Path(__file__).parent / "data"

_FOO = GoType(
    "main.Foo", "struct", is_named=True, fields=(("Bar", go_type("string")), ("String", go_type("func() string")))
)


class _Foos(list[Struct]):
    """``[]main.Foo``."""

    go_type = GoType("[]main.Foo", "slice", elem=_FOO)


def _foo(bar: str) -> Struct:
    return Struct(_FOO, {"Bar": bar}, text="foo")


ENVIRONMENT: dict[str, object] = {
    "ok": True,
    "i": 1,
    "str": "str",
    "f64": 0.5,
    "array": Ints([1, 2, 3, 4, 5]),
    "foo": _foo("foo"),
    "list": _Foos([_foo("bar"), _foo("baz")]),
    "add": Function("add", go_type("func(int, int) int"), lambda run, a, b: a + b),
    "greet": Function("greet", go_type("func(string) string"), lambda run, name: f"Hello, {name}"),
}
"""What the rows of expr-lang.jsonl.gz may read."""


ARGO: dict[str, object] = {
    "s": "hi",
    "n": "5",
    "empty": "",
    "uni": "café 😀",
    "none": None,
    "num": 7,
    "flt": 2.5,
    "flag": True,
    "inputs": {"parameters": {"x": "ex", "x-y": "dash", "n": "12", "json": '{"a": [1, "two"]}'}},
    "steps": {"a-b": {"outputs": {"result": "42"}, "status": "Succeeded"}},
    "data": ["a", "b", {"k": 1.5}],
}
"""What those rows of expr-more.jsonl.gz may read whose environment is ``argo``."""


def rows(name: str) -> list[dict[str, Any]]:
    """The rows of a file in data/."""
    return [json.loads(line) for line in gzip.decompress((DATA / name).read_bytes()).splitlines()]


def shape(value: object, *, exact: bool = False) -> tuple[str, object]:
    """Go type and JSON shape of a value of ours; `exact` tells floats from integers everywhere, as ``{"float": "1.5"}``."""
    return type_text(value), _plain(value, exact)


def _plain(value: object, exact: bool) -> object:
    if exact and isinstance(value, float):
        return {"float": format_value(value)}
    if isinstance(value, AnyMap):
        return {format_value(key): _plain(item, exact) for key, item in value.items()}
    if isinstance(value, list) and not is_nil(value):
        return [_plain(item, exact) for item in value]
    if isinstance(value, dict) and not is_nil(value):
        return {key: _plain(item, exact) for key, item in value.items()}
    if isinstance(value, Struct):
        return {name: _plain(item, exact) for name, item in value.fields.items()}
    if isinstance(value, Function):
        return "func"
    return json.loads(to_json(value))


def like_go(row: dict[str, Any]) -> tuple[str, object]:
    """Go type and JSON shape that a row asks for, addresses of functions taken out."""
    return row["type"], _without_addresses(row["value"])


def _without_addresses(value: object) -> object:
    if isinstance(value, str):
        return re.sub("0x[0-9a-f]{6}", "func", value)
    if isinstance(value, list):
        return [_without_addresses(item) for item in value]
    if isinstance(value, dict):
        return {key: _without_addresses(item) for key, item in value.items()}
    return value
