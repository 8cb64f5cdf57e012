"""The builtins that evaluate a predicate for each item: `filter`, `map`, `reduce`, `groupBy` and the rest, as closures.

Each takes the closures of the list and of the predicate and gives one closure. The loop's state is saved around it, so
loops nest. An item is what Go's iteration gives: of a string its bytes, of a map nothing (`MapLoop`).

Source: expr-lang/expr compiler/compiler.go, ``BuiltinNode``.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from finale.expr.evaluation import Evaluation, Loop, MapLoop
from finale.expr.functions.lists import sorted_by
from finale.expr.gotext import as_bytes
from finale.expr.govalues import AnyMap, Groups, Uint8, type_text
from finale.expr.operators import add

__all__ = ["LOOPS", "Closure", "LoopParts", "truth"]

Closure = Callable[[Evaluation], Any]
_STEP = 64


class LoopParts:
    """The closures of a loop's arguments and what the rewriter decided about it."""

    __slots__ = ("arguments", "mapped", "threshold", "throws")

    def __init__(self, arguments: list[Closure], mapped: Closure | None, throws: bool, threshold: int | None) -> None:
        self.arguments = arguments
        self.mapped = mapped
        self.throws = throws
        self.threshold = threshold

    def argument(self, index: int) -> Closure | None:
        """The closure of an argument that may be left out."""
        return self.arguments[index] if index < len(self.arguments) else None


def truth(value: Any) -> bool:
    """`value`, which must be a boolean. Raises ``ValueError`` as Go's type assertion panics."""
    if value is True:
        return True
    if value is False:
        return False
    shown = "nil" if value is None else type_text(value)
    raise ValueError(f"interface conversion: interface {{}} is {shown}, not bool")


def _begin(run: Evaluation, items: Any) -> tuple[Sequence[Any], Loop]:
    """The items to go through and a new loop over them; the caller puts the old loop back."""
    loop = Loop()
    found: Sequence[Any]
    if isinstance(items, list):
        found = items
    elif isinstance(items, (str, bytes)):
        data = as_bytes(items) if isinstance(items, str) else items
        found = [Uint8(byte) for byte in data]
    elif isinstance(items, (Mapping, AnyMap)):
        found, loop = range(len(items)), MapLoop()
    else:
        kind = "zero" if items is None else type_text(items)
        raise ValueError(f"reflect: call of reflect.Value.Len on {kind} Value")
    run.spend(_STEP * len(found))
    run.loop = loop
    return found, loop


def _looping(body: Callable[[Evaluation, Sequence[Any], Loop], Any], items: Closure) -> Closure:
    """A closure that evaluates `items`, runs `body` over them and puts the outer loop back."""

    def looped(run: Evaluation) -> Any:
        values = items(run)
        outer = run.loop
        try:
            return body(run, *_begin(run, values))
        finally:
            run.loop = outer

    return looped


def _step(loop: Loop, index: int, item: Any) -> None:
    loop.index = index
    loop.item = item


def _all(items: Closure, test: Closure, *, wanted: bool, on_stop: bool) -> Closure:
    """`all`, `any`, `none`: stop at the first item for which the test gives `wanted`."""

    def body(run: Evaluation, values: Sequence[Any], loop: Loop) -> bool:
        for index, item in enumerate(values):
            _step(loop, index, item)
            if truth(test(run)) is wanted:
                return on_stop
        return not on_stop

    return _looping(body, items)


def _one(items: Closure, test: Closure) -> Closure:
    counted = _count(items, test, None)
    return lambda run: counted(run) == 1


def _filter(items: Closure, test: Closure, mapped: Closure | None) -> Closure:
    def body(run: Evaluation, values: Sequence[Any], loop: Loop) -> list[Any]:
        kept: list[Any] = []
        for index, item in enumerate(values):
            _step(loop, index, item)
            if truth(test(run)):
                kept.append(mapped(run) if mapped is not None else loop.item)
        run.grow(len(kept))
        return kept

    return _looping(body, items)


def _map(items: Closure, value: Closure) -> Closure:
    def body(run: Evaluation, values: Sequence[Any], loop: Loop) -> list[Any]:
        made: list[Any] = []
        for index, item in enumerate(values):
            _step(loop, index, item)
            made.append(value(run))
        run.grow(len(made))
        return made

    return _looping(body, items)


def _count(items: Closure, test: Closure | None, threshold: int | None) -> Closure:
    def body(run: Evaluation, values: Sequence[Any], loop: Loop) -> int:
        count = 0
        for index, item in enumerate(values):
            _step(loop, index, item)
            if truth(loop.item if test is None else test(run)):
                count += 1
                if count == threshold:
                    break
        return count

    return _looping(body, items)


