"""Seals: a checksum beside each row that also covers the row before it, so that damage and gaps are found.

The chain of a run begins with its uid; the seal of event n is the CRC-32 of n, its body and the seal of event n - 1. A
row is whole if it follows from its *neighbour's stored seal*. So one damaged row is told apart from a lost tail: after a
row with a damaged body the very next one is whole again.

CRC-32 finds accidents (a flipped bit, a torn page, a missing row), not forgery: who can write the file can write seals.
"""

import zlib
from collections.abc import Sequence

import msgspec

__all__ = ["Chain", "check_chain", "first_seal", "next_seal"]


def first_seal(run: str) -> int:
    """The seal before event 1."""
    return zlib.crc32(run.encode())


def next_seal(previous: int, number: int, body: bytes) -> int:
    """The seal of event `number`, given that of the event before it."""
    return zlib.crc32(body, zlib.crc32(number.to_bytes(4, "big"), previous))


class Chain(msgspec.Struct, frozen=True):
    """How far stored rows hold: the first `whole` of them do; `goes_on` says whether a row behind a broken one does."""

    whole: int
    goes_on: bool


def check_chain(number: int, seal: int, rows: Sequence[tuple[int, int, bytes]]) -> Chain:
    """Check ``(number, seal, body)`` rows that follow the event `number` with `seal` (0 and `first_seal` for all rows)."""
    whole = 0
    broken = False
    for row_number, row_seal, body in rows:
        if row_number == number + 1 and row_seal == next_seal(seal, row_number, body):
            if broken:
                return Chain(whole, goes_on=True)
            whole += 1
        else:
            broken = True
        number, seal = row_number, row_seal
    return Chain(whole, goes_on=False)
