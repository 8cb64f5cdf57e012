"""The clock the runtime lives by: never backwards, whatever happens to the machine's."""

from finale.runtime.clock import SystemClock
from finale.units import SECOND

START = 1_700_000_000 * SECOND


class Machine:
    """A wall clock that can be set, and one that only goes on."""

    def __init__(self) -> None:
        self.wall_ns = START
        self.steady_ns = 5 * SECOND

    def pass_time(self, seconds: float) -> None:
        self.wall_ns += round(seconds * SECOND)
        self.steady_ns += round(seconds * SECOND)

    def clock(self) -> SystemClock:
        return SystemClock(lambda: self.wall_ns, lambda: self.steady_ns)


def test_it_shows_the_wall_clock() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.pass_time(10)
    assert clock.now_ns() == START + 10 * SECOND


def test_a_wall_clock_set_back_does_not_stop_it() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.wall_ns -= 3600 * SECOND
    machine.pass_time(10)
    assert clock.now_ns() == START + 10 * SECOND


def test_time_spent_asleep_counts() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.wall_ns += 7200 * SECOND
    assert clock.now_ns() == START + 7200 * SECOND


def test_after_a_restart_it_goes_on_from_what_the_journal_has_seen() -> None:
    clock = Machine().clock()
    clock.not_before(START + 500 * SECOND)
    assert clock.now_ns() == START + 500 * SECOND
    clock.not_before(START)
    assert clock.now_ns() == START + 500 * SECOND


def test_times_for_other_processes_are_those_of_the_wall_clock() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.wall_ns -= 3600 * SECOND
    deadline = clock.now_ns() + 30 * SECOND
    assert clock.to_wall(deadline) == machine.wall_ns + 30 * SECOND
    assert clock.to_wall(0) == 0


def test_a_report_is_never_from_the_future() -> None:
    machine = Machine()
    clock = machine.clock()
    assert clock.from_wall(machine.wall_ns - SECOND) == START - SECOND
    assert clock.from_wall(machine.wall_ns + 99 * SECOND) == START
    machine.wall_ns -= 3600 * SECOND
    assert clock.from_wall(machine.wall_ns) == START
