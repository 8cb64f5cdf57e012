"""Text ↔ value: Go durations, RFC 3339 times, byte quantities. Standard library only, no clock.

Times are integers, nanoseconds since the Unix epoch (`…_ns`), everywhere inside Finale; text is made at the edges.
"""

import re
from datetime import UTC, datetime

__all__ = ["SECOND", "format_duration", "format_time", "humanize", "parse_duration", "parse_quantity", "parse_time"]

SECOND = 1_000_000_000
"""Nanoseconds in a second."""

_UNIT_NS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "μs": 1_000,
    "ms": 1_000_000,
    "s": SECOND,
    "m": 60 * SECOND,
    "h": 3600 * SECOND,
}
_PART = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)")
_QUANTITY = re.compile(r"^([+-]?(?:\d+\.?\d*|\.\d+))(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][+-]?\d+)?$")
_SCALE = {"": 1.0, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18} | {
    f"{letter}i": 1024.0**power for power, letter in enumerate("KMGTPE", start=1)
}


def parse_duration(text: str, *, bare_seconds: bool = False) -> int:
    """Nanoseconds of a Go duration such as ``1h30m`` or ``-1.5s``; a bare number counts seconds if `bare_seconds`.

    Raises ``ValueError``. Source: Go's ``time.ParseDuration``; bare numbers as in argo-workflows' ParseStringToDuration.
    """
    body = text.lstrip("+-")
    if len(text) - len(body) > 1 or not body:
        raise ValueError(f'"{text}" is not a duration; expected a number with a unit, as in "30s" or "1h30m"')
    sign = -1 if text.startswith("-") else 1
    if body == "0":
        return 0
    if bare_seconds and body.isascii() and body.isdigit():
        return sign * int(body) * SECOND
    total, position = 0.0, 0
    exact = 0
    while position < len(body):
        part = _PART.match(body, position)
        if part is None:
            raise ValueError(f'"{text}" is not a duration; expected a number with a unit, as in "30s" or "1h30m"')
        number, unit = part.groups()
        if "." in number:
            total += float(number) * _UNIT_NS[unit]
        else:
            exact += int(number) * _UNIT_NS[unit]
        position = part.end()
    return sign * (exact + round(total))


def format_duration(duration_ns: int) -> str:
    """Go's ``Duration.String()``: ``1h30m0s``, ``1.5s``, ``250ms``, ``0s``."""
    if duration_ns == 0:
        return "0s"
    sign, value = ("-", -duration_ns) if duration_ns < 0 else ("", duration_ns)
    if value < SECOND:
        unit, size = ("ns", 1) if value < 1_000 else ("µs", 1_000) if value < 1_000_000 else ("ms", 1_000_000)
        return f"{sign}{_decimal(value, size)}{unit}"
    seconds, rest = divmod(value, SECOND)
    hours, minutes, seconds = seconds // 3600, seconds // 60 % 60, seconds % 60
    text = f"{_decimal(seconds * SECOND + rest, SECOND)}s"
    if hours:
        return f"{sign}{hours}h{minutes}m{text}"
    return f"{sign}{minutes}m{text}" if minutes else f"{sign}{text}"


def _decimal(value: int, size: int) -> str:
    whole, rest = divmod(value, size)
    if not rest:
        return str(whole)
    return f"{whole}.{str(rest).zfill(len(str(size)) - 1).rstrip('0')}"


def humanize(duration_ns: int) -> str:
    """The two greatest units in words, as Argo prints durations: ``1 minute 0 seconds``, ``3 seconds``.

    Source: argoproj/pkg humanize.RelativeDurationShort's long form, seen in the recorded transcripts.
    """
    seconds = max(0, duration_ns // SECOND)
    units = [
        ("day", seconds // 86400),
        ("hour", seconds // 3600 % 24),
        ("minute", seconds // 60 % 60),
        ("second", seconds % 60),
    ]
    first = next((i for i, (_, count) in enumerate(units) if count), len(units) - 1)
    return " ".join(f"{count} {unit}{'' if count == 1 else 's'}" for unit, count in units[first : first + 2])


def format_time(time_ns: int, *, fraction: bool = False) -> str:
    """RFC 3339 in UTC; whole seconds as Kubernetes writes them, or with microseconds."""
    moment = datetime.fromtimestamp(time_ns // SECOND, UTC)
    text = moment.strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{time_ns % SECOND // 1000:06d}Z" if fraction else f"{text}Z"


def parse_time(text: str) -> int:
    """Nanoseconds of an RFC 3339 time. Raises ``ValueError``."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f'"{text}" has no time zone; expected RFC 3339, as in "2026-11-21T08:00:00Z"')
    whole = moment.replace(microsecond=0)
    return int(whole.timestamp()) * SECOND + moment.microsecond * 1000


def parse_quantity(text: str) -> float:
    """Value of a Kubernetes quantity: ``512Mi`` → 536870912.0, ``100m`` → 0.1. Raises ``ValueError``."""
    match = _QUANTITY.match(text)
    if match is None:
        raise ValueError(
            f'"{text}" is not a quantity; expected a number with an optional suffix, as in "512Mi" or "100m"'
        )
    number, suffix = match.groups()
    if suffix and suffix[0] in "eE" and suffix[1:]:
        return float(number + suffix)
    return float(number) * _SCALE[suffix or ""]
