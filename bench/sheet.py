"""What every benchmark here prints: medians, each beside a peer or a limit that was measured in the same run.

Samples are taken in rounds, one of each row after the other, so that a noisy minute of the machine falls on all rows
alike, and a round waits a moment for others to be quiet. A ratio is the median of the rounds' ratios (of the medians
where two rows were not sampled alike). Missing a budget is printed and changes no exit code: on a machine that others
use, a figure is something to read.
"""

import argparse
import json
import os
import platform
import signal
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["Row", "Sheet", "options", "percentile", "rounds", "timed"]

SCALES = {"s": 1.0, "ms": 1e3, "µs": 1e6}
"""Units of time; samples of such rows are given in seconds."""


@dataclass
class Row:
    """One line of the table. `beside` names the row whose figure this one is divided by.

    Budgets: `most` of the figure in `unit`, `most_times` of the ratio. `pick` makes one figure of the samples where that
    is not the median. A row without samples is not printed.
    """

    name: str
    unit: str
    beside: str = ""
    most: float | None = None
    most_times: float | None = None
    pick: Callable[[Sequence[float]], float] = statistics.median
    samples: list[float] = field(default_factory=list)

    @property
    def value(self) -> float:
        """The row's figure, in `unit`."""
        return self.pick(self.samples) * SCALES.get(self.unit, 1.0)


def percentile(percent: float) -> Callable[[Sequence[float]], float]:
    """A `Row.pick`: the sample that `percent` of all do not exceed."""
    return lambda samples: sorted(samples)[min(len(samples) - 1, int(len(samples) * percent / 100))]


class Sheet:
    """The rows of one benchmark, in the order they are printed."""

    def __init__(self, title: str, rows: Sequence[Row]) -> None:
        self.title = title
        self.rows = {row.name: row for row in rows}
        self.notes: list[str] = []

    def add(self, name: str, *samples: float) -> None:
        """Samples of a row: seconds where its unit is one of time, else in its unit."""
        self.rows[name].samples.extend(samples)

    def note(self, text: str) -> None:
        """A line below the table."""
        self.notes.append(text)

    def lines(self) -> Iterator[str]:
        """The table as text."""
        rows = [row for row in self.rows.values() if row.samples]
        wide = max(len(row.name) for row in rows)
        yield f"{self.title}   [{_machine()}]"
        yield f"| {'':{wide}} | {'median':>11} | {'from … to':>17} |    n | {'ratio':>6} | budget"
        yield f"| {'-' * wide} | {'-' * 10}: | {'-' * 16}: | ---: | -----: | ------"
        for row in rows:
            scale = SCALES.get(row.unit, 1.0)
            spread = f"{_short(min(row.samples) * scale)} … {_short(max(row.samples) * scale)}"
            ratio = self._ratio(row)
            shown = "" if ratio is None else f"{_short(ratio)} x"
            yield (
                f"| {row.name:{wide}} | {_short(row.value):>6} {row.unit:4} | {spread:>17} | {len(row.samples):4} "
                f"| {shown:>6} | {self._verdict(row, ratio)}"
            )
        yield from self.notes

    def finish(self, file: Path | None) -> None:
        """Print the table; write `file` as JSON if it is named."""
        print("\n".join(self.lines()), end="\n\n", flush=True)
        if file is not None:
            file.write_text(json.dumps(self.facts(), indent=1) + "\n")

    def facts(self) -> dict[str, Any]:
        """Everything as JSON, samples included."""
        return {
            "bench": self.title,
            "machine": _machine(),
            "when": time.strftime("%Y-%m-%d %H:%M"),
            "rows": [
                {
                    "name": row.name,
                    "unit": row.unit,
                    "value": row.value,
                    "beside": row.beside,
                    "ratio": self._ratio(row),
                    "budget": row.most,
                    "budget_ratio": row.most_times,
                    "samples": [sample * SCALES.get(row.unit, 1.0) for sample in row.samples],
                }
                for row in self.rows.values()
                if row.samples
            ],
            "notes": self.notes,
        }

    def _ratio(self, row: Row) -> float | None:
        other = self.rows.get(row.beside)
        if other is None or not other.samples:
            return None
        if len(row.samples) == len(other.samples) and row.pick is other.pick is statistics.median:
            return statistics.median(mine / theirs for mine, theirs in zip(row.samples, other.samples, strict=True))
        return (row.value / SCALES.get(row.unit, 1.0)) / (other.value / SCALES.get(other.unit, 1.0))

    @staticmethod
    def _verdict(row: Row, ratio: float | None) -> str:
        found = []
        if row.most is not None:
            found.append(f"≤ {row.most:g} {row.unit} {_kept(row.value <= row.most)}")
        if ratio is not None and row.most_times is not None:
            found.append(f"≤ {row.most_times:g} x {row.beside} {_kept(ratio <= row.most_times)}")
        elif ratio is not None:
            found.append(f"beside {row.beside}")
        return ", ".join(found)


def _kept(is_kept: bool) -> str:
    return "kept" if is_kept else "MISSED"


def options(description: str | None, *, rounds: int) -> argparse.ArgumentParser:
    """A command line with what all benchmarks know; also makes the environment that of a user.

    A shell that forbids Python to keep compiled modules would have every start compile all of Finale anew: 0.3 s and more.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=rounds, help=f"repetitions of everything (default: {rounds})")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all samples here too")
    return parser


def rounds(count: int) -> Iterator[int]:
    """Numbers of the rounds; each begins when others use little of the machine, or after 1.5 s."""
    for number in range(count):
        patience = time.monotonic() + 1.5
        while time.monotonic() < patience and _busy_cores(0.1) > 0.2:
            pass
        yield number


def _busy_cores(window_s: float) -> float:
    """CPUs at work on this machine in the next `window_s` seconds, in which we sleep."""
    if not os.path.exists("/proc/stat"):
        return 0.0
    before = _busy_ticks()
    time.sleep(window_s)
    return (_busy_ticks() - before) / os.sysconf("SC_CLK_TCK") / window_s


def _busy_ticks() -> int:
    with open("/proc/stat", encoding="ascii") as file:
        user, nice, system, _idle, _wait, irq, softirq = (int(word) for word in file.readline().split()[1:8])
    return user + nice + system + irq + softirq


@contextmanager
def timed(sheet: Sheet, name: str) -> Iterator[None]:
    """Wall time of a block as a sample of a row."""
    start = time.perf_counter()
    yield
    sheet.add(name, time.perf_counter() - start)


def _short(number: float) -> str:
    """Three digits that count."""
    if number >= 100:
        return f"{number:,.0f}"
    return f"{number:.{2 if number < 10 else 1}f}" if number >= 0.1 or not number else f"{number:.2g}"


def _machine() -> str:
    load = os.getloadavg()[0]
    return f"python {sys.version.split()[0]}, {os.cpu_count()} CPUs, load {load:.1f}, {platform.system()} {platform.release()}"
