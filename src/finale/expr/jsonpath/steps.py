"""The parts of a path: each takes a value and what is left of the path, and gives the result.

A step that can meet several values (a wildcard, a slice, a filter…) applies the rest of the path to each of them and
drops those where it fails; a single index behind such a step picks from the list instead.
"""

from dataclasses import dataclass
from typing import Protocol

from finale.expr.gonumber import to_int64
from finale.expr.gotext import as_bytes
from finale.expr.values import Int64

__all__ = [
    "Current",
    "Document",
    "Expression",
    "Filter",
    "Index",
    "Key",
    "Length",
    "PathFailed",
    "Recursive",
    "Root",
    "Script",
    "Slice",
    "Step",
    "Union",
    "Wildcard",
    "as_integer",
    "kind_of",
]

# Enough for any real document; `..` several times in one path could otherwise visit it for hours.
_MAX_VISITS = 500_000


class PathFailed(Exception):
    """The path does not fit the value; inside a filter or a wildcard this only drops the value."""


class Document:
    """The whole value that `$` means, and how much of the allowed work is left."""

    def __init__(self, root: object) -> None:
        self.root = root
        self.visits_left = _MAX_VISITS

    def visit(self) -> None:
        """Count one visit of a value. Raises ``ValueError`` when there were too many."""
        self.visits_left -= 1
        if self.visits_left < 0:
            raise ValueError(f"the path visits more than {_MAX_VISITS} values")


class Step(Protocol):
    """One part of a path."""

    def apply(self, document: Document, value: object, rest: "tuple[Step, ...]") -> object:
        """The result of this step and then `rest` on `value`. Raises `PathFailed`."""


class Expression(Protocol):
    """A compiled filter or script."""

    @property
    def text(self) -> str:
        """As it was written."""

    def evaluate(self, document: Document, value: object) -> object:
        """Its value where `@` is `value`. Raises `PathFailed`."""


def kind_of(value: object) -> str:
    """The kind of a value as Go's package reflect names it."""
    match value:
        case None:
            return "nil"
        case bool():
            return "bool"
        case int():
            return "int64"
        case float():
            return "float64"
        case str():
            return "string"
        case list():
            return "slice"
    return "map"


def as_integer(value: object) -> int | None:
    """The integer that a number is, if it is one without a fraction."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return to_int64(value)
    return None


def _wrong_target(step: str, value: object, *expected: str) -> PathFailed:
    return PathFailed(f"{step}: invalid token target. expected [{' '.join(expected)}] got [{kind_of(value)}]")


def _children(step: str, value: object) -> list[object]:
    """The members of a list or, by their sorted keys, of a map."""
    if isinstance(value, dict):
        return [value[key] for key in sorted(value)]
    if isinstance(value, list):
        return value
    raise _wrong_target(step, value, "array", "map", "slice")


def _go_on(document: Document, value: object, rest: tuple[Step, ...]) -> object:
    document.visit()
    return rest[0].apply(document, value, rest[1:]) if rest else value


def _each(document: Document, values: list[object], rest: tuple[Step, ...]) -> list[object]:
    """`rest` on each value, without those where it fails or gives nil."""
    if not rest:
        return list(values)
    results = []
    for value in values:
        try:
            result = _go_on(document, value, rest)
        except PathFailed:
            continue
        if result is not None:
            results.append(result)
    return results


def _each_or_pick(document: Document, values: list[object], rest: tuple[Step, ...]) -> object:
    if rest and isinstance(rest[0], Index):
        return _go_on(document, values, rest)
    return _each(document, values, rest)


@dataclass(frozen=True, slots=True)
class Root:
    """``$``"""

    def apply(self, document: Document, value: object, rest: tuple[Step, ...]) -> object:
        return _go_on(document, document.root, rest)


@dataclass(frozen=True, slots=True)
class Current:
    """``@``"""

    def apply(self, document: Document, value: object, rest: tuple[Step, ...]) -> object:
        return _go_on(document, value, rest)


@dataclass(frozen=True, slots=True)
class Key:
    """``.name`` or ``['name']``"""

    name: str

    def apply(self, document: Document, value: object, rest: tuple[Step, ...]) -> object:
        if not isinstance(value, dict):
            raise _wrong_target("key", value, "map")
        if self.name not in value:
            raise PathFailed(f"key: invalid token key '{self.name}' not found")
        return _go_on(document, value[self.name], rest)


@dataclass(frozen=True, slots=True)
class Length:
    """``.length``: of a list, a map or a text (in bytes); a map's own key of that name goes first."""

    def apply(self, document: Document, value: object, rest: tuple[Step, ...]) -> object:
        if isinstance(value, dict):
            length = value.get("length", Int64(len(value)))
        elif isinstance(value, list):
            length = Int64(len(value))
        elif isinstance(value, str):
            length = Int64(len(as_bytes(value)))
        else:
            raise _wrong_target("length", value, "array", "map", "slice", "string")
        return _go_on(document, length, rest)


@dataclass(frozen=True, slots=True)
class Index:
    """``[0]``, ``[-1]``"""

    index: int

    def apply(self, document: Document, value: object, rest: tuple[Step, ...]) -> object:
        if not isinstance(value, list):
            raise _wrong_target("index", value, "array", "slice")
        if not -len(value) <= self.index < len(value):
            raise PathFailed("index: invalid token out of range")
        return _go_on(document, value[self.index], rest)


