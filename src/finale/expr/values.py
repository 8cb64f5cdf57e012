"""The values of expressions: what they are (`govalues`) and how they look as text (`gofmt`, `gojson`), in one place to import."""

from typing import Any, Protocol

from finale.expr.gofmt import format_value
from finale.expr.gojson import from_json, to_json, to_json_indented
from finale.expr.govalues import (
    AnyMap,
    Duration,
    Function,
    Int64,
    Ints,
    Location,
    NamedInt,
    NilList,
    NilMap,
    NilStrings,
    Pair,
    Pairs,
    StringMap,
    Strings,
    Struct,
    Time,
    Uint8,
    is_nil,
    type_of,
    type_text,
)
from finale.expr.writer import DEPTH, LIMIT

__all__ = ["LIMIT", "AnyMap", "Duration", "Function", "Int64", "Ints", "Location", "NamedInt", "NilList", "NilMap"]
__all__ += [
    "NilStrings",
    "Pair",
    "Pairs",
    "StringMap",
    "Strings",
    "Struct",
    "Time",
    "Uint8",
    "copy_value",
    "format_value",
]
__all__ += ["Budget", "from_json", "is_nil", "to_json", "to_json_indented", "type_of", "type_text"]


class Budget(Protocol):
    """What work on large values is paid from."""

    def spend(self, work: int) -> None:
        """Raises ``ValueError`` past the limit."""


def copy_value(run: Budget, value: Any, depth: int = DEPTH) -> Any:
    """A deep copy of lists and maps. Raises ``ValueError`` past the budget of `run`."""
    if depth < 0:
        raise ValueError("recursion depth exceeded")
    if isinstance(value, list):
        run.spend(64 * (1 + len(value)))
        return value.__class__(copy_value(run, item, depth - 1) for item in value)
    if isinstance(value, (dict, AnyMap)):
        run.spend(64 * (1 + len(value)))
        return value.__class__((key, copy_value(run, item, depth - 1)) for key, item in value.items())
    return value
