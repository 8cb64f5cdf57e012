"""sprig's lists: building, ends, slices, sets. Lists of every type are taken; what comes out is a list of anything.

Of each function there are two, ``first`` and ``mustFirst``; they fail alike, for expressions end at a panic as at an error.
Source: sprig list.go.
"""

from collections.abc import Callable
from typing import Any

from finale.expr.equality import deep_equal
from finale.expr.functions.table import Run
from finale.expr.govalues import Function, NilList
from finale.expr.sprig.reflection import is_empty, items_of, kind_of, to_int64
from finale.expr.sprig.table import entry

__all__ = ["LISTS"]


def _pair(name: str, must: str, signature: str, call: Callable[..., object]) -> list[tuple[str, Function]]:
    return [entry(name, signature, call), entry(must, signature, call)]


def _appended(run: Run, values: object, value: object) -> list[Any]:
    items = items_of(values, "Cannot push on type {}")
    run.grow(len(items) + 1)
    return [*items, value]


def _prepended(run: Run, values: object, value: object) -> list[Any]:
    items = items_of(values, "Cannot prepend on type {}")
    run.grow(len(items) + 1)
    return [value, *items]


def _chunks(run: Run, size: int, values: object) -> list[list[Any]]:
    items = items_of(values, "Cannot chunk type {}")
    run.grow(len(items))
    if size > 0:
        return [items[start : start + size] for start in range(0, len(items), size)]
    # Go's arithmetic takes a negative size too, and arrives at no chunk, one, or a count that it cannot make.
    count = (len(items) - 1) // size + 1 if size else -1
    if count == 0:
        return []
    if count == 1 and items and size < -1:
        return [items]
    raise ValueError("runtime error: makeslice: len out of range")


def _first(run: Run, values: object) -> object:
    items = items_of(values, "Cannot find first on type {}")
    return items[0] if items else None


def _last(run: Run, values: object) -> object:
    items = items_of(values, "Cannot find last on type {}")
    return items[-1] if items else None


def _rest(run: Run, values: object) -> list[Any]:
    items = items_of(values, "Cannot find rest on type {}")
    return items[1:] if items else NilList()


def _initial(run: Run, values: object) -> list[Any]:
    items = items_of(values, "Cannot find initial on type {}")
    return items[:-1] if items else NilList()


def _reversed(run: Run, values: object) -> list[Any]:
    return items_of(values, "Cannot find reverse on type {}")[::-1]


def _compacted(run: Run, values: object) -> list[Any]:
    return [item for item in items_of(values, "Cannot compact on type {}") if not is_empty(item)]


def _is_among(run: Run, candidates: list[Any], item: object) -> bool:
    run.spend(64 * (len(candidates) + 1))
    return any(deep_equal(item, candidate) for candidate in candidates)


def _unique(run: Run, values: object) -> list[Any]:
    kept: list[Any] = []
    for item in items_of(values, "Cannot find uniq on type {}"):
        if not _is_among(run, kept, item):
            kept.append(item)
    return kept


def _without(run: Run, values: object, *omitted: object) -> list[Any]:
    items = items_of(values, "Cannot find without on type {}")
    return [item for item in items if not _is_among(run, list(omitted), item)]


def _has(run: Run, needle: object, values: object) -> bool:
    return values is not None and _is_among(run, items_of(values, "Cannot find has on type {}"), needle)


def _slice(run: Run, values: Any, *bounds: object) -> object:
    items = items_of(values, "list should be type of slice or array but {}")
    if not items:
        return None
    start = to_int64(bounds[0]) if bounds else 0
    end = to_int64(bounds[1]) if len(bounds) > 1 else len(items)
    if not 0 <= start <= end <= len(items):
        raise ValueError("reflect.Value.Slice: slice index out of bounds")
    if kind_of(values) == "array":
        raise ValueError("reflect.Value.Slice: slice of unaddressable array")
    # A part of a typed list is of its type.
    return values[start:end] if isinstance(values, bytes) else values.__class__(items[start:end])


def _concatenated(run: Run, *lists: object) -> list[Any]:
    result: list[Any] = []
    for values in lists:
        result += items_of(values, "Cannot concat type {} as list")
        run.grow(len(result))
    return result or NilList()


_ANY, _LIST = "(interface {}) interface {}", "(interface {}) []interface {}"
_LIST_AND_ITEM = "(interface {}, interface {}) []interface {}"

LISTS: tuple[tuple[str, Function], ...] = (
    entry("tuple", "(...interface {}) []interface {}", lambda run, *values: list(values)),
    entry("list", "(...interface {}) []interface {}", lambda run, *values: list(values)),
    *_pair("append", "mustAppend", _LIST_AND_ITEM, _appended),
    *_pair("push", "mustPush", _LIST_AND_ITEM, _appended),
    *_pair("prepend", "mustPrepend", _LIST_AND_ITEM, _prepended),
    *_pair("first", "mustFirst", _ANY, _first),
    *_pair("rest", "mustRest", _LIST, _rest),
    *_pair("last", "mustLast", _ANY, _last),
    *_pair("initial", "mustInitial", _LIST, _initial),
    *_pair("reverse", "mustReverse", _LIST, _reversed),
    *_pair("uniq", "mustUniq", _LIST, _unique),
    *_pair("without", "mustWithout", "(interface {}, ...interface {}) []interface {}", _without),
    *_pair("has", "mustHas", "(interface {}, interface {}) bool", _has),
    *_pair("slice", "mustSlice", "(interface {}, ...interface {}) interface {}", _slice),
    *_pair("chunk", "mustChunk", "(int, interface {}) [][]interface {}", _chunks),
    *_pair("compact", "mustCompact", _LIST, _compacted),
    entry("concat", "(...interface {}) interface {}", _concatenated),
)
