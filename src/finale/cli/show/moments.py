"""Times and durations in words, as Argo's command prints them."""

import time
from datetime import datetime

from finale.units import SECOND, humanize, parse_time

__all__ = ["local_time", "long_duration", "moment", "parse_moment", "short_duration", "utc_text"]


def parse_moment(text: str | None) -> int:
    """Nanoseconds since the epoch of a status' RFC 3339 time; 0 where there is none."""
    return parse_time(text) if text else 0


def moment(text: str | None, now_ns: int | None = None) -> str:
    """``Fri Nov 20 21:16:07 +0000 (3 seconds ago)``, in the local time zone."""
    time_ns = parse_moment(text)
    now = time.time_ns() if now_ns is None else now_ns
    local = datetime.fromtimestamp(time_ns // SECOND).astimezone()
    return f"{local:%a %b %d %H:%M:%S %z} ({_distance(now - time_ns)})"


def utc_text(text: str | None) -> str:
    """``2026-11-20 21:16:07 +0000 UTC``, Go's way to print a time."""
    return f"{text[:10]} {text[11:19]} +0000 UTC" if text else "an unknown time"


def long_duration(start: str | None, end: str | None, now_ns: int | None = None) -> str:
    """``1 minute 5 seconds`` from `start` to `end`, or to now while there is no end."""
    return humanize(_span(start, end, now_ns))


def short_duration(start: str | None, end: str | None, now_ns: int | None = None) -> str:
    """The greatest unit alone: ``1s``, ``4m``, ``3h``, ``2d``; empty without a start."""
    if not start:
        return ""
    count, unit = humanize(_span(start, end, now_ns)).split()[:2]
    return f"{count}{unit[0]}"


def _span(start: str | None, end: str | None, now_ns: int | None) -> int:
    until = parse_moment(end) or (time.time_ns() if now_ns is None else now_ns)
    return max(0, until - parse_moment(start)) if start else 0


def _distance(past_ns: int) -> str:
    if abs(past_ns) < SECOND:
        return "now"
    count, unit = humanize(abs(past_ns)).split()[:2]
    return f"{count} {unit} {'ago' if past_ns > 0 else 'from now'}"


def local_time(text: str | None) -> str:
    """``21:16:07`` in the local time zone."""
    return f"{datetime.fromtimestamp(parse_moment(text) // SECOND):%H:%M:%S}" if text else "--:--:--"
