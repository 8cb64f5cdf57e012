"""One evaluation of a compiled expression: its variables, the loop it is in, and what it may still spend.

Two budgets keep an expression from taking the engine with it. `grow` is expr-lang's own memory budget (a million list
items or repeated bytes) and fails where Argo fails. `spend` is ours: it pays for steps of loops and for text made, where
expr-lang has no limit and could run for hours ("billion laughs").
"""

from collections.abc import Iterator, Mapping
from typing import Any

from finale.expr.surroundings import Surroundings

__all__ = ["Evaluation", "Loop", "MapLoop"]

MEMORY_BUDGET = 1_000_000
"""expr-lang's conf.DefaultMemoryBudget."""
WORK_BUDGET = 64 << 20
"""64 for each step of a loop, 1 for each character of text made: a million steps or 64 MiB."""


class Loop:
    """What ``#``, ``#index`` and ``#acc`` mean inside a predicate."""

    __slots__ = ("acc", "index", "item")

    def __init__(self) -> None:
        self.item: Any = None
        self.index = 0
        self.acc: Any = None


class MapLoop(Loop):
    """A loop over a map: Go counts its entries but has no item to give."""

    __slots__ = ()

    @property
    def item(self) -> Any:
        """Not there. Raises ``ValueError``."""
        raise ValueError("reflect: call of reflect.Value.Index on map Value")

    @item.setter
    def item(self, value: Any) -> None:
        """The loop moves on; there is nothing to keep."""


class Evaluation:
    """The state of one evaluation, handed through all closures."""

    __slots__ = ("_chance", "_whole", "environment", "loop", "memory", "surroundings", "variables", "work")

    def __init__(self, environment: Mapping[str, object], surroundings: Surroundings, variables: int) -> None:
        self.environment = environment
        self.surroundings = surroundings
        self.variables: list[Any] = [None] * variables
        self.loop: Loop = _NO_LOOP
        self.memory = 0
        self.work = WORK_BUDGET
        self._whole: dict[str, object] | None = None
        self._chance: Iterator[int] | None = None

    @property
    def chance(self) -> Iterator[int]:
        """Random bytes, one stream for the whole evaluation."""
        if self._chance is None:
            self._chance = self.surroundings.chance()
        return self._chance

    def whole(self, functions: Mapping[str, object]) -> dict[str, object]:
        """`$env`: all variables and functions in one map, the same map each time."""
        if self._whole is None:
            self._whole = {**self.environment, **functions}
        return self._whole

    def grow(self, items: int) -> None:
        """Count `items` against expr-lang's memory budget. Raises ``ValueError``."""
        self.memory += items
        if self.memory >= MEMORY_BUDGET:
            raise ValueError("memory budget exceeded")

    def spend(self, work: int) -> None:
        """Pay for `work`. Raises ``ValueError``."""
        self.work -= work
        if self.work < 0:
            raise ValueError("evaluation takes too long: more than a million steps or 64 MiB of text")


_NO_LOOP = Loop()
