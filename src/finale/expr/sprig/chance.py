"""sprig's random functions. Chance comes from the run's surroundings, so the same run draws the same values again.

Source: sprig crypto.go, functions.go; goutils CryptoRandom for the sets of characters.
"""

import base64
from collections.abc import Iterator

from finale.expr.functions.table import Run
from finale.expr.govalues import Function
from finale.expr.sprig.table import entry
from finale.ids import uid_from

__all__ = ["CHANCE", "draw_bytes"]

_DIGITS = "0123456789"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_PRINTABLE = "".join(map(chr, range(32, 127)))


def draw_bytes(run: Run, count: int) -> bytes:
    """The next `count` bytes of chance. Raises ``ValueError`` when they are too many."""
    run.spend(64 * count)
    chance = run.chance
    return bytes(next(chance) for _ in range(count))


def _below(chance: Iterator[int], limit: int) -> int:
    """A number from 0 up to, not including, `limit`, each as likely as the other."""
    width = (limit.bit_length() + 7) // 8
    fair = (256**width // limit) * limit
    while True:
        number = int.from_bytes(bytes(next(chance) for _ in range(width)), "big")
        if number < fair:
            return number % limit


def _text(run: Run, count: int, characters: str) -> str:
    if count <= 0:
        return ""
    run.spend(64 * count)
    return "".join(characters[_below(run.chance, len(characters))] for _ in range(count))


def _integer(run: Run, low: int, high: int) -> int:
    if high <= low:
        raise ValueError("invalid argument to Intn")
    run.spend(64)
    return low + _below(run.chance, high - low)


def _shuffled(run: Run, text: str) -> str:
    run.spend(64 * len(text))
    letters = list(text)
    for last in range(len(letters) - 1, 0, -1):
        other = _below(run.chance, last + 1)
        letters[last], letters[other] = letters[other], letters[last]
    return "".join(letters)


def _bytes(run: Run, count: int) -> str:
    if count < 0:
        raise ValueError("runtime error: makeslice: len out of range")
    return base64.b64encode(draw_bytes(run, count)).decode("ascii")


CHANCE: tuple[tuple[str, Function], ...] = (
    entry("randAlphaNum", "(int) string", lambda run, count: _text(run, count, _LETTERS + _DIGITS)),
    entry("randAlpha", "(int) string", lambda run, count: _text(run, count, _LETTERS)),
    entry("randAscii", "(int) string", lambda run, count: _text(run, count, _PRINTABLE)),
    entry("randNumeric", "(int) string", lambda run, count: _text(run, count, _DIGITS)),
    entry("randInt", "(int, int) int", _integer),
    entry("randBytes", "(int) (string, error)", _bytes),
    entry("shuffle", "(string) string", _shuffled),
    entry("uuidv4", "() string", lambda run: uid_from(draw_bytes(run, 16))),
)
