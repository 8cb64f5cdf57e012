"""Functions of lists and maps, and `type`.

Go's maps have no order. What is made of one here comes sorted by key, so that an expression gives the same on every replay.
"""

from collections.abc import Mapping
from functools import cmp_to_key
from typing import Any

from finale.expr.equality import equal
from finale.expr.functions.table import Entry, Run, judged, leaves, text_of, typed
from finale.expr.gofmt import format_value, key_order
from finale.expr.gotext import as_bytes
from finale.expr.gotypes import ANY, ANY_LIST, GoType, go_type
from finale.expr.govalues import (
    AnyMap,
    Ints,
    NilList,
    NilStrings,
    Pair,
    Pairs,
    StringMap,
    Strings,
    Struct,
    Uint8,
    type_of,
    type_text,
)
from finale.expr.members import fetch
from finale.expr.methods import method_of
from finale.expr.nature import Nature, nature_of
from finale.expr.operators import less, to_int

__all__ = ["LISTS", "kind_of", "sorted_by"]


def kind_of(value: object) -> str:
    """What package reflect calls the kind of a value; ``invalid`` for nil."""
    found = type_of(value)
    return "invalid" if found is None else found.kind


def _len(run: Run, value: Any) -> int:
    if isinstance(value, (str, list, bytes, Mapping, AnyMap)):
        return len(value)
    raise ValueError(f"invalid argument for len (type {type_text(value)})")


_TYPE_WORDS = {"slice": "array", "array": "array", "map": "map", "string": "string", "bool": "bool", "func": "func"}


def _type(run: Run, value: object) -> str:
    found = type_of(value)
    if found is None:
        return "nil"
    if found.elem is not None and found.kind == "ptr":
        found = found.elem
    if found.is_named:
        return found.text
    for word in ("uint", "int", "float"):
        if found.kind.startswith(word):
            return word
    return _TYPE_WORDS.get(found.kind, "unknown")


def _end(position: int) -> Any:
    def item(run: Run, value: Any) -> object:
        try:
            return fetch(value, position)
        except ValueError:
            return None

    return item


def _get(run: Run, holder: Any, key: Any) -> object:
    """The member or item, or nil where `fetch` would fail for want of it."""
    if holder is None:
        return None
    if isinstance(key, str) and (method := method_of(holder, key)) is not None:
        return method
    if isinstance(holder, (list, bytes, str)):
        items = as_bytes(holder) if isinstance(holder, str) else holder
        index = to_int(key)
        index += len(items) if index < 0 else 0
        if not 0 <= index < len(items):
            return None
        return Uint8(items[index]) if isinstance(items, bytes) else items[index]
    if isinstance(holder, StringMap):
        return holder.get("" if key is None else text_of(key))
    if isinstance(holder, AnyMap):
        return holder.get(key)
    if isinstance(holder, Mapping):
        return fetch(holder, key)
    if isinstance(holder, Struct):
        return holder.fields.get(text_of(key))
    return None


def _take(run: Run, items: Any, count: Any) -> object:
    if not isinstance(items, (list, bytes)):
        raise ValueError(f"cannot take from {kind_of(items)}")
    if not isinstance(count, int) or isinstance(count, bool):
        raise ValueError(f"cannot take {kind_of(count)} elements")
    if isinstance(items, Pair):
        raise ValueError("reflect.Value.Slice: slice of unaddressable array")
    if count < 0:
        raise ValueError("reflect.Value.Slice: slice index out of bounds")
    return items.__class__(items[:count])


def _entries(value: Any, refusal: str) -> Any:
    if not isinstance(value, (Mapping, AnyMap)):
        raise ValueError(refusal.format(kind_of(value)))
    return sorted(value.items(), key=lambda entry: key_order(entry[0]))


def _keys(run: Run, value: Any) -> list[object]:
    return [key for key, _ in _entries(value, "cannot get keys from {}")]


def _values(run: Run, value: Any) -> list[object]:
    return [item for _, item in _entries(value, "cannot get values from {}")]


def _to_pairs(run: Run, value: Any) -> Pairs:
    return Pairs(Pair(entry) for entry in _entries(value, "cannot transform {} to pairs"))


def _from_pairs(run: Run, pairs: Any) -> AnyMap:
    if not isinstance(pairs, (list, bytes)):
        raise ValueError(f"cannot transform {format_value(pairs)} from pairs")
    found = AnyMap()
    for pair in pairs:
        if not isinstance(pair, (list, bytes)):
            raise ValueError(f"invalid pair {format_value(pair)}")
        if len(pair) != 2:
            raise ValueError(f"invalid pair length {format_value(pair)}")
        found.put(pair[0], pair[1])
    return found


def _items(value: Any, verb: str) -> list[Any]:
    if isinstance(value, bytes):
        return [Uint8(byte) for byte in value]
    if isinstance(value, list):
        return value
    raise ValueError(f"cannot {verb} {kind_of(value)}")


def _reverse(run: Run, value: Any) -> list[Any]:
    items = _items(value, "reverse")
    run.grow(len(items))
    return [*reversed(items)]


