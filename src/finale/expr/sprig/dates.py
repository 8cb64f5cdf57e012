"""sprig's dates: written by Go's layouts, moved by durations, their distance from now.

The clock is the run's surroundings. A number is seconds since the Unix epoch; what is no date means now.
Source: sprig date.go.
"""

from typing import Any

from finale.expr.functions.table import Run
from finale.expr.goduration import parse_duration
from finale.expr.golayout import format_time, parse_time
from finale.expr.gonumber import NumberInvalid, parse_int, wrap64
from finale.expr.gotime import SECOND_NS, UTC, ZERO_TIME_NS, load_zone
from finale.expr.govalues import Function, Int64, Time
from finale.expr.sprig.table import entry, plain
from finale.units import format_duration

__all__ = ["DATES"]

_LIMIT_NS = (1 << 63) - 1
_HOUR_NS = 3600 * SECOND_NS
_UNITS_NS = (
    ("y", 365 * 24 * _HOUR_NS),
    ("mo", 30 * 24 * _HOUR_NS),
    ("d", 24 * _HOUR_NS),
    ("h", _HOUR_NS),
    ("m", 60 * SECOND_NS),
    ("s", SECOND_NS),
)


def _instant(run: Run, date: Any, *, takes_int: bool = True) -> int:
    """Nanoseconds since the epoch of a time or of a number of seconds; now for anything else."""
    if isinstance(date, Time):
        return date.ns
    if date.__class__ is Int64 or (takes_int and date.__class__ is int):
        return int(date) * SECOND_NS
    return run.surroundings.now_ns


def _shown(run: Run, layout: str, date: object, zone: str = "Local") -> str:
    try:
        place = load_zone(zone)
    except ValueError:
        place = UTC
    return format_time(_instant(run, date), layout, place)


def _moved(text: str, date: Time) -> Time:
    return Time(date.ns + parse_duration(text), date.zone)


def _moved_or_not(text: str, date: Time) -> Time:
    try:
        return _moved(text, date)
    except ValueError:
        return date


def _read(layout: str, text: str) -> Time:
    return Time(*parse_time(text, layout))


def _read_or_zero(layout: str, text: str) -> Time:
    try:
        return _read(layout, text)
    except ValueError:
        return Time(ZERO_TIME_NS)


def _since(run: Run, ns: int) -> int:
    return min(max(run.surroundings.now_ns - ns, -_LIMIT_NS - 1), _LIMIT_NS)


def _ago(run: Run, date: object) -> str:
    distance = _since(run, _instant(run, date))
    seconds = (abs(distance) + SECOND_NS // 2) // SECOND_NS * SECOND_NS
    return format_duration(min(seconds, _LIMIT_NS) if distance >= 0 else -min(seconds, _LIMIT_NS + 1))


def _duration(seconds: object) -> str:
    count = 0
    if isinstance(seconds, str):
        try:
            count = parse_int(seconds)
        except NumberInvalid as error:
            count = int(error.value)
    elif seconds.__class__ is Int64:
        count = int(seconds)
    return format_duration(wrap64(count * SECOND_NS))


def _duration_rounded(run: Run, duration: Any) -> str:
    """The largest unit of which there is more than one whole, cut: ``2h10m`` → ``2h``."""
    distance = 0
    if isinstance(duration, str):
        try:
            distance = parse_duration(duration)
        except ValueError:
            distance = 0
    elif duration.__class__ is Int64:
        distance = int(duration)
    elif isinstance(duration, Time):
        distance = _since(run, duration.ns)
    for unit, size in _UNITS_NS:
        if abs(distance) > size:
            return f"{abs(distance) // size}{unit}"
    return "0s"


_HTML_DATE = "2006-01-02"
_MOVE = "(string, time.Time) time.Time"

DATES: tuple[tuple[str, Function], ...] = (
    entry("now", "() time.Time", lambda run: Time(run.surroundings.now_ns)),
    entry("date", "(string, interface {}) string", _shown),
    entry("dateInZone", "(string, interface {}, string) string", _shown),
    entry("date_in_zone", "(string, interface {}, string) string", _shown),
    entry("htmlDate", "(interface {}) string", lambda run, date: _shown(run, _HTML_DATE, date)),
    entry(
        "htmlDateInZone", "(interface {}, string) string", lambda run, date, zone: _shown(run, _HTML_DATE, date, zone)
    ),
    plain("dateModify", _MOVE, _moved_or_not),
    plain("date_modify", _MOVE, _moved_or_not),
    plain("mustDateModify", "(string, time.Time) (time.Time, error)", _moved),
    plain("must_date_modify", "(string, time.Time) (time.Time, error)", _moved),
    plain("toDate", "(string, string) time.Time", _read_or_zero),
    plain("mustToDate", "(string, string) (time.Time, error)", _read),
    plain("unixEpoch", "(time.Time) string", lambda date: str(date.ns // SECOND_NS)),
    entry("ago", "(interface {}) string", _ago),
    plain("duration", "(interface {}) string", _duration),
    entry("durationRound", "(interface {}) string", _duration_rounded),
)
