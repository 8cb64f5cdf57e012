"""Go's durations as text, to the last nanosecond: ``1h30m``, ``1.5s``, ``-2us``.

`finale.units` reads what manifests hold; here rounding, overflow and refusals are Go's own, for expressions compare them.
Source: ``time.ParseDuration``.
"""

import re

from finale.expr.gonumber import quote

__all__ = ["parse_duration"]

_UNITS_NS = {
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,
    "μs": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
}
_PART = re.compile(r"([0-9]*)(?:\.([0-9]*))?([^0-9.]*)")
_LIMIT = 1 << 63


def parse_duration(text: str) -> int:
    """Nanoseconds. Raises ``ValueError`` in Go's words."""
    invalid = ValueError(f"time: invalid duration {quote(text)}")
    body = text[1:] if text[:1] in ("+", "-") else text
    if body == "0":
        return 0
    if not body:
        raise invalid
    total, position = 0, 0
    while position < len(body):
        part = _PART.match(body, position)
        if part is None or not (part[1] or part[2]):
            raise invalid
        whole, fraction, unit = part[1], part[2] or "", part[3]
        if not unit:
            raise ValueError(f"time: missing unit in duration {quote(text)}")
        if unit not in _UNITS_NS:
            raise ValueError(f"time: unknown unit {quote(unit)} in duration {quote(text)}")
        size = _UNITS_NS[unit]
        total += (int(whole[-40:]) if whole else 0) * size if len(whole) < 40 else 2 * _LIMIT
        if fraction:
            # Go keeps the digits that fit 63 bits and multiplies as floats.
            digits = fraction
            while int(digits[:19]) >= _LIMIT or len(digits) > 19:
                digits = digits[:-1] if len(digits) <= 19 else digits[:19]
            total += int(float(int(digits)) * (float(size) / 10.0 ** len(digits)))
        if total > _LIMIT:
            raise invalid
        position = part.end()
    if text.startswith("-"):
        return -total
    if total == _LIMIT:
        raise invalid
    return total
