"""Timers: due or not due, set, replaced, cancelled, dropped."""

import pytest

from finale.runtime.timers import Timers
from finale.testing.clock import FakeClock
from finale.units import SECOND


class Stage:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.fired: list[str] = []
        self.timers = Timers(self.clock, lambda run, name: self.fired.append(f"{run}/{name}"))

    def set(self, run: str, name: str, seconds: float) -> None:
        self.timers.set(run, name, self.clock.now_ns() + round(seconds * SECOND))


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_timers_fire_in_the_order_of_their_times(stage: Stage) -> None:
    stage.set("r", "late", 20)
    stage.set("r", "early", 10)
    stage.set("s", "middle", 15)
    stage.clock.advance(30)
    assert stage.fired == ["r/early", "s/middle", "r/late"]
    assert len(stage.timers) == 0


def test_a_timer_does_not_fire_a_nanosecond_early(stage: Stage) -> None:
    due = stage.clock.now_ns() + SECOND
    stage.timers.set("r", "t", due)
    stage.clock.advance_to(due - 1)
    assert stage.fired == []
    stage.clock.advance_to(due)
    assert stage.fired == ["r/t"]


def test_a_timer_that_is_due_already_fires_with_the_next_turn(stage: Stage) -> None:
    stage.timers.set("r", "t", stage.clock.now_ns() - SECOND)
    assert stage.fired == []
    stage.clock.advance(0)
    assert stage.fired == ["r/t"]


def test_setting_a_timer_again_replaces_it(stage: Stage) -> None:
    stage.set("r", "t", 10)
    stage.set("r", "t", 40)
    stage.clock.advance(30)
    assert stage.fired == []
    stage.clock.advance(10)
    assert stage.fired == ["r/t"]


def test_a_cancelled_timer_does_not_fire(stage: Stage) -> None:
    stage.set("r", "t", 10)
    stage.set("r", "u", 10)
    stage.timers.cancel("r", "t")
    stage.timers.cancel("r", "t")
    stage.timers.cancel("r", "never set")
    stage.clock.advance(20)
    assert stage.fired == ["r/u"]


def test_dropping_a_run_drops_its_timers_only(stage: Stage) -> None:
    stage.set("r", "t", 10)
    stage.set("r", "u", 11)
    stage.set("s", "t", 12)
    stage.timers.drop("r")
    assert len(stage.timers) == 1
    stage.clock.advance(20)
    assert stage.fired == ["s/t"]


def test_stopped_timers_fire_nothing(stage: Stage) -> None:
    stage.set("r", "t", 10)
    stage.timers.stop()
    stage.timers.stop()
    stage.set("r", "u", 1)
    stage.clock.advance(20)
    assert stage.fired == []


def test_a_long_wait_is_looked_at_now_and_then(stage: Stage) -> None:
    """The steady clock stands still while a machine sleeps; waking up must not make a timer late by all of that."""
    stage.set("r", "t", 3600)
    stage.clock.not_before(stage.clock.now_ns() + 3590 * SECOND)
    stage.clock.advance(30)
    assert stage.fired == ["r/t"]


def test_a_timer_set_by_one_that_fires_is_heeded() -> None:
    clock, fired = FakeClock(), []

    def fire(run: str, name: str) -> None:
        fired.append(name)
        if len(fired) < 3:
            timers.set(run, f"t{len(fired)}", clock.now_ns() + SECOND)

    timers = Timers(clock, fire)
    timers.set("r", "t0", clock.now_ns() + SECOND)
    clock.advance(10)
    assert fired == ["t0", "t1", "t2"]
