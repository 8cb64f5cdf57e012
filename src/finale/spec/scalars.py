"""What an unquoted YAML word means: Go's rules (sigs.k8s.io/yaml over go-yaml v2), not YAML 1.1's and not 1.2's.

``yes`` is true, ``017`` is 15, ``1e3`` is 1000; ``12:30`` and ``2024-01-01`` are text. Numbers come out as JSON would
carry them on to Argo: a float without a fraction is a whole number. One exception, made on purpose: ``y`` and ``n`` stay
text, since most YAML writers leave them unquoted; a field that wants a boolean takes them (`walk.read_switches`).
Source: go-yaml v2.4 resolve.go (``resolve``, ``resolveMap``, ``yamlStyleFloat``); encoding/json for the whole numbers.
"""

import math
import re
from decimal import Decimal

__all__ = ["resolve_scalar"]

_WORDS: dict[str, bool | float | None] = {
    **dict.fromkeys(["yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"], True),
    **dict.fromkeys(["no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"], False),
    **dict.fromkeys(["", "~", "null", "Null", "NULL"], None),
    **dict.fromkeys([".nan", ".NaN", ".NAN"], math.nan),
    **dict.fromkeys([".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"], math.inf),
    **dict.fromkeys(["-.inf", "-.Inf", "-.INF"], -math.inf),
}
_INTEGER = re.compile(r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_LOOSE_UNDERSCORE = re.compile(r"(?<![0-9])_|_(?![0-9])")
"""In a number that begins with a point, strconv.ParseFloat takes underscores between digits only."""
_LONGEST = 400
"""Characters of the longest number worth reading; longer ones overflow Go's types."""
_JSON_WHOLE = 1e21
"""Below this encoding/json writes a float64 without an exponent."""


def resolve_scalar(text: str) -> str | int | float | bool | None:
    """The value of a plain (unquoted, untagged) scalar. May be ``nan`` or infinite, which JSON cannot hold."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789" or len(text) > _LONGEST:
        return text
    if text[0] == "." and _LOOSE_UNDERSCORE.search(text) is not None:
        return text
    plain = text.replace("_", "")
    if (match := _INTEGER.fullmatch(plain)) is not None:
        sign, hexadecimal, binary, octal, decimal = match.groups()
        if hexadecimal:
            number = int(hexadecimal, 16)
        elif binary:
            number = int(binary, 2)
        else:
            number = int(octal, 8) if octal else int(decimal)
        if sign == "-":
            number = -number
        if -(1 << 63) <= number < (1 << 63) or (not sign and number < (1 << 64)):
            return number
    if _FLOAT.fullmatch(plain) is not None:
        real = float(plain)
        if math.isfinite(real):
            is_whole = real.is_integer() and abs(real) < _JSON_WHOLE and (real != 0 or plain[0] != "-")
            return int(Decimal(repr(real))) if is_whole else real
    return text
