"""Go's layouts and calendar; the expected texts are what Go prints."""

import pytest

from finale.expr.golayout import NAMED_LAYOUTS, format_time, go_string, parse_time
from finale.expr.gotime import UTC, load_zone

SECOND = 1_000_000_000
NS = 1722170096 * SECOND + 123456789


@pytest.mark.parametrize(
    ("layout", "zone", "text"),
    [
        ("2006-01-02T15:04:05.999999999Z07:00", "UTC", "2024-07-28T12:34:56.123456789Z"),
        ("Monday, _2 January 06 3:04PM MST -0700", "Europe/Berlin", "Sunday, 28 July 24 2:34PM CEST +0200"),
        (".000 ,999999 .99999999999", "UTC", ".123 ,123456 .123456789"),
        ("002 __2 01 1 Jan Janus", "UTC", "210 210 07 7 Jul Janus"),
        ("pm 03 15 Z070000 -07:00:00", "Asia/Kolkata", "pm 06 18 +053000 +05:30:00"),
        ("_2006 _2 2", "UTC", "_2024 28 28"),
    ],
)
def test_an_instant_is_written_as_the_layout_shows(layout: str, zone: str, text: str) -> None:
    assert format_time(NS, layout, load_zone(zone)) == text


@pytest.mark.parametrize(
    ("ns", "text"),
    [
        (0, "1970-01-01 00:00:00 +0000 UTC"),
        (-62135596800 * SECOND, "0001-01-01 00:00:00 +0000 UTC"),
        (-62167219200 * SECOND - 1, "-0001-12-31 23:59:59.999999999 +0000 UTC"),
        (10**12 * SECOND, "33658-09-27 01:46:40 +0000 UTC"),
    ],
)
def test_years_outside_pythons_calendar_are_shown_too(ns: int, text: str) -> None:
    assert go_string(ns) == text


@pytest.mark.parametrize("layout", NAMED_LAYOUTS.values())
def test_what_a_named_layout_writes_it_reads_back(layout: str) -> None:
    text = format_time(NS, layout)
    ns, zone = parse_time(text, layout)
    assert format_time(ns, layout, zone) == text


@pytest.mark.parametrize(
    ("text", "layout", "zone", "shown"),
    [
        ("3:04PM", "3:04PM", "UTC", "0000-01-01 15:04:00 +0000 UTC"),
        ("12:04AM", "3:04PM", "UTC", "0000-01-01 00:04:00 +0000 UTC"),
        ("2024-01-01 10:00:00,5", "2006-01-02 15:04:05", "UTC", "2024-01-01 10:00:00.5 +0000 UTC"),
        ("2024-02-29T10:00:00+02:00", "2006-01-02T15:04:05Z07:00", "UTC", "2024-02-29 10:00:00 +0200 +0200"),
        ("060 2024", "002 2006", "UTC", "2024-02-29 00:00:00 +0000 UTC"),
        ("01 Jul 24 12:00 CEST", "02 Jan 06 15:04 MST", "Europe/Berlin", "2024-07-01 12:00:00 +0200 CEST"),
        ("01 Jul 24 12:00 XYZ", "02 Jan 06 15:04 MST", "Europe/Berlin", "2024-07-01 12:00:00 +0000 XYZ"),
        ("01 Jul 69 12:00 GMT+3", "02 Jan 06 15:04 MST", "UTC", "1969-07-01 12:00:00 +0300 GMT+3"),
        ("2024-03-31 02:30", "2006-01-02 15:04", "Europe/Berlin", "2024-03-31 03:30:00 +0200 CEST"),
    ],
)
def test_a_text_is_read_by_its_layout(text: str, layout: str, zone: str, shown: str) -> None:
    assert go_string(*parse_time(text, layout, load_zone(zone))) == shown


@pytest.mark.parametrize(
    ("text", "layout", "message"),
    [
        ("x", "2006", 'parsing time "x" as "2006": cannot parse "x" as "2006"'),
        ("2024-02-30", "2006-01-02", 'parsing time "2024-02-30": day out of range'),
        ("2024-13-01", "2006-01-02", 'parsing time "2024-13-01": month out of range'),
        ("2024-01-01 ", "2006-01-02", 'parsing time "2024-01-01 ": extra text: " "'),
        ("25:00", "15:04", 'parsing time "25:00": hour out of range'),
        ("é", "2006", 'parsing time "\\xc3\\xa9" as "2006": cannot parse "\\xc3\\xa9" as "2006"'),
        ("366 2023", "002 2006", 'parsing time "366 2023": day-of-year out of range'),
        ("1;5", "1:5", 'parsing time "1;5" as "1:5": cannot parse ";5" as ":"'),
    ],
)
def test_what_does_not_fit_is_told_in_gos_words(text: str, layout: str, message: str) -> None:
    with pytest.raises(ValueError, match="parsing time") as caught:
        parse_time(text, layout)
    assert str(caught.value) == message


def test_an_unknown_zone_is_refused_and_no_name_is_utc() -> None:
    assert load_zone("") is UTC
    for name in ("Nowhere/Land", "../etc/passwd", "/etc/localtime", "a\0b"):
        with pytest.raises(ValueError, match="unknown time zone"):
            load_zone(name)


@pytest.mark.parametrize(
    ("text", "layout"),
    [
        ("061 03 2024", "002 01 2006"),  # the 61st day is the 1st of March
        ("061 1 2024", "__2 2 2006"),
        (" 61 2024", "__2 2006"),
        ("10:00AM", "03:04PM"),
        ("2024-05-06T07:08:09.250", "2006-01-02T15:04:05.000"),
        ("UTC", "MST"),
        ("MeST", "MST"),
        ("WITA", "MST"),
        ("GMT-99", "MST-99"),
        ("-03", "MST"),
        ("+05:30:15", "-07:00:00"),
    ],
)
def test_unusual_texts_that_fit_are_read(text: str, layout: str) -> None:
    assert parse_time(text, layout)


@pytest.mark.parametrize(
    ("text", "layout", "reason"),
    [
        ("061 04 2024", "002 01 2006", "day-of-year does not match month"),
        ("061 02 2024", "002 02 2006", "day-of-year does not match day"),
        ("x61", "002", "as "),
        ("1 2024", "01 2006", "as "),
        ("10:00XM", "03:04PM", "as "),
        ("Januar", "January", "as "),
        ("+0a:00", "-07:00", "as "),
        ("+0700", "-07:00", "as "),
        ("*07:00", "-07:00", "as "),
        ("+25:00", "-07:00", "time zone offset hour out of range"),
        ("09,25", "05.000", "as "),
        ("xyz", "MST", "as "),
        ("ABCD", "MST", "as "),
        ("+99", "MST", "as "),
    ],
)
def test_texts_that_do_not_fit_are_refused(text: str, layout: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_time(text, layout)


def test_the_rules_of_a_zone_go_on_past_the_years_of_datetime() -> None:
    summer = parse_time("2024-07-01 12:00 +0000", "2006-01-02 15:04 -0700")[0] + 146_097 * 86_400 * SECOND * 30
    assert format_time(summer, "2006-01-02 15:04 MST", load_zone("Europe/Berlin")) == "14024-07-01 14:00 CEST"
