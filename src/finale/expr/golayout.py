"""Go's layouts: times written and read by example, ``2006-01-02T15:04:05Z07:00``.

A layout is a text in which certain words stand for parts of a time (``Jan``, ``02``, ``15``…) and everything else
stands for itself. `format_time` writes an instant by a layout, `parse_time` reads one. Expressions, sprig's dates and
the date literals of ``when`` all come here.

Source of the rules: the documentation and behaviour of Go's package time, format.go.
"""

import re

from finale.expr.gotime import UTC, Civil, Zone, civil, days_in_month, instant, is_leap, unix_seconds
from finale.expr.layout_words import DAY_AND_MONTH_NAMES, NAMED_LAYOUTS, RFC3339, RFC3339_NANO, layout_chunks

__all__ = ["NAMED_LAYOUTS", "RFC3339", "RFC3339_NANO", "format_time", "go_string", "parse_time"]

# How the digits of a numeric zone lie in the text, by the layout word without its first sign.
_OFFSETS = {
    "07": re.compile(r"(.)(..)", re.DOTALL),
    "0700": re.compile(r"(.)(..)(..)", re.DOTALL),
    "07:00": re.compile(r"(.)(..):(..)", re.DOTALL),
    "070000": re.compile(r"(.)(..)(..)(..)", re.DOTALL),
    "07:00:00": re.compile(r"(.)(..):(..):(..)", re.DOTALL),
}
_ZONE_NAME = re.compile(r"ChST|MeST|GMT(?:[+-][0-9]+)?|[+-][0-9]+|[A-Z]{1,6}")
_FRACTION = re.compile(r"[.,]([0-9]+)")
# Summers and winters in which a zone's abbreviations are looked for; Go has the whole list, datetime does not give it.
_PROBES = tuple(unix_seconds(year, month, 1) for year in (2024, 2000, 1980, 1960, 1943, 1920, 1900) for month in (1, 7))


def format_time(ns: int, layout: str, zone: Zone = UTC) -> str:
    """The instant `ns` (nanoseconds since the epoch) as `layout` shows it, in `zone`."""
    shown = civil(ns, zone)
    return "".join(literal + _written(shown, word) for literal, word in layout_chunks(layout))


def go_string(ns: int, zone: Zone = UTC) -> str:
    """What ``fmt`` prints for a ``time.Time``: ``2024-01-01 00:00:00 +0000 UTC``."""
    return format_time(ns, "2006-01-02 15:04:05.999999999 -0700 MST", zone)


def _written(t: Civil, word: str) -> str:
    match word:
        case "":
            return ""
        case "2006":
            return f"{'-' if t.year < 0 else ''}{abs(t.year):04d}"
        case "06":
            return f"{abs(t.year) % 100:02d}"
        case "January" | "Jan":
            return DAY_AND_MONTH_NAMES[word][t.month - 1]
        case "Monday" | "Mon":
            return DAY_AND_MONTH_NAMES[word][t.weekday]
        case "1" | "01":
            return f"{t.month:0{len(word)}d}"
        case "2" | "02":
            return f"{t.day:0{len(word)}d}"
        case "_2":
            return f"{t.day:2d}"
        case "__2":
            return f"{t.year_day:3d}"
        case "002":
            return f"{t.year_day:03d}"
        case "15":
            return f"{t.hour:02d}"
        case "3" | "03":
            return f"{(t.hour + 11) % 12 + 1:0{len(word)}d}"
        case "4" | "04":
            return f"{t.minute:0{len(word)}d}"
        case "5" | "05":
            return f"{t.second:0{len(word)}d}"
        case "PM":
            return "PM" if t.hour >= 12 else "AM"
        case "pm":
            return "pm" if t.hour >= 12 else "am"
        case "MST":
            return t.abbreviation or _written(t, "-0700")
    if word[0] in "-Z":
        return "Z" if word[0] == "Z" and t.offset_s == 0 else _written_offset(t.offset_s, word[1:])
    digits = f"{t.nanosecond:09d}"[: len(word) - 1]
    if word[1] == "9":
        digits = digits.rstrip("0")
    return word[0] + digits if digits else ""


