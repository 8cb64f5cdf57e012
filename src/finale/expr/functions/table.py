"""An entry of the tables of functions, and the budget that a function may spend."""

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import FunctionType
from typing import Any, Protocol

from finale.expr.gotypes import GoType, go_type
from finale.expr.govalues import Uint8, type_text
from finale.expr.nature import Nature
from finale.expr.surroundings import Surroundings

# What expr-lang calls "fast": functions that pop their one argument from its stack themselves.
_UNARY = frozenset(["len", "type", "abs", "ceil", "floor", "round", "int", "float", "string", "upper", "lower"])

_DEPTH = 200

__all__ = ["Entry", "Run", "judged", "leaves", "text_of", "typed"]


class Run(Protocol):
    """What a function may know of the evaluation that calls it."""

    surroundings: Surroundings

    @property
    def chance(self) -> Iterator[int]:
        """Random bytes, drawn one after the other by all that this evaluation calls."""

    def spend(self, work: int) -> None:
        """Pay for work: 1 for a character written, 64 for a step of a loop. Raises ``ValueError`` past the limit."""

    def grow(self, items: int) -> None:
        """Count new list items or repeated bytes against expr-lang's memory budget. Raises ``ValueError``."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A function: `types` are its overloads; or `judge` takes the natures of the arguments and gives the result's.

    `judge` raises ``ValueError`` in expr-lang's words. `call` takes the run and the arguments.
    """

    name: str
    call: FunctionType
    types: tuple[GoType, ...] = ()
    judge: Callable[[list[Nature]], Nature] | None = None

    def fitted(self, arguments: int) -> slice | None:
        """Which of so many arguments `call` takes; None if they are too few.

        Calls are checked before they run, save those among the arguments of a function that is not known. There some
        of Go's functions take the last argument, the others the first that they need, and too few are an error.
        """
        code = self.call.__code__
        if code.co_flags & inspect.CO_VARARGS:
            return slice(0, arguments)
        most = code.co_argcount - 1
        least = most - len(self.call.__defaults__ or ())
        if arguments < least:
            return None
        return slice(arguments - 1, arguments) if self.name in _UNARY else slice(0, most)


def typed(name: str, call: Callable[..., object], *signatures: str) -> Entry:
    """An entry with overloads, written as Go writes them."""
    return Entry(name, _plain(call), tuple(go_type(signature) for signature in signatures))


def judged(name: str, call: Callable[..., object], judge: Callable[[list[Nature]], Nature]) -> Entry:
    """An entry that judges its arguments itself."""
    return Entry(name, _plain(call), judge=judge)


def _plain(call: Callable[..., object]) -> FunctionType:
    assert isinstance(call, FunctionType)  # the tables hold functions, not callable objects
    return call


def text_of(value: object) -> str:
    """`value`, which must be a string. Raises ``ValueError`` as Go's type assertion panics."""
    if isinstance(value, str):
        return value
    shown = "nil" if value is None else type_text(value)
    raise ValueError(f"interface conversion: interface {{}} is {shown}, not string")


def leaves(run: Run, items: Iterable[Any]) -> Iterator[Any]:
    """What lists hold that is no list itself, in order, however deep. Raises ``ValueError`` past the budget of `run`."""
    levels = [iter(items)]
    while levels:
        for item in levels[-1]:
            run.spend(64)
            if isinstance(item, (list, bytes)):
                if len(levels) > _DEPTH:
                    raise ValueError("recursion depth exceeded")
                levels.append(iter(item) if isinstance(item, list) else map(Uint8, item))
                break
            yield item
        else:
            levels.pop()