@dataclass(frozen=True, slots=True)
class Wildcard:
    """``*``"""

    def apply(self, document: Document, value: object, rest: tuple[Step, ...]) -> object:
        return _each(document, _children("wildcard", value), rest)


@dataclass(frozen=True, slots=True)
class Recursive:
    """``..``: what follows it, on the value and on everything inside it."""

    def apply(self, document: Document, value: object, rest: tuple[Step, ...]) -> list[object]:
        results: list[object] = []
        self._collect(document, value, rest, results)
        return results

    def _collect(self, document: Document, value: object, rest: tuple[Step, ...], results: list[object]) -> None:
        document.visit()
        if value is None:
            return
        try:
            found = _go_on(document, value, rest)
        except PathFailed:
            found = None
        if rest and isinstance(found, list):
            results.extend(found)
        elif found is not None:
            results.append(found)
        if isinstance(value, (list, dict)):
            for child in _children("recursive", value):
                self._collect(document, child, rest, results)


@dataclass(frozen=True, slots=True)
class Slice:
    """``[from:to:step]``; each part is a number, an expression or absent."""

    start: int | Expression | None
    stop: int | Expression | None
    step: int | Expression | None

    def apply(self, document: Document, value: object, rest: tuple[Step, ...]) -> object:
        if not isinstance(value, list):
            raise _wrong_target("range", value, "array", "slice")
        start = self._bound(document, value, self.start, 0)
        stop = self._bound(document, value, self.stop, len(value))
        step = 1 if self.step is None else self._number(document, value, self.step)
        if step == 0:
            raise PathFailed("range: invalid token out of range")
        indices = range(stop - 1, start - 1, step) if step < 0 else range(start, stop, step)
        return _each_or_pick(document, [value[index] for index in indices], rest)

    def _bound(self, document: Document, value: list[object], bound: int | Expression | None, default: int) -> int:
        if bound is None:
            return default
        number = self._number(document, value, bound)
        return min(max(number + len(value) if number < 0 else number, 0), len(value))

    @staticmethod
    def _number(document: Document, value: object, part: int | Expression) -> int:
        if isinstance(part, int):
            return part
        try:
            result = _evaluated(document, value, part)
        except PathFailed as error:
            raise PathFailed(f"range: invalid token {error}") from None
        number = as_integer(result)
        if number is None:
            raise PathFailed(
                f"range: invalid token unexpected expression result. expected [int] got [{kind_of(result)}]"
            )
        return number


@dataclass(frozen=True, slots=True)
class Union:
    """``[0,2]``, ``['a','b']``: members in the order asked for, without those that are missing."""

    parts: tuple[str | int | Expression, ...]

    def apply(self, document: Document, value: object, rest: tuple[Step, ...]) -> object:
        keys: list[str] = []
        indices: list[int] = []
        for part in self.parts:
            resolved = self._resolved(document, value, part)
            if isinstance(resolved, str):
                keys.append(resolved)
            else:
                indices.append(resolved)
            if keys and indices:
                expected, got = ("int", "string") if isinstance(resolved, str) else ("string", "int")
                raise PathFailed(f"union: invalid token argument. expected [{expected}] got [{got}]")
        if keys:
            if not isinstance(value, dict):
                raise _wrong_target("union", value, "map")
            return _each_or_pick(document, [value[key] for key in keys if key in value], rest)
        if not isinstance(value, list):
            raise _wrong_target("union", value, "array", "slice")
        found = [value[index] for index in indices if -len(value) <= index < len(value)]
        return _each_or_pick(document, found, rest)

    @staticmethod
    def _resolved(document: Document, value: object, part: str | int | Expression) -> str | int:
        if isinstance(part, (str, int)):
            return part
        try:
            result = _evaluated(document, value, part)
        except PathFailed as error:
            raise PathFailed(f"union: invalid token {error}") from None
        if isinstance(result, str):
            return result
        number = as_integer(result)
        if number is None:
            raise PathFailed(f"union: invalid token argument. expected [int string] got [{kind_of(result)}]")
        return number


@dataclass(frozen=True, slots=True)
class Filter:
    """``[?(…)]``: the members for which the expression is true or not empty; one that fails is left out."""

    expression: Expression

    def apply(self, document: Document, value: object, rest: tuple[Step, ...]) -> object:
        if not self.expression.text:
            raise PathFailed("invalid expression. is empty")
        kept = [child for child in _children("filter", value) if self._keeps(document, child)]
        return _each_or_pick(document, kept, rest)

    def _keeps(self, document: Document, child: object) -> bool:
        document.visit()
        try:
            result = self.expression.evaluate(document, child)
        except PathFailed:
            return False
        if isinstance(result, str) and len(result) > 1 and result[0] == result[-1] and result[0] in "'\"":
            return result[1:-1] != ""
        return bool(result)


@dataclass(frozen=True, slots=True)
class Script:
    """``[(…)]``: the key or index that the expression gives."""

    expression: Expression

    def apply(self, document: Document, value: object, rest: tuple[Step, ...]) -> object:
        result = _evaluated(document, value, self.expression)
        if isinstance(result, str):
            return Key(result).apply(document, value, rest)
        index = as_integer(result)
        if index is None:
            raise PathFailed(f"unexpected expression result. expected [int string] got [{kind_of(result)}]")
        return Index(index).apply(document, value, rest)


def _evaluated(document: Document, value: object, expression: Expression) -> object:
    try:
        return expression.evaluate(document, value)
    except PathFailed as error:
        text = str(error)
        raise PathFailed(text if "invalid expression" in text else f"invalid expression. {text}") from None