def _written_offset(offset_s: int, shape: str) -> str:
    # Go decides the sign by the whole minutes, so a shift of less than a minute west shows as "+".
    minutes = int(offset_s / 60)
    sign, minutes, seconds = ("-", -minutes, -offset_s % 60) if minutes < 0 else ("+", minutes, abs(offset_s) % 60)
    parts = (f"{sign}{minutes // 60:02d}", f"{minutes % 60:02d}", f"{seconds:02d}")
    return (":" if ":" in shape else "").join(parts[: len(shape.replace(":", "")) // 2])


class _Bad(Exception):
    """The text does not fit the layout's word here; `range_of` names a value that is out of its range."""

    def __init__(self, range_of: str = "", rest: str = "") -> None:
        self.range_of = range_of
        self.rest = rest


class _Reading:
    """The fields read so far; -1 means not seen."""

    def __init__(self) -> None:
        self.year = 0
        self.month = self.day = self.year_day = -1
        self.hour = self.minute = self.second = self.nanosecond = 0
        self.afternoon: bool | None = None
        self.is_utc = False
        self.offset_s: int | None = None
        self.zone_name = ""


def parse_time(text: str, layout: str, zone: Zone = UTC) -> tuple[int, Zone]:
    """Read `text` by `layout`: the instant in nanoseconds and the zone it is shown in.

    `zone` is meant where the text names none. Raises ``ValueError`` in Go's words.
    Source: ``time.ParseInLocation``.
    """
    reading, rest = _Reading(), text
    chunks = layout_chunks(layout)
    for index, (literal, word) in enumerate(chunks):
        try:
            rest = _skip(rest, literal)
        except _Bad as bad:
            raise ValueError(_cannot_parse(text, layout, bad.rest, literal)) from None
        # The last chunk is a literal alone.
        fraction_follows = word != "" and chunks[index + 1][1][:1] in (".", ",")
        try:
            rest = _read(reading, rest, word, fraction_follows)
        except _Bad as bad:
            if bad.range_of:
                raise ValueError(f"parsing time {_quoted(text)}: {bad.range_of} out of range") from None
            raise ValueError(_cannot_parse(text, layout, rest, word)) from None
    if rest:
        raise ValueError(f"parsing time {_quoted(text)}: extra text: {_quoted(rest)}")
    try:
        _settle_date(reading)
    except _Bad as bad:
        raise ValueError(f"parsing time {_quoted(text)}: {bad.range_of}") from None
    return _placed(reading, zone)


def _cannot_parse(text: str, layout: str, rest: str, word: str) -> str:
    return f"parsing time {_quoted(text)} as {_quoted(layout)}: cannot parse {_quoted(rest)} as {_quoted(word)}"


def _quoted(text: str) -> str:
    plain = {'"': '\\"', "\\": "\\\\"}
    return '"' + "".join(plain.get(c, c) if " " <= c < "\x80" else _hex(c) for c in text) + '"'


def _hex(character: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in character.encode("utf-8", "surrogatepass"))


def _skip(rest: str, literal: str) -> str:
    """Pass over literal text; a run of spaces fits any run of spaces."""
    for part in re.findall(r" +|[^ ]", literal):
        if part[0] == " ":
            if rest and rest[0] != " ":
                raise _Bad(rest=rest)
            rest = rest.lstrip(" ")
        elif not rest.startswith(part):
            raise _Bad(rest=rest)
        else:
            rest = rest[1:]
    return rest


def _read(reading: _Reading, rest: str, word: str, fraction_follows: bool) -> str:
    """Read one layout word from the front of `rest` and return what follows."""
    match word:
        case "":
            return rest
        case "2006":
            reading.year = _digits(rest[:4], 4)
            return rest[4:]
        case "06":
            year = _digits(rest[:2], 2)
            reading.year = year + (1900 if year >= 69 else 2000)
            return rest[2:]
        case "January" | "Jan":
            index, rest = _name(rest, DAY_AND_MONTH_NAMES[word])
            reading.month = index + 1
        case "Monday" | "Mon":
            _, rest = _name(rest, DAY_AND_MONTH_NAMES[word])
        case "1" | "01":
            reading.month, rest = _number(rest, word == "01", 1, 12, "month")
        case "2" | "02":
            reading.day, rest = _number(rest, word == "02")
        case "_2":
            reading.day, rest = _number(rest.removeprefix(" "), False)
        case "__2":
            reading.year_day, rest = _year_day(rest.removeprefix(" ").removeprefix(" "), False)
        case "002":
            reading.year_day, rest = _year_day(rest, True)
        case "15":
            reading.hour, rest = _number(rest, False, 0, 23, "hour")
        case "3" | "03":
            reading.hour, rest = _number(rest, word == "03", 0, 12, "hour")
        case "4" | "04":
            reading.minute, rest = _number(rest, word == "04", 0, 59, "minute")
        case "5" | "05":
            reading.second, rest = _number(rest, word == "05", 0, 59, "second")
            if not fraction_follows:
                rest = _fraction(reading, rest)
        case "PM" | "pm":
            if rest[:2] not in (("PM", "AM") if word == "PM" else ("pm", "am")):
                raise _Bad
            reading.afternoon, rest = rest[0] in "Pp", rest[2:]
        case "MST":
            rest = _zone_name(reading, rest)
        case _ if word[0] == "Z" and rest.startswith("Z"):
            reading.is_utc, rest = True, rest[1:]
        case _ if word[0] in "-Z":
            rest = _offset(reading, rest, _OFFSETS[word[1:]])
        case _ if word[1] == "9":
            rest = _fraction(reading, rest)
        case _:
            digits = rest[1 : len(word)]
            if rest[:1] not in (".", ",") or len(digits) < len(word) - 1:
                raise _Bad
            reading.nanosecond = _digits(digits[:9], len(digits[:9])) * 10 ** (9 - len(digits[:9]))
            rest = rest[len(word) :]
    return rest


def _digits(text: str, length: int) -> int:
    if len(text) != length or not (text.isascii() and text.isdigit()):
        raise _Bad
    return int(text)


def _number(rest: str, fixed: bool, low: int = 0, high: int = 99, name: str = "") -> tuple[int, str]:
    """One or two digits (two if `fixed`)."""
    length = 2 if rest[1:2].isascii() and rest[1:2].isdigit() else 1
    if fixed and length == 1:
        raise _Bad
    value = _digits(rest[:length], length)
    if not low <= value <= high:
        raise _Bad(name)
    return value, rest[length:]


def _year_day(rest: str, fixed: bool) -> tuple[int, str]:
    match = re.match("[0-9]{3}" if fixed else "[0-9]{1,3}", rest)
    if match is None:
        raise _Bad
    return int(match[0]), rest[match.end() :]


def _name(rest: str, names: tuple[str, ...]) -> tuple[int, str]:
    for index, name in enumerate(names):
        if rest[: len(name)].lower() == name.lower():
            return index, rest[len(name) :]
    raise _Bad


def _fraction(reading: _Reading, rest: str) -> str:
    """A fraction of a second where one may stand: any number of digits, cut to nanoseconds."""
    match = _FRACTION.match(rest)
    if match is None:
        return rest
    reading.nanosecond = int(match[1][:9].ljust(9, "0"))
    return rest[match.end() :]


def _offset(reading: _Reading, rest: str, shape: re.Pattern[str]) -> str:
    match = shape.match(rest)
    if match is None:
        raise _Bad
    sign, *parts = match.groups()
    values = [_digits(part, 2) for part in parts] + [0, 0]
    for value, limit, name in zip(values, (24, 60, 60), ("hour", "minute", "second"), strict=False):
        if value > limit:
            raise _Bad(f"time zone offset {name}")
    if sign not in "+-":
        raise _Bad
    offset = (values[0] * 60 + values[1]) * 60 + values[2]
    reading.offset_s = -offset if sign == "-" else offset
    return rest[match.end() :]


def _zone_name(reading: _Reading, rest: str) -> str:
    """A zone's abbreviation: three to five capitals of certain shapes, ``GMT+3``, ``+03``."""
    if rest.startswith("UTC"):
        reading.is_utc = True
        return rest[3:]
    match = _ZONE_NAME.match(rest)
    if match is None:
        raise _Bad
    name = match[0]
    if name.startswith("GMT"):
        if int(name[4:] or "0") > 23:
            name = "GMT"
    elif name[0] in "+-":
        if int(name[1:]) > 23:
            raise _Bad
    elif name not in ("ChST", "MeST", "WITA") and len(name) != 3 and not (len(name) in (4, 5) and name[-1] == "T"):
        raise _Bad
    reading.zone_name = name
    return rest[len(name) :]


def _settle_date(reading: _Reading) -> None:
    """Fill what the layout left out, turn a day of the year into month and day, and check that the day exists."""
    if reading.year_day >= 0:
        if not 1 <= reading.year_day <= 365 + is_leap(reading.year):
            raise _Bad("day-of-year out of range")
        month, day = 1, reading.year_day
        while day > days_in_month(reading.year, month):
            day -= days_in_month(reading.year, month)
            month += 1
        if reading.month >= 0 and reading.month != month:
            raise _Bad("day-of-year does not match month")
        if reading.day >= 0 and reading.day != day:
            raise _Bad("day-of-year does not match day")
        reading.month, reading.day = month, day
    reading.month = 1 if reading.month < 0 else reading.month
    reading.day = 1 if reading.day < 0 else reading.day
    if not 1 <= reading.day <= days_in_month(reading.year, reading.month):
        raise _Bad("day out of range")


def _placed(reading: _Reading, zone: Zone) -> tuple[int, Zone]:
    """The instant that the fields mean, by the zone the text named or else by `zone`."""
    hour = reading.hour
    if reading.afternoon is not None:
        hour = hour + 12 if reading.afternoon and hour < 12 else 0 if not reading.afternoon and hour == 12 else hour
    seconds = unix_seconds(reading.year, reading.month, reading.day, hour, reading.minute, reading.second)
    if reading.is_utc:
        return instant(seconds, reading.nanosecond, UTC), UTC
    if reading.offset_s is not None:
        seconds -= reading.offset_s
        name, offset = zone.at(seconds)
        if offset != reading.offset_s or reading.zone_name not in ("", name):
            zone = Zone(reading.zone_name, reading.offset_s)
        return seconds * 1_000_000_000 + reading.nanosecond, zone
    if reading.zone_name:
        # An abbreviation means the shift it has in the given zone, now or at some other time.
        for probe in (seconds, *_PROBES) if zone.info is not None else ():
            name, offset = zone.at(probe)
            if name == reading.zone_name:
                return (seconds - offset) * 1_000_000_000 + reading.nanosecond, zone
        hours = reading.zone_name[3:] if reading.zone_name.startswith("GMT") else ""
        fixed = Zone(reading.zone_name, int(hours or "0") * 3600)
        return instant(seconds, reading.nanosecond, fixed), fixed
    return instant(seconds, reading.nanosecond, zone), zone
