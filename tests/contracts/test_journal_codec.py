"""Events and states to bytes and back; and bytes from anywhere, which may be refused in our own words only."""

from collections import deque
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finale.engine.events import (
    Event,
    LeafFinished,
    LeafProgressed,
    LeafStarted,
    NodeSet,
    ResumeRequested,
    ShutdownRequested,
    Submitted,
    SuspendRequested,
    TimerFired,
)
from finale.engine.outcome import Outcome
from finale.engine.state import RunState
from finale.errors import Bug, Unavailable
from finale.journal.codec import decode_event, encode_event, read_snapshot, snapshot_body

TEXT = st.text(max_size=20)
TIME = st.integers(-(2**63), 2**63 - 1)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=10,
)
OBJECT = st.dictionaries(TEXT, JSON, max_size=4)
TEXTS = st.dictionaries(TEXT, TEXT, max_size=3)
OUTCOME = st.builds(
    Outcome,
    phase=st.sampled_from(["Succeeded", "Failed", "Error"]),
    message=TEXT,
    exit_code=st.none() | st.integers(-1, 255),
    parameters=TEXTS,
    result=st.none() | TEXT,
    artifacts=st.lists(OBJECT, max_size=2).map(tuple),
    ended_by_us=st.booleans(),
    lost=st.booleans(),
    progress=TEXT,
)
EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.builds(Submitted, at=TIME, workflow=OBJECT, definitions=st.lists(OBJECT, max_size=2).map(tuple)),
    st.builds(LeafStarted, at=TIME, node=TEXT, host=TEXT, pod_ip=TEXT),
    st.builds(LeafProgressed, at=TIME, node=TEXT, progress=TEXT),
    st.builds(LeafFinished, at=TIME, node=TEXT, outcome=OUTCOME),
    st.builds(TimerFired, at=TIME, timer=TEXT),
    st.builds(ShutdownRequested, at=TIME, strategy=st.sampled_from(["Stop", "Terminate"]), message=TEXT),
    st.builds(SuspendRequested, at=TIME),
    st.builds(ResumeRequested, at=TIME, selector=TEXT, user=TEXT),
    st.builds(
        NodeSet,
        at=TIME,
        selector=TEXT,
        phase=st.sampled_from(["", "Succeeded", "Failed", "Error"]),
        message=TEXT,
        parameters=TEXTS,
    ),
)


# --- Events ------------------------------------------------------------------------------------------------------


@given(EVENTS)
def test_every_event_comes_back_as_it_was(event: Event) -> None:
    raw = encode_event(event)
    assert decode_event(raw) == event
    assert b"\n" not in raw


def test_an_event_is_a_line_that_people_can_read() -> None:
    finished = LeafFinished(5, "n-1", Outcome("Failed", "main: Error (exit code 1)", exit_code=1))
    assert encode_event(finished) == (
        b'{"event":"LeafFinished","at":5,"node":"n-1",'
        b'"outcome":{"phase":"Failed","message":"main: Error (exit code 1)","exitCode":1}}'
    )


@pytest.mark.parametrize(
    ("raw", "event"),
    [
        (b'{"event":"LeafStarted","at":1,"node":"n"}', LeafStarted(1, "n")),
        (
            b'{"at":1,"node":"n","event":"LeafFinished","outcome":{"phase":"Error"}}',
            LeafFinished(1, "n", Outcome("Error")),
        ),
        (b'{"event":"ResumeRequested","at":1}', ResumeRequested(1)),
        (b'{"event":"Submitted","at":1,"workflow":{}}', Submitted(1, {})),
    ],
)
def test_an_old_row_decodes_with_the_defaults_of_newer_fields(raw: bytes, event: Event) -> None:
    assert decode_event(raw) == event


@pytest.mark.parametrize(
    "raw",
    [
        b'{"event":"MoonRose","at":1}',
        b'{"event":"SuspendRequested","at":1,"moon":"full"}',
        b'{"event":"LeafFinished","at":1,"node":"n","outcome":{"phase":"Failed","moon":1}}',
        b'{"event":"LeafFinished","at":1,"node":"n","outcome":{"phase":"Waned"}}',
    ],
    ids=["kind", "field", "inner field", "value"],
)
def test_an_event_of_a_newer_finale_is_refused_with_the_version_that_is_known(raw: bytes) -> None:
    with pytest.raises(Unavailable, match=r"knows journals up to version \d+; the event is of a newer one"):
        decode_event(raw)


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"null", b"[]", b"\xff\xfe", b'{"at":1}', b'{"event":1,"at":1}', b"[" * 100_000, b'{"event":"\xff"}'],
)
def test_what_is_no_event_is_refused_in_our_own_words(raw: bytes) -> None:
    with pytest.raises(Unavailable, match="cannot read an event of the journal"):
        decode_event(raw)


@pytest.mark.parametrize("value", ["\ud800", object(), {1: object()}], ids=["surrogate", "object", "inner object"])
def test_what_json_cannot_hold_is_a_bug_and_names_the_event(value: Any) -> None:
    with pytest.raises(Bug, match="Submitted cannot be kept"):
        encode_event(Submitted(1, {"x": value}))


@given(st.binary(max_size=200))
def test_any_bytes_decode_or_are_refused(raw: bytes) -> None:
    _decode(raw)


@given(EVENTS, st.data())
def test_any_change_of_an_events_bytes_decodes_or_is_refused(event: Event, data: st.DataObject) -> None:
    raw = bytearray(encode_event(event))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 5))] = data.draw(st.binary(max_size=3))
        raw = raw or bytearray(b" ")
    _decode(bytes(raw))


@given(JSON)
def test_any_json_decodes_or_is_refused(value: Any) -> None:
    _decode(msgspec.json.encode(value))


def _decode(raw: bytes) -> None:
    try:
        event = decode_event(raw)
    except Unavailable:
        return
    assert decode_event(encode_event(event)) == event


# --- States ------------------------------------------------------------------------------------------------------


class Inner(msgspec.Struct, tag="inner"):
    names: tuple[str, ...] = ()


class State(msgspec.Struct):
    name: str = ""
    by_number: dict[int, Inner] = {}
    waiting: deque[Inner] = msgspec.field(default_factory=deque)
    left: set[str] = set()
    raw: bytes = b""


def test_a_state_comes_back_as_it_was_queues_included() -> None:
    state = State("n", {3: Inner(("a", "b"))}, deque([Inner(), Inner(("x",))]), {"p", "q"}, b"\0\xff")
    again = read_snapshot(snapshot_body(state), State)
    assert again == state
    assert again is not None
    assert type(again.waiting) is deque


def test_the_engines_state_can_be_kept() -> None:
    state = RunState(name="n")
    assert read_snapshot(snapshot_body(state), RunState) == state


def test_a_snapshot_that_does_not_fit_is_left_aside() -> None:
    class Other(msgspec.Struct):
        name: int

    body = snapshot_body(State("n", waiting=deque([Inner()])))
    for raw in (body[:-1], b"", b"\xc1", body + b"\0", snapshot_body([1])):
        assert read_snapshot(raw, State) is None
    assert read_snapshot(body, Other) is None


@given(st.binary(max_size=100))
def test_any_bytes_are_a_snapshot_or_left_aside(raw: bytes) -> None:
    state = read_snapshot(raw, State)
    assert state is None or isinstance(state, State)


def test_a_state_that_cannot_be_kept_is_a_bug() -> None:
    with pytest.raises(Bug, match="the state Holder cannot be kept"):
        snapshot_body(Holder(object()))


class Holder(msgspec.Struct):
    value: Any