def _uniq(run: Run, value: Any) -> list[Any]:
    kept: list[Any] = []
    texts: set[str] = set()
    for item in _items(value, "uniq"):
        if isinstance(item, str):  # equal only to another string, so a set will do
            if item in texts:
                continue
            texts.add(item)
        else:
            run.spend(64 + 64 * len(kept))
            if any(equal(item, other) for other in kept):
                continue
        kept.append(item)
    return kept


def _concat(run: Run, *values: Any) -> list[Any]:
    joined: list[Any] = []
    for value in values:
        joined.extend(_items(value, "concat"))
    run.grow(len(joined))
    return joined or NilList()


def _flatten(run: Run, value: Any) -> list[Any]:
    flat = list(leaves(run, _items(value, "flatten")))
    run.grow(len(flat))
    return flat


def _sort(run: Run, items: Any, order: Any = "asc") -> list[Any]:
    if not isinstance(order, str):
        raise ValueError(f"sort order argument must be a string (got {type_text(order)})")
    if order not in ("asc", "desc"):
        raise ValueError(f"invalid order {order}, expected asc or desc")
    if items.__class__ not in (list, NilList, Ints, Strings, NilStrings):
        return NilList()
    run.grow(len(items))
    return sorted_by(run, items, items, is_descending=order == "desc")


def sorted_by(run: Run, items: list[Any], keys: list[Any], *, is_descending: bool) -> list[Any]:
    """`items` in the order of their `keys`; equal keys keep their order. Raises ``ValueError`` for keys without one."""

    def compare(a: int, b: int) -> int:
        run.spend(64)
        return -1 if less(keys[a], keys[b]) else 1 if less(keys[b], keys[a]) else 0

    places = sorted(range(len(items)), key=cmp_to_key(compare), reverse=is_descending)
    return [items[place] for place in places]


# What the checker asks


def _count(natures: list[Nature], wanted: int) -> None:
    if len(natures) != wanted:
        raise ValueError(f"invalid number of arguments (expected {wanted}, got {len(natures)})")


def _judge(result: GoType, refusal: str, *kinds: str) -> Any:
    """One argument of one of these kinds, or unknown."""

    def judge(natures: list[Nature]) -> Nature:
        _count(natures, 1)
        plain = natures[0].dereferenced()
        if plain.is_unknown or plain.kind in kinds:
            return nature_of(result)
        raise ValueError(refusal.format(natures[0].word))

    return judge


def _judge_end(which: str) -> Any:
    def judge(natures: list[Nature]) -> Nature:
        _count(natures, 1)
        plain = natures[0].dereferenced()
        if plain.is_unknown:
            return nature_of(ANY)
        if plain.is_list and plain.type is not None:
            return nature_of(plain.type.elem)
        raise ValueError(f"cannot get {which} element from {natures[0].word}")

    return judge


def _judge_take(natures: list[Nature]) -> Nature:
    _count(natures, 2)
    items, count = (nature.dereferenced() for nature in natures)
    if not (items.is_unknown or items.is_list):
        raise ValueError(f"cannot take from {natures[0].word}")
    if not (count.is_unknown or (count.kind.startswith("int") and count.kind != "interface")):
        raise ValueError(f"cannot take {natures[1].word} elements")
    return nature_of(natures[0].type)


def _judge_concat(natures: list[Nature]) -> Nature:
    if not natures:
        raise ValueError("invalid number of arguments (expected at least 1, got 0)")
    for nature in natures:
        plain = nature.dereferenced()
        if not (plain.is_unknown or plain.is_list):
            raise ValueError(f"cannot concat {nature.word}")
    return nature_of(ANY_LIST)


_SORTABLE = ("[]interface {}", "[]float64", "[]string", "[]int")
_LIST_KINDS = ("slice", "array")

LISTS: tuple[Entry, ...] = (
    judged("len", _len, _judge(go_type("int"), "invalid argument for len (type {})", *_LIST_KINDS, "map", "string")),
    typed("type", _type, "func(interface {}) string"),
    typed("string", lambda run, value: format_value(value), "func(interface {}) string"),
    judged("first", _end(0), _judge_end("first")),
    judged("last", _end(-1), _judge_end("last")),
    typed("get", _get),
    judged("take", _take, _judge_take),
    judged("keys", _keys, _judge(ANY_LIST, "cannot get keys from {}", "map")),
    judged("values", _values, _judge(ANY_LIST, "cannot get values from {}", "map")),
    judged("toPairs", _to_pairs, _judge(ANY_LIST, "cannot transform {} to pairs", "map")),
    judged("fromPairs", _from_pairs, _judge(AnyMap.go_type, "cannot transform {} from pairs", *_LIST_KINDS)),
    judged("reverse", _reverse, _judge(ANY_LIST, "cannot reverse {}", *_LIST_KINDS)),
    judged("uniq", _uniq, _judge(ANY_LIST, "cannot uniq {}", *_LIST_KINDS)),
    judged("concat", _concat, _judge_concat),
    judged("flatten", _flatten, _judge(ANY_LIST, "cannot flatten {}", *_LIST_KINDS)),
    typed(
        "sort",
        _sort,
        *(f"func({items}, string) []interface {{}}" for items in _SORTABLE),
        *(f"func({items}) []interface {{}}" for items in _SORTABLE),
    ),
)
