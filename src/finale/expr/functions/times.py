"""Functions of time: dates by Go's layouts, durations, zones. The clock is the run's surroundings."""

from typing import Any

from finale.expr.functions.table import Entry, Run, judged, text_of, typed
from finale.expr.goduration import parse_duration
from finale.expr.golayout import NAMED_LAYOUTS, RFC3339, parse_time
from finale.expr.gotime import UTC, load_zone
from finale.expr.gotypes import LOCATION, TIME
from finale.expr.govalues import Duration, Location, Time
from finale.expr.nature import Nature, nature_of

__all__ = ["TIMES"]

_LAYOUTS = ["2006-01-02", "15:04:05", "2006-01-02 15:04:05", RFC3339]
_LAYOUTS += [NAMED_LAYOUTS[name] for name in ("RFC822", "RFC850", "RFC1123")]


def _now(run: Run, *place: Any) -> Time:
    if not place:
        return Time(run.surroundings.now_ns, UTC)
    if isinstance(place[0], Location):
        return Time(run.surroundings.now_ns, place[0].zone)
    raise ValueError(f"invalid number of arguments (expected 0, got {len(place)})")


def _date(run: Run, *arguments: Any) -> Time:
    """``date([zone,] text[, layout[, zone name]])``; without a layout, those that expr-lang tries in turn."""
    zone = None
    if isinstance(arguments[0], Location):
        zone, arguments = arguments[0].zone, arguments[1:]
    text = text_of(arguments[0]) if arguments else ""
    if len(arguments) == 2:
        return Time(*parse_time(text, text_of(arguments[1]), zone or UTC))
    if len(arguments) == 3:
        return Time(*parse_time(text, text_of(arguments[1]), load_zone(text_of(arguments[2]))))
    for layout in _LAYOUTS:
        try:
            return Time(*parse_time(text, layout, zone or UTC))
        except ValueError:
            continue
    raise ValueError(f"invalid date {text}")


def _judge_now(natures: list[Nature]) -> Nature:
    if not natures or (len(natures) == 1 and natures[0].type == LOCATION):
        return nature_of(TIME)
    raise ValueError(f"invalid number of arguments (expected 0, got {len(natures)})")


def _judge_date(natures: list[Nature]) -> Nature:
    if not natures:
        raise ValueError("invalid number of arguments (expected at least 1, got 0)")
    given = natures[1:] if natures[0].type == LOCATION else natures
    if len(given) > 3:
        raise ValueError(f"invalid number of arguments (expected at most 3, got {len(given)})")
    return nature_of(TIME)


TIMES: tuple[Entry, ...] = (
    judged("now", _now, _judge_now),
    judged("date", _date, _judge_date),
    typed("duration", lambda run, text: Duration(parse_duration(text_of(text))), "func(string) (time.Duration, error)"),
    typed("timezone", lambda run, name: Location(load_zone(text_of(name))), "func(string) (*time.Location, error)"),
)
