"""Numbers as Go reads and prints them: strconv's parsing and the ``%v`` of a float64; 64-bit wrap-around.

A number that does not parse raises `NumberInvalid`, which also carries the value that Go returns beside the error
(0, or the nearest bound): several functions that Argo exposes ignore the error and go on with that value.
"""

import math
import re

__all__ = [
    "NumberInvalid",
    "format_float",
    "parse_float",
    "parse_int",
    "power",
    "quote",
    "to_int64",
    "to_uint64",
    "wrap64",
]

_MAX = (1 << 63) - 1
_MIN = -(1 << 63)
_FLOAT = re.compile(
    r"[+-]?(?:(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:e[+-]?[0-9][0-9_]*)?|inf|infinity)|nan",
    re.IGNORECASE | re.ASCII,
)
_HEX_FLOAT = re.compile(r"[+-]?0x_?(?:[0-9a-f_]+\.?[0-9a-f_]*|\.[0-9a-f_]+)p[+-]?[0-9_]+", re.IGNORECASE | re.ASCII)
_BASE_DIGITS = {
    2: re.compile("[01]+"),
    8: re.compile("[0-7]+"),
    10: re.compile("[0-9]+"),
    16: re.compile("[0-9a-fA-F]+"),
}
_PREFIX = re.compile(r"0[bBoOxX]_?|0(?=.)")
_PREFIX_BASE = {"b": 2, "o": 8, "x": 16}
_ESCAPES = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}
_ESCAPES |= {"\\": "\\\\", '"': '\\"'}


class NumberInvalid(ValueError):
    """A text that is no number of the wanted kind; `value` is what Go's strconv returns beside its error."""

    def __init__(self, function: str, text: str, why: str, value: int | float) -> None:
        super().__init__(f"strconv.{function}: parsing {quote(text)}: {why}")
        self.value = value


def wrap64(value: int) -> int:
    """`value` as a signed 64-bit integer, the upper bits dropped as in Go's arithmetic."""
    return value if _MIN <= value <= _MAX else (value + (1 << 63)) % (1 << 64) - (1 << 63)


def to_int64(value: float) -> int:
    """Go's ``int64(x)`` on amd64: the fraction is cut; what does not fit becomes the least integer."""
    return int(value) if -9.223372036854776e18 <= value < 9.223372036854776e18 else _MIN


def to_uint64(value: float) -> int:
    """Go's ``uint64(x)`` on amd64: a negative value wraps around; what does not fit becomes 2**63."""
    if -9.223372036854776e18 <= value < 1.8446744073709552e19:
        return int(value) % (1 << 64)
    return 1 << 63


def parse_int(text: str, base: int = 10, bits: int = 64, function: str = "ParseInt") -> int:
    """Go's ``strconv.ParseInt``; base 0 reads the prefixes ``0x``, ``0o``, ``0b`` and ``0``, and underscores.

    Raises `NumberInvalid`, whose text names `function`.
    """
    sign, digits = (text[0], text[1:]) if text[:1] in ("+", "-") else ("", text)
    if base == 0:
        base = 10
        if prefix := _PREFIX.match(digits):
            base = _PREFIX_BASE.get(prefix[0][1:2].lower(), 8)
            digits = digits[prefix.end() :]
            # After a bare 0 an underscore may follow at once, as in 0_7.
            digits = digits.removeprefix("_") if len(prefix[0]) == 1 else digits
        if re.fullmatch(r"[0-9a-fA-F]+(?:_[0-9a-fA-F]+)*", digits):
            digits = digits.replace("_", "")
    if not _BASE_DIGITS[base].fullmatch(digits):
        raise NumberInvalid(function, text, "invalid syntax", 0)
    value = int(digits, base) if len(digits) <= 64 else 1 << 64
    value = -value if sign == "-" else value
    low, high = -(1 << bits - 1), (1 << bits - 1) - 1
    if not low <= value <= high:
        raise NumberInvalid(function, text, "value out of range", high if value > 0 else low)
    return value


