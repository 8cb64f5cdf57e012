"""A run as the journal has it: the newest snapshot, and the events after it told to the engine once more.

The commands that come out of a replay are thrown away: they were given in an earlier life, or follow from the state
(`engine.outstanding`). The loop gets its turn now and then, so that a long replay does not hold up the other runs.
"""

import asyncio
from dataclasses import dataclass

import msgspec

from finale.engine import RunState, decide, new_state
from finale.errors import Bug
from finale.journal.codec import decode_event, read_snapshot, snapshot_body
from finale.journal.contract import SNAPSHOT_VERSION, Snapshot, StoredRun

__all__ = ["Restored", "restore", "take_snapshot"]

_EVENTS_A_TURN = 200


class _Saved(msgspec.Struct):
    """What a snapshot holds: the state, and the time of the last event, after which the clock has to go on."""

    last_at: int
    state: RunState


@dataclass(frozen=True, slots=True)
class Restored:
    """`rows` and `snapshot_row` are the numbers of the last row and of the snapshot; `last_at` the last event's time."""

    state: RunState
    rows: int
    snapshot_row: int
    last_at: int


async def restore(stored: StoredRun) -> Restored | None:
    """Fold a stored run. None when its snapshot does not fit this program: read it again with all its rows.

    Raises `Bug` for an event that the engine cannot take, `Unavailable` for one that cannot be read.
    """
    state, snapshot_row, last_at = new_state(), 0, 0
    if stored.snapshot is not None:
        known = stored.snapshot.version == SNAPSHOT_VERSION
        found = read_snapshot(stored.snapshot.body, _Saved) if known else None
        if found is None:
            return None
        state, snapshot_row, last_at = found.state, stored.snapshot.number, found.last_at
    number = snapshot_row
    for number, row in enumerate(stored.rows, start=snapshot_row + 1):
        if number % _EVENTS_A_TURN == 0:
            await asyncio.sleep(0)
        event = decode_event(row.body)
        try:
            decide(state, event)
        except Exception as error:
            raise Bug(f"bug: event {row.number} of run {row.run} cannot be applied again: {error!r}") from error
        last_at = max(last_at, event.at)
    state.changed.clear()
    return Restored(state, number, snapshot_row, last_at)


def take_snapshot(state: RunState, row: int, last_at: int) -> Snapshot:
    """The snapshot of a state after its row number `row`."""
    return Snapshot(state.uid, row, SNAPSHOT_VERSION, snapshot_body(_Saved(last_at, state)))
