"""Numbers as Go reads and prints them."""

import math

import pytest

from finale.expr.gonumber import (
    NumberInvalid,
    format_float,
    parse_float,
    parse_int,
    power,
    quote,
    to_int64,
    to_uint64,
    wrap64,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "-0"),
        (100.0, "100"),
        (123456.0, "123456"),
        (1e6, "1e+06"),
        (1234567.0, "1.234567e+06"),
        (0.0001, "0.0001"),
        (0.00001234, "1.234e-05"),
        (1e21, "1e+21"),
        (-1.5e300, "-1.5e+300"),
        (5e-324, "5e-324"),
        (math.inf, "+Inf"),
        (-math.inf, "-Inf"),
        (math.nan, "NaN"),
    ],
)
def test_a_float_is_printed_with_the_shortest_digits(value: float, text: str) -> None:
    assert format_float(value) == text


def test_where_the_exponent_begins_can_be_chosen() -> None:
    assert format_float(1e20, -6, 21) == "100000000000000000000"
    assert format_float(1.5e-7, -400, 400) == "0.00000015"


@pytest.mark.parametrize(
    ("text", "base", "value"),
    [
        ("-12", 10, -12),
        ("+7", 10, 7),
        ("010", 10, 10),
        ("010", 0, 8),
        ("0_7", 0, 7),
        ("0x_1F", 0, 31),
        ("0b11", 0, 3),
        ("0o17", 0, 15),
        ("1_000", 0, 1000),
        ("0", 0, 0),
        ("ff", 16, 255),
        ("9223372036854775807", 10, 2**63 - 1),
    ],
)
def test_an_integer_is_read_in_its_base(text: str, base: int, value: int) -> None:
    assert parse_int(text, base) == value


@pytest.mark.parametrize(
    ("text", "base", "why", "value"),
    [
        ("", 10, "invalid syntax", 0),
        ("1_000", 10, "invalid syntax", 0),
        ("1__0", 0, "invalid syntax", 0),
        ("_1", 0, "invalid syntax", 0),
        ("1_", 0, "invalid syntax", 0),
        ("0x", 0, "invalid syntax", 0),
        ("08", 0, "invalid syntax", 0),
        ("٣", 10, "invalid syntax", 0),
        (" 1", 10, "invalid syntax", 0),
        ("9223372036854775808", 10, "value out of range", 2**63 - 1),
        ("-9" * 1 + "9" * 5000, 10, "value out of range", -(2**63)),
    ],
)
def test_what_is_no_integer_says_why_and_gives_gos_value(text: str, base: int, why: str, value: int) -> None:
    with pytest.raises(NumberInvalid) as caught:
        parse_int(text, base)
    assert str(caught.value) == f'strconv.ParseInt: parsing "{text}": {why}'
    assert caught.value.value == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (".5", 0.5),
        ("1.", 1.0),
        ("1e3", 1000.0),
        ("0x1p-2", 0.25),
        ("0x_1F.8p0", 31.5),
        ("-Infinity", -math.inf),
        ("1_0.5", 10.5),
    ],
)
def test_a_float_is_read(text: str, value: float) -> None:
    assert parse_float(text) == value


@pytest.mark.parametrize("text", ["", ".", "1__0", "1_", "_1", "+nan", "0x1", "1e", "1,5", " 1", "0x1p", "١"])
def test_what_is_no_float_is_refused(text: str) -> None:
    with pytest.raises(NumberInvalid, match="invalid syntax"):
        parse_float(text)


def test_a_float_that_is_too_great_is_out_of_range() -> None:
    with pytest.raises(NumberInvalid, match="value out of range") as caught:
        parse_float("-1e999")
    assert caught.value.value == -math.inf


def test_integers_wrap_at_64_bits_and_floats_are_cut() -> None:
    assert wrap64(2**63) == -(2**63)
    assert wrap64(-(2**63) - 1) == 2**63 - 1
    assert to_int64(-2.9) == -2
    assert to_int64(math.nan) == to_int64(1e300) == -(2**63)


@pytest.mark.parametrize(
    ("base", "exponent", "value"),
    [
        (2.0, 10.0, 1024.0),
        (2.0, -2.0, 0.25),
        (4.0, 0.5, 2.0),
        (4.0, -0.5, 0.5),
        (2.0, 0.75, 1.681792830507429),
        (2.0, 0.25, 1.189207115002721),
        (-2.0, 0.25, math.nan),
        (math.nan, 2.0, math.nan),
        (2.0**-40, 2.0**62, 0.0),
        (-8.0, 1 / 3, math.nan),
        (0.0, -1.0, math.inf),
        (-0.0, -3.0, -math.inf),
        (-2.0, 3.0, -8.0),
        (10.0, 400.0, math.inf),
        (-10.0, 401.0, -math.inf),
        (math.inf, -1.0, 0.0),
        (-1.0, math.inf, 1.0),
        (0.5, -math.inf, math.inf),
        (math.nan, 0.0, 1.0),
        (1.0, math.nan, 1.0),
        (0.9, 2.0**64, 0.0),
    ],
)
def test_a_power_has_gos_special_cases(base: float, exponent: float, value: float) -> None:
    assert repr(power(base, exponent)) == repr(value)


def test_floats_become_unsigned_integers_as_on_amd64() -> None:
    assert to_uint64(-1.0) == 2**64 - 1
    assert to_uint64(1.5e19) == 15 * 10**18
    assert to_uint64(math.inf) == 2**63


def test_a_hexadecimal_float_may_be_too_great() -> None:
    with pytest.raises(NumberInvalid, match="value out of range") as caught:
        parse_float("-0x1p99999")
    assert caught.value.value == -math.inf


def test_a_text_is_quoted_as_go_quotes_it() -> None:
    assert quote('a"\\\n\x01\u200b\U000e0001é\udcff') == '"a\\"\\\\\\n\\x01\\u200b\\U000e0001é\\xff"'