def parse_float(text: str) -> float:
    """Go's ``strconv.ParseFloat(text, 64)``. Raises `NumberInvalid`."""
    try:
        if _FLOAT.fullmatch(text):
            value = float(text)
        elif _HEX_FLOAT.fullmatch(text) and not re.search(r"__|_[^0-9a-f]|_$|[^0-9a-fx]_", text.lower()):
            value = float.fromhex(text.replace("_", ""))
        else:
            raise NumberInvalid("ParseFloat", text, "invalid syntax", 0)
    except OverflowError:
        value = -math.inf if text.startswith("-") else math.inf
    except NumberInvalid:
        raise
    except ValueError:
        raise NumberInvalid("ParseFloat", text, "invalid syntax", 0) from None
    if math.isinf(value) and "n" not in text.lower():
        raise NumberInvalid("ParseFloat", text, "value out of range", value)
    return value


def format_float(value: float, least: int = -4, limit: int = 6) -> str:
    """The shortest digits that read back as `value`, plain or as ``1.5e+21``.

    The plain form serves decimal exponents from `least` up to, not including, `limit`. The defaults are those of
    ``%v`` in package fmt; encoding/json takes -6 and 21, and strconv's format ``'f'`` has no limits.
    """
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "-Inf" if value < 0 else "+Inf"
    sign = "-" if math.copysign(1.0, value) < 0 else ""
    if value == 0:
        return f"{sign}0"
    mantissa, _, power = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    # `exponent` is that of the first digit that is not 0.
    exponent = int(power or "0") + (len(whole) - 1 if whole != "0" else len(fraction.lstrip("0")) - len(fraction) - 1)
    digits = (whole + fraction).strip("0")
    if not least <= exponent < limit:
        tail = f".{digits[1:]}" if len(digits) > 1 else ""
        return f"{sign}{digits[0]}{tail}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
    if exponent < 0:
        return f"{sign}0.{'0' * (-exponent - 1)}{digits}"
    whole, fraction = digits[: exponent + 1].ljust(exponent + 1, "0"), digits[exponent + 1 :]
    return f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}"


def power(base: float, exponent: float) -> float:
    """Go's ``math.Pow``: squares and multiplies, so the last bits may differ from those of C's ``pow``."""
    if exponent == 0 or base == 1:
        return 1.0
    if math.isnan(base) or math.isnan(exponent):
        return math.nan
    is_odd = abs(exponent) < 2.0**53 and exponent % 2 == 1
    if base == 0 or math.isinf(base):
        grows = (base == 0) == (exponent < 0)
        size = math.inf if grows else 0.0
        return -size if is_odd and math.copysign(1.0, base) < 0 else size
    if math.isinf(exponent):
        return 1.0 if base == -1 else math.inf if (abs(base) > 1) == (exponent > 0) else 0.0
    if abs(exponent) == 0.5 and base > 0:
        return math.sqrt(base) if exponent > 0 else 1 / math.sqrt(base)
    fraction, whole = math.modf(abs(exponent))
    if fraction and base < 0:
        return math.nan
    if whole >= 2.0**63:
        return 1.0 if base == -1 else 0.0 if (abs(base) < 1) == (exponent > 0) else math.inf
    result, result_power = 1.0, 0
    if fraction:
        if fraction > 0.5:
            fraction, whole = fraction - 1, whole + 1
        result = math.exp(fraction * math.log(base))
    square, square_power = math.frexp(base)
    count = int(whole)
    while count:
        if not -(1 << 12) <= square_power <= 1 << 12:
            result_power += square_power
            break
        if count & 1:
            result, result_power = result * square, result_power + square_power
        square, square_power = square * square, square_power * 2
        if square < 0.5:
            square, square_power = square * 2, square_power - 1
        count >>= 1
    if exponent < 0:
        result, result_power = 1 / result, -result_power
    try:
        return math.ldexp(result, result_power)
    except OverflowError:
        return math.copysign(math.inf, result)


def quote(text: str) -> str:
    """Go's ``strconv.Quote``: double quotes around, escapes for what is not printable."""
    return '"' + "".join(_ESCAPES.get(c) or (c if c.isprintable() else _escaped(c)) for c in text) + '"'


def _escaped(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is not UTF-8
        return f"\\x{code - 0xDC00:02x}"
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