def _sum(items: Closure, value: Closure | None) -> Closure:
    def body(run: Evaluation, values: Sequence[Any], loop: Loop) -> object:
        total: object = 0
        for index, item in enumerate(values):
            _step(loop, index, item)
            total = add(loop.item if value is None else value(run), total)
        return total

    return _looping(body, items)


def _find(parts: LoopParts, *, backwards: bool, wants_index: bool) -> Closure:
    test, mapped, throws = parts.arguments[1], parts.mapped, parts.throws

    def body(run: Evaluation, values: Sequence[Any], loop: Loop) -> Any:
        places = range(len(values) - 1, -1, -1) if backwards else range(len(values))
        for index in places:
            _step(loop, index, values[index])
            if truth(test(run)):
                if wants_index:
                    return index
                return mapped(run) if mapped is not None else loop.item
        if throws:
            raise ValueError("reflect: slice index out of range")
        return None

    return _looping(body, parts.arguments[0])


def _group_by(items: Closure, key: Closure) -> Closure:
    def body(run: Evaluation, values: Sequence[Any], loop: Loop) -> Groups:
        groups = Groups()
        for index, item in enumerate(values):
            _step(loop, index, item)
            name = key(run)
            group = groups.get(name)
            if isinstance(group, list):
                group.append(loop.item)
            else:
                groups.put(name, [loop.item])
        return groups

    return _looping(body, items)


def _sort_by(items: Closure, key: Closure, order: Closure | None) -> Closure:
    def body(run: Evaluation, values: Sequence[Any], loop: Loop) -> list[Any]:
        if values:
            _step(loop, 0, values[0])
        wanted = "asc" if order is None else order(run)
        if not isinstance(wanted, str):
            raise ValueError("sortBy order argument must be a string")
        if wanted not in ("asc", "desc"):
            raise ValueError("unknown order, use asc or desc")
        kept, keys = [], []
        for index, item in enumerate(values):
            _step(loop, index, item)
            keys.append(key(run))
            kept.append(loop.item)
        run.grow(len(kept))
        return sorted_by(run, kept, keys, is_descending=wanted == "desc")

    return _looping(body, items)


def _reduce(items: Closure, value: Closure, first: Closure | None) -> Closure:
    def body(run: Evaluation, values: Sequence[Any], loop: Loop) -> Any:
        start = 0
        if first is not None:
            # The first value is evaluated inside the loop already, so ``#`` is the first item there.
            if values:
                _step(loop, 0, values[0])
            loop.acc = first(run)
        elif not values:
            raise ValueError("reduce of empty array with no initial value")
        else:
            _step(loop, 0, values[0])
            loop.acc, start = loop.item, 1
        for index in range(start, len(values)):
            _step(loop, index, values[index])
            loop.acc = value(run)
        return loop.acc

    return _looping(body, items)


def _finder(*, backwards: bool, wants_index: bool) -> Callable[[LoopParts], Closure]:
    return lambda parts: _find(parts, backwards=backwards, wants_index=wants_index)


LOOPS: dict[str, Callable[[LoopParts], Closure]] = {
    "all": lambda parts: _all(*parts.arguments, wanted=False, on_stop=False),
    "any": lambda parts: _all(*parts.arguments, wanted=True, on_stop=True),
    "none": lambda parts: _all(*parts.arguments, wanted=True, on_stop=False),
    "one": lambda parts: _one(*parts.arguments),
    "filter": lambda parts: _filter(parts.arguments[0], parts.arguments[1], parts.mapped),
    "map": lambda parts: _map(*parts.arguments),
    "count": lambda parts: _count(parts.arguments[0], parts.argument(1), parts.threshold),
    "sum": lambda parts: _sum(parts.arguments[0], parts.argument(1)),
    "find": _finder(backwards=False, wants_index=False),
    "findIndex": _finder(backwards=False, wants_index=True),
    "findLast": _finder(backwards=True, wants_index=False),
    "findLastIndex": _finder(backwards=True, wants_index=True),
    "groupBy": lambda parts: _group_by(*parts.arguments),
    "sortBy": lambda parts: _sort_by(parts.arguments[0], parts.arguments[1], parts.argument(2)),
    "reduce": lambda parts: _reduce(parts.arguments[0], parts.arguments[1], parts.argument(2)),
}
"""How each builtin with a predicate becomes a closure."""
