"""The words of Go's layouts: which stand for parts of a time, and the layouts that package time names.

Source of the rules: the documentation and behaviour of Go's package time, format.go.
"""

import re
from functools import lru_cache

__all__ = ["DAY_AND_MONTH_NAMES", "NAMED_LAYOUTS", "RFC3339", "RFC3339_NANO", "layout_chunks"]

RFC3339 = "2006-01-02T15:04:05Z07:00"
RFC3339_NANO = "2006-01-02T15:04:05.999999999Z07:00"
NAMED_LAYOUTS = {
    "Layout": "01/02 03:04:05PM '06 -0700",
    "ANSIC": "Mon Jan _2 15:04:05 2006",
    "UnixDate": "Mon Jan _2 15:04:05 MST 2006",
    "RubyDate": "Mon Jan 02 15:04:05 -0700 2006",
    "RFC822": "02 Jan 06 15:04 MST",
    "RFC822Z": "02 Jan 06 15:04 -0700",
    "RFC850": "Monday, 02-Jan-06 15:04:05 MST",
    "RFC1123": "Mon, 02 Jan 2006 15:04:05 MST",
    "RFC1123Z": "Mon, 02 Jan 2006 15:04:05 -0700",
    "RFC3339": RFC3339,
    "RFC3339Nano": RFC3339_NANO,
    "Kitchen": "3:04PM",
    "Stamp": "Jan _2 15:04:05",
    "StampMilli": "Jan _2 15:04:05.000",
    "StampMicro": "Jan _2 15:04:05.000000",
    "StampNano": "Jan _2 15:04:05.000000000",
    "DateTime": "2006-01-02 15:04:05",
    "DateOnly": "2006-01-02",
    "TimeOnly": "15:04:05",
}
"""The layouts that Go's package time names, by that name."""

_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
DAY_AND_MONTH_NAMES = {
    "January": _MONTHS,
    "Jan": tuple(name[:3] for name in _MONTHS),
    "Monday": _DAYS,
    "Mon": tuple(name[:3] for name in _DAYS),
}
"""What each of the four words that are names can become, in order."""

# The words of a layout. Of those that begin alike the longer stands first; `_2006` is an underscore before a year; a
# fraction must not be followed by a further digit.
_WORD = re.compile(
    r"January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|0[1-6]|002|15|1|2006|2|__2|_2(?!006)|3|4|5|PM|pm"
    r"|[-Z]07(?:0000|:00:00|00|:00)?|[.,](?:0+|9+)(?![0-9])"
)


@lru_cache(maxsize=512)
def layout_chunks(layout: str) -> tuple[tuple[str, str], ...]:
    """The layout as (literal text, word) pairs; the last word is empty."""
    chunks, position = [], 0
    for match in _WORD.finditer(layout):
        chunks.append((layout[position : match.start()], match[0]))
        position = match.end()
    return (*chunks, (layout[position:], ""))
