"""When the loop's thread pauses for the journal's threads: only while somebody waits in vain, and ever more seldom."""

from collections.abc import Callable

import pytest

from finale.store.yielding import Yielding


class Time:
    """A loop's timers on a clock that is moved by hand, and a count of pauses."""

    def __init__(self) -> None:
        self.now = 0.0
        self.timers: list[tuple[float, Callable[[], None]]] = []
        self.pauses: list[float] = []

    def call_later(self, delay: float, work: Callable[[], None]) -> None:
        self.timers.append((self.now + delay, work))

    def pause(self) -> None:
        self.pauses.append(self.now)

    def move(self, until: float) -> None:
        while due := [timer for timer in self.timers if timer[0] <= until]:
            timer = min(due, key=lambda timer: timer[0])
            self.timers.remove(timer)
            self.now = timer[0]
            timer[1]()
        self.now = until


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def yielding(time: Time) -> Yielding:
    return Yielding(time.call_later, time.pause)


def test_nobody_waits_and_nothing_happens(time: Time, yielding: Yielding) -> None:
    time.move(10)
    assert (time.pauses, time.timers) == ([], [])


def test_a_call_that_is_answered_soon_costs_one_timer_and_no_pause(time: Time, yielding: Yielding) -> None:
    yielding.waits()
    yielding.waits()
    assert len(time.timers) == 1
    yielding.answered(2)
    time.move(10)
    assert (time.pauses, time.timers) == ([], [])


def test_while_answers_come_there_is_no_pause(time: Time, yielding: Yielding) -> None:
    for step in range(50):
        yielding.waits()
        yielding.waits()
        yielding.answered()
        time.move((step + 1) * 0.002)
    assert time.pauses == []


def test_waiting_in_vain_brings_pauses_soon_and_then_ever_more_seldom(time: Time, yielding: Yielding) -> None:
    yielding.waits()
    time.move(0.1)
    early = len(time.pauses)
    assert time.pauses[:3] == pytest.approx([0.002, 0.006, 0.014])
    time.move(60)
    assert len(time.pauses) - early < 130
    yielding.answered()
    time.move(120)
    assert time.timers == []


def test_an_answer_brings_the_attention_back(time: Time, yielding: Yielding) -> None:
    yielding.waits()
    yielding.waits()
    time.move(60)
    yielding.answered()
    time.move(61)
    before = len(time.pauses)
    time.move(61.1)
    assert len(time.pauses) > before
