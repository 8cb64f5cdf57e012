"""When the loop's thread pauses for the journal's threads: only while somebody waits in vain, and ever more seldom."""

from collections.abc import Callable

import pytest

from finale.store.yielding import Yielding


class Time:
    """A loop's timers on a clock that is moved by hand; `busy` is the share of it that the loop's thread computes."""

    def __init__(self) -> None:
        self.now = 0.0
        self.computed = 0.0
        self.busy = 1.0
        self.timers: list[tuple[float, Callable[[], None]]] = []
        self.pauses: list[float] = []

    def call_later(self, delay: float, work: Callable[[], None]) -> None:
        self.timers.append((self.now + delay, work))

    def pause(self) -> None:
        self.pauses.append(self.now)

    def spent(self) -> tuple[float, float]:
        return self.now, self.computed

    def move(self, until: float) -> None:
        while due := [timer for timer in self.timers if timer[0] <= until]:
            timer = min(due, key=lambda timer: timer[0])
            self.timers.remove(timer)
            self._go_to(timer[0])
            timer[1]()
        self._go_to(until)

    def _go_to(self, until: float) -> None:
        self.computed += (until - self.now) * self.busy
        self.now = until


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def yielding(time: Time) -> Yielding:
    return Yielding(time.call_later, time.pause, time.spent)


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
        time.move((step + 1) * 0.004)
    assert time.pauses == []


def test_waiting_in_vain_beside_a_busy_loop_brings_pauses_at_once_and_then_more_seldom(
    time: Time, yielding: Yielding
) -> None:
    time.move(7)
    yielding.waits()
    time.move(7.3)
    assert time.pauses[:3] == pytest.approx([7.004, 7.009, 7.01525])
    before = len(time.pauses)
    time.move(8.3)
    assert 15 <= len(time.pauses) - before <= 21
    yielding.answered()
    time.move(9)
    assert time.timers == []


def test_a_loop_that_waits_itself_need_not_pause(time: Time, yielding: Yielding) -> None:
    time.busy = 0.05
    yielding.waits()
    time.move(1)
    assert time.pauses == []
    time.busy = 0.9
    time.move(1.2)
    assert time.pauses != []


def test_an_answer_brings_the_attention_back(time: Time, yielding: Yielding) -> None:
    yielding.waits()
    yielding.waits()
    time.move(1)
    yielding.answered()
    time.move(1.1)
    before = len(time.pauses)
    time.move(1.14)
    assert len(time.pauses) > before
