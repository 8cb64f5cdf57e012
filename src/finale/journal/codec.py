"""Events and states ↔ bytes.

An event is one line of JSON with its kind under ``event``: people and other programs read journals. A state is
MessagePack under a number for its layout, because it is only ever a shortcut: a reader that does not know the number
leaves the snapshot aside and takes the events.

Old rows always decode: an event never loses a field or changes its meaning, and every new field has a default. New rows
are refused by an older program as a whole rather than read in part, because a fold over half an event is a wrong state;
`finale.store.layout` sees to it that such a program does not even open the file.
"""

from collections import deque
from typing import Any, TypeVar, get_args, get_origin

import msgspec

from finale.engine.events import Event
from finale.errors import Bug, Unavailable
from finale.store.layout import NEWEST

__all__ = ["decode_event", "encode_event", "read_snapshot", "snapshot_body"]

State = TypeVar("State")


def _as_list(value: Any) -> list[Any]:
    """Queues of the state are lists in a snapshot; msgspec does not know them by itself."""
    if isinstance(value, deque):
        return list(value)
    raise NotImplementedError(f"{type(value).__name__} cannot be kept")


_event_encoder = msgspec.json.Encoder()
_event_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)
_state_encoder = msgspec.msgpack.Encoder(enc_hook=_as_list)

_UNFIT = (TypeError, ValueError, OverflowError, RecursionError, NotImplementedError)
"""What msgspec raises for a value that JSON cannot hold: an object of ours, a lone surrogate, a deep nest."""


def encode_event(event: Event) -> bytes:
    """One line of JSON. Raises `Bug` for a value that JSON cannot hold.

    Inside of `Submitted`, whose objects are of any shape, NaN becomes null and tuples become lists. So a run must be
    started from what `decode_event` makes of the bytes, not from what was encoded: then a restart gives the same run.
    """
    try:
        return _event_encoder.encode(event)
    except _UNFIT as error:
        raise Bug(f"bug: {type(event).__name__} cannot be kept: {error}; please report this") from error


def decode_event(body: bytes) -> Event:
    """The event of a row. Raises `Unavailable` for a kind or field that this program does not know, or for no event at all."""
    try:
        return _event_decoder.decode(body)
    except msgspec.ValidationError as error:
        raise Unavailable(
            f"cannot read an event of the journal: {error}. This program knows journals up to version {NEWEST}; the event "
            "is of a newer one, so install the newer Finale again."
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unavailable(
            f"cannot read an event of the journal: it is not the JSON that Finale writes ({error}). Write what is readable "
            'with "finale server export".'
        ) from error


def snapshot_body(state: object) -> bytes:
    """The state, any msgspec struct, as MessagePack. Raises `Bug` for a value that it cannot hold."""
    try:
        return _state_encoder.encode(state)
    except _UNFIT as error:
        raise Bug(f"bug: the state {type(state).__name__} cannot be kept: {error}; please report this") from error


def read_snapshot(body: bytes, kind: type[State]) -> State | None:
    """The state of type `kind`, or None when the bytes do not fit it; then read the run again with ``whole=True``."""
    try:
        return msgspec.msgpack.decode(body, type=kind, dec_hook=_as_deque)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, NotImplementedError):
        return None


def _as_deque(kind: Any, value: Any) -> Any:
    """The way back, for a field declared as ``deque[…]``."""
    if get_origin(kind) is not deque:
        raise NotImplementedError(f"{kind} cannot be read")
    (item,) = get_args(kind)
    return deque(msgspec.convert(value, list[item]))  # type: ignore[valid-type]
