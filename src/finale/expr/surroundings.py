"""Time and chance for an expression, given from outside.

The evaluator asks no clock and rolls no dice: `now()` answers `now_ns`, and every random function of sprig draws from a
stream that `seed` alone determines. So an expression that was evaluated twice, or again on replay, gives the same value.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["FIXED", "Surroundings"]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`now_ns`: nanoseconds since the Unix epoch; `seed`: any bytes that differ where chance should differ."""

    now_ns: int
    seed: bytes

    def at(self, place: int) -> "Surroundings":
        """The same time with chance of its own for one place among several, such as the tags of a text."""
        return Surroundings(self.now_ns, self.seed + b"@%d" % place) if place else self

    def chance(self) -> Iterator[int]:
        """An endless stream of bytes (0 to 255), the same for the same seed: SHA-256 of the seed and a counter."""
        counter = 0
        while True:
            yield from hashlib.sha256(self.seed + counter.to_bytes(8, "big")).digest()
            counter += 1


FIXED = Surroundings(0, b"")
"""The epoch and no chance: for places where an expression may ask neither."""
