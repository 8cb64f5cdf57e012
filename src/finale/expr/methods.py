"""The methods of Go's times, durations and the like that an expression may call: ``date('2024-01-01').Year()``.

A table by type and name: the signature in Go's words, from which the checker learns the types, and what it does. Only
these names can be reached on such values; Python's attributes never.

Source: the documentation of Go's package time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from finale.expr.golayout import RFC3339_NANO, format_time, go_string
from finale.expr.gonumber import wrap64
from finale.expr.gotime import SECOND_NS, UTC, Civil, civil, instant, unix_seconds
from finale.expr.gotypes import GoType, go_type
from finale.expr.govalues import Duration, Function, Int64, Location, NamedInt, Struct, Time
from finale.expr.values import format_value, to_json
from finale.units import format_duration

__all__ = ["method_of", "method_type"]

_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
_MONTH, _WEEKDAY = go_type("time.Month"), go_type("time.Weekday")
# The zero time, January 1 of year 1, from which Go counts when it rounds.
_ZERO_NS = -62_135_596_800 * SECOND_NS
_LIMIT = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class _Method:
    signature: GoType
    call: Callable[..., object]


def _civil(time: Time) -> Civil:
    return civil(time.ns, time.zone)


def _month(number: int) -> NamedInt:
    return NamedInt(_MONTH, number, _MONTHS[number - 1])


def _from_civil(time: Time, shown: Civil, years: int, months: int, days: int) -> Time:
    seconds = unix_seconds(
        shown.year + years, shown.month + months, shown.day + days, shown.hour, shown.minute, shown.second
    )
    return Time(instant(seconds, shown.nanosecond, time.zone), time.zone)


def _truncated(ns: int, step: int) -> int:
    """`ns` towards zero to a multiple of `step`."""
    return ns if step <= 0 else (abs(ns) // step * step) * (1 if ns >= 0 else -1)


def _rounded(ns: int, step: int) -> int:
    """`ns` to the nearest multiple of `step`, halves away from zero, never past 64 bits."""
    if step <= 0:
        return ns
    size = (abs(ns) + step // 2 + step % 2) // step * step if (abs(ns) % step) * 2 >= step else abs(ns) // step * step
    return min(size, _LIMIT) if ns >= 0 else -min(size, _LIMIT + 1)


def _time_rounded(time: Time, step: Duration) -> Time:
    if step.ns <= 0:
        return time
    rest = (time.ns - _ZERO_NS) % step.ns
    return Time(time.ns - rest if rest + rest < step.ns else time.ns + step.ns - rest, time.zone)


def _time_truncated(time: Time, step: Duration) -> Time:
    return time if step.ns <= 0 else Time(time.ns - (time.ns - _ZERO_NS) % step.ns, time.zone)


def _iso_year(time: Time) -> int:
    # The ISO year is that of the week's Thursday.
    thursday = civil(time.ns + (3 - (_civil(time).weekday - 1) % 7) * 86_400 * SECOND_NS, time.zone)
    return thursday.year


def _sub(time: Time, other: Time) -> Duration:
    return Duration(min(max(time.ns - other.ns, -_LIMIT - 1), _LIMIT))


def _compare(time: Time, other: Time) -> int:
    return (time.ns > other.ns) - (time.ns < other.ns)


def _table(**methods: tuple[str, Callable[..., object]]) -> dict[str, _Method]:
    return {name: _Method(go_type(signature), call) for name, (signature, call) in methods.items()}


_TIME = _table(
    Add=("func(time.Duration) time.Time", lambda t, d: Time(t.ns + d.ns, t.zone)),
    AddDate=("func(int, int, int) time.Time", lambda t, y, m, d: _from_civil(t, _civil(t), y, m, d)),
    After=("func(time.Time) bool", lambda t, u: t.ns > u.ns),
    Before=("func(time.Time) bool", lambda t, u: t.ns < u.ns),
    Compare=("func(time.Time) int", _compare),
    Day=("func() int", lambda t: _civil(t).day),
    Equal=("func(time.Time) bool", lambda t, u: t.ns == u.ns),
    Format=("func(string) string", lambda t, layout: format_time(t.ns, layout, t.zone)),
    Hour=("func() int", lambda t: _civil(t).hour),
    ISOWeek=("func() (int, int)", _iso_year),
    In=("func(*time.Location) time.Time", lambda t, place: Time(t.ns, place.zone)),
    IsDST=("func() bool", lambda t: _is_summer(t)),
    IsZero=("func() bool", lambda t: t.ns == _ZERO_NS),
    Local=("func() time.Time", lambda t: Time(t.ns, UTC)),
    Location=("func() *time.Location", lambda t: Location(t.zone)),
    Minute=("func() int", lambda t: _civil(t).minute),
    Month=("func() time.Month", lambda t: _month(_civil(t).month)),
    Nanosecond=("func() int", lambda t: _civil(t).nanosecond),
    Round=("func(time.Duration) time.Time", _time_rounded),
    Second=("func() int", lambda t: _civil(t).second),
    String=("func() string", lambda t: go_string(t.ns, t.zone)),
    Sub=("func(time.Time) time.Duration", _sub),
    Truncate=("func(time.Duration) time.Time", _time_truncated),
    UTC=("func() time.Time", lambda t: Time(t.ns, UTC)),
    Unix=("func() int64", lambda t: Int64(t.ns // SECOND_NS)),
    UnixMicro=("func() int64", lambda t: Int64(wrap64(t.ns // 1_000))),
    UnixMilli=("func() int64", lambda t: Int64(wrap64(t.ns // 1_000_000))),
    UnixNano=("func() int64", lambda t: Int64(wrap64(t.ns))),
    Weekday=("func() time.Weekday", lambda t: NamedInt(_WEEKDAY, _civil(t).weekday, _DAYS[_civil(t).weekday])),
    Year=("func() int", lambda t: _civil(t).year),
    YearDay=("func() int", lambda t: _civil(t).year_day),
    Zone=("func() (string, int)", lambda t: _civil(t).abbreviation),
    MarshalJSON=("func() ([]uint8, error)", lambda t: to_json(t).encode()),
    MarshalText=("func() ([]uint8, error)", lambda t: format_time(t.ns, RFC3339_NANO, t.zone).encode()),
)
_DURATION = _table(
    Abs=("func() time.Duration", lambda d: Duration(min(abs(d.ns), _LIMIT))),
    Hours=("func() float64", lambda d: _whole_and_part(d.ns, 3_600 * SECOND_NS)),
    Microseconds=("func() int64", lambda d: Int64(_truncated(d.ns, 1_000) // 1_000)),
    Milliseconds=("func() int64", lambda d: Int64(_truncated(d.ns, 1_000_000) // 1_000_000)),
    Minutes=("func() float64", lambda d: _whole_and_part(d.ns, 60 * SECOND_NS)),
    Nanoseconds=("func() int64", lambda d: Int64(d.ns)),
    Round=("func(time.Duration) time.Duration", lambda d, step: Duration(_rounded(d.ns, step.ns))),
    Seconds=("func() float64", lambda d: _whole_and_part(d.ns, SECOND_NS)),
    String=("func() string", lambda d: format_duration(d.ns)),
    Truncate=("func(time.Duration) time.Duration", lambda d, step: Duration(_truncated(d.ns, step.ns))),
)
_TEXT_ONLY = _table(String=("func() string", format_value))
_BY_TYPE = {"time.Time": _TIME, "time.Duration": _DURATION}
_BY_TYPE |= dict.fromkeys(("time.Month", "time.Weekday", "*time.Location"), _TEXT_ONLY)


def _whole_and_part(ns: int, unit: int) -> float:
    # Go adds the whole units and the fraction as floats, which rounds otherwise than one division.
    whole = _truncated(ns, unit)
    return float(whole // unit) + float(ns - whole) / unit


def _is_summer(time: Time) -> bool:
    january = Time(instant(unix_seconds(_civil(time).year, 1, 1), 0, time.zone), time.zone)
    july = Time(instant(unix_seconds(_civil(time).year, 7, 1), 0, time.zone), time.zone)
    return _civil(time).offset_s > min(_civil(january).offset_s, _civil(july).offset_s)


def method_type(found: GoType, name: str) -> GoType | None:
    """The signature of a method of a type, or None."""
    method = _BY_TYPE.get(found.text, {}).get(name)
    return None if method is None else method.signature


def method_of(value: Any, name: str) -> Function | None:
    """The method `name` of a value with its receiver bound, or None."""
    if isinstance(value, Time):
        method = _TIME.get(name)
    elif isinstance(value, Duration):
        method = _DURATION.get(name)
    elif isinstance(value, Struct) and name in value.methods:
        return value.methods[name]
    elif isinstance(value, (NamedInt, Location)) or (isinstance(value, Struct) and value.text is not None):
        method = _TEXT_ONLY.get(name)
    else:
        return None
    if method is None:
        return None
    call = method.call
    return Function(name, method.signature, lambda run, *arguments: call(value, *arguments))
