"""The calendar and the time zones under Go's `time.Time`, for any year; no clock.

An instant is `ns`: nanoseconds since the Unix epoch as an int, before or after it. What a wall clock shows of it is a
`Civil`; how a place shifts it is a `Zone`. Python's datetime ends at the years 1 and 9999, but Go's does not: a text
such as ``3:04PM`` is a time in the year 0. So the calendar is computed here, and datetime is asked only for the
rules of named zones.
"""

from dataclasses import dataclass
from datetime import UTC as PYTHON_UTC
from datetime import datetime, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

__all__ = [
    "SECOND_NS",
    "UTC",
    "ZERO_TIME_NS",
    "Civil",
    "Zone",
    "civil",
    "days_in_month",
    "instant",
    "is_leap",
    "load_zone",
    "unix_seconds",
]

SECOND_NS = 1_000_000_000
ZERO_TIME_NS = -62_135_596_800 * SECOND_NS
"""Go's zero time, the 1st of January of the year 1."""
_DAY_S = 86_400
# The first and last second that datetime can show in every zone. Before them a zone keeps its first rule; after them
# its rules go on, and the calendar repeats every 400 years to the day of the week.
_FIRST_S = -62_135_510_400
_LAST_S = 253_402_214_400
_CYCLE_S = 146_097 * _DAY_S


@dataclass(frozen=True, slots=True)
class Zone:
    """A place's shift from UTC: a fixed `offset_s`, or the rules of `info`.

    `name` is what Go's ``Location.String()`` gives; the abbreviation shown in a text comes from `at`.
    """

    name: str
    offset_s: int = 0
    info: tzinfo | None = None

    def at(self, seconds: int) -> tuple[str, int]:
        """Abbreviation and shift east of UTC, in seconds, in force at `seconds` since the epoch."""
        if self.info is None:
            return self.name, self.offset_s
        if seconds > _LAST_S:
            seconds -= -(-(seconds - _LAST_S) // _CYCLE_S) * _CYCLE_S
        moment = datetime.fromtimestamp(max(seconds, _FIRST_S), PYTHON_UTC).astimezone(self.info)
        shift = moment.utcoffset()
        return moment.tzname() or "", 0 if shift is None else int(shift.total_seconds())


UTC = Zone("UTC")


@lru_cache(maxsize=256)
def load_zone(name: str) -> Zone:
    """The zone of an IANA name; empty, ``UTC`` and ``Local`` are UTC, which is where Finale's clocks stand.

    Raises ``ValueError`` in Go's words. Source: ``time.LoadLocation``.
    """
    if name in ("", "UTC", "Local"):
        return UTC
    try:
        return Zone(name, 0, ZoneInfo(name))
    except (OSError, ValueError, LookupError):
        raise ValueError(f"unknown time zone {name}") from None


@dataclass(frozen=True, slots=True)
class Civil:
    """What calendar and clock of a zone show; `weekday` counts from Sunday, `year_day` from 1."""

    year: int
    month: int
    day: int
    hour: int
    minute: int
    second: int
    nanosecond: int
    weekday: int
    year_day: int
    abbreviation: str
    offset_s: int


def civil(ns: int, zone: Zone = UTC) -> Civil:
    """Calendar and clock of the instant `ns` in `zone`."""
    seconds, nanosecond = divmod(ns, SECOND_NS)
    abbreviation, offset_s = zone.at(seconds)
    days, second_of_day = divmod(seconds + offset_s, _DAY_S)
    year, month, day = _date_of_day(days)
    return Civil(
        year=year,
        month=month,
        day=day,
        hour=second_of_day // 3600,
        minute=second_of_day // 60 % 60,
        second=second_of_day % 60,
        nanosecond=nanosecond,
        weekday=(days + 4) % 7,
        year_day=days - _day_of_date(year, 1, 1) + 1,
        abbreviation=abbreviation,
        offset_s=offset_s,
    )


def unix_seconds(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> int:
    """Seconds since the epoch of a UTC date and time; fields out of their range carry over as in Go."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return (_day_of_date(year, month, 1) + day - 1) * _DAY_S + hour * 3600 + minute * 60 + second


def instant(seconds: int, nanosecond: int, zone: Zone) -> int:
    """The instant at which clocks in `zone` show what UTC shows at `seconds`.

    In the hour that a change of the clocks skips or repeats, Go takes one of the two meanings; so do we.
    Source: ``time.Date``.
    """
    if offset := zone.at(seconds)[1]:
        seconds -= zone.at(seconds - offset)[1]
    return seconds * SECOND_NS + nanosecond


def is_leap(year: int) -> bool:
    """Whether `year` has a 29th of February in the Gregorian calendar."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_in_month(year: int, month: int) -> int:
    """28 to 31; `month` counts from 1."""
    return 29 if month == 2 and is_leap(year) else (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]


# Both conversions count in eras of 400 years (146,097 days) that begin on a 1st of March, so that the leap day is the
# last of its year and months have a regular length: day (153 m + 2) // 5 is the first of month m counted from March.
# 719,468 days lie between 0000-03-01 and the Unix epoch.


def _day_of_date(year: int, month: int, day: int) -> int:
    """Days from the epoch to a date."""
    if month <= 2:
        year -= 1
    era, year_of_era = divmod(year, 400)
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * 146_097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719_468


def _date_of_day(days: int) -> tuple[int, int, int]:
    """Year, month and day of the day that lies `days` after the epoch."""
    era, day_of_era = divmod(days + 719_468, 146_097)
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month_from_march = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * month_from_march + 2) // 5 + 1
    month = (month_from_march + 2) % 12 + 1
    return era * 400 + year_of_era + (month <= 2), month, day
