"""Values that a manifest may write in more than one way, read as Argo's Go types read them."""

from decimal import Decimal

__all__ = ["any_string", "int_or_string"]

_EXACT = 1 << 53
"""Whole numbers up to here are exact in Go's float64, through which every bare number of a manifest passes."""


def any_string(value: object) -> str:
    """The text of a parameter's value: numbers without exponent (``1e21`` → ``1000000000000000000000``), ``true``.

    None, lists and objects give the empty string. Source: argo-workflows pkg/apis/workflow/v1alpha1/anystring.go
    (``strconv.FormatFloat(v, 'f', -1, 64)``) and spec/argo-semantics.md §7.1.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and -_EXACT <= value <= _EXACT:
        return str(value)
    if isinstance(value, int | float):
        try:
            text = format(Decimal(repr(float(value))), "f")
        except OverflowError:
            return str(value)
        return text.removesuffix(".0")
    return ""


def int_or_string(value: int | str) -> int | str:
    """A whole number where the value is one or is text that reads as one, else the text (a tag, ``50%``).

    Source: k8s.io/apimachinery pkg/util/intstr, ``IntValue`` (``strconv.Atoi``: optional sign, decimal digits).
    """
    if isinstance(value, int):
        return int(value)
    digits = value.removeprefix("-") if value.startswith("-") else value.removeprefix("+")
    return int(value) if digits.isascii() and digits.isdigit() else value
