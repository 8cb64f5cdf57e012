"""`jsonpath()`: the dialect of the library that Argo uses; the expected values are what it answers."""

import contextlib

import pytest

from finale.expr.jsonpath import find
from finale.expr.values import type_text

SHOP = """{
  "store": {
    "book": [
      {"title": "A", "price": 8.95, "category": "fiction"},
      {"title": "B", "price": 12.99},
      {"title": "C d", "price": 10, "isbn": "x"}
    ],
    "bike": {"color": "red", "price": 19.95}
  },
  "limit": 10, "a.b": 1, "it's": 2, "none": null, "yes": true, "key": "limit"
}"""


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$.limit", 10.0),
        ("$['a.b']", 1.0),
        ("$['it\\'s']", 2.0),
        ('$["limit"]', 10.0),
        ("$.none", None),
        ("$.store.book[0].title", "A"),
        ("$.store.book[-1]['title']", "C d"),
        ("$.store.book[*].title", ["A", "B", "C d"]),
        ("$.store.*.price", [19.95]),
        ("$..price", [19.95, 8.95, 12.99, 10.0]),
        ("$.store.book[0:2].title", ["A", "B"]),
        ("$.store.book[::-1].title", ["C d", "B", "A"]),
        ("$.store.book[-1:].title", ["C d"]),
        ("$.store.book[0,2].title", ["A", "C d"]),
        ("$.store.bike['price','color','size']", [19.95, "red"]),
        ("$.store.book[?(@.isbn)].title", ["C d"]),
        ("$.store.book[?(@.price<$.limit)].title", ["A"]),
        ("$.store.book[?(@.price > 9 && @.title != 'B')].title", ["C d"]),
        ("$.store.book[?(@.category=='fiction')].price", [8.95]),
        ("$.store.book[?(@.title =~ '^[AB]$')].price", [8.95, 12.99]),
        ("$.store.book[?(@.price in [10, 12.99])].title", ["B", "C d"]),
        ("$.store.book[?(!@.isbn)].title", []),
        ("$.store.book[?(@.title)][0].title", "A"),
        ("$.store.book[(@.length-1)].title", "C d"),
        ("$.store.book[?(@.price % 2 == 0)].title", ["C d"]),
        ("$.store.book[?((@.price > 9) && (@.price < 11))].title", []),
        ("$.store.nowhere[*]", "key: invalid token key 'nowhere' not found"),
        ("$.limit[0]", "index: invalid token target. expected [array slice] got [float64]"),
        ("$.store.book[7]", "index: invalid token out of range"),
        ("$.store.book[::0]", "range: invalid token out of range"),
        ("$.store.book[?(1 % 0)]", "runtime error: integer divide by zero"),
        ("limit", "invalid JSONPath selector 'limit' unexpected token 'l' at index 0"),
        ("$.a[", "invalid JSONPath selector '$.a[' invalid token. '[' does not match any token format"),
        ("", "invalid JSONPath selector '' unexpected token '' at index 0"),
    ],
)
def test_a_path_selects_what_argos_library_selects(path: str, value: object) -> None:
    try:
        found = find(SHOP, path)
    except ValueError as error:
        found = str(error)
    assert found == value


def test_a_length_is_an_int64_and_a_number_a_float() -> None:
    assert type_text(find("[1, 2]", "$.length")) == "int64"
    assert type_text(find("[1, 2]", "$[0]")) == "float64"


def test_a_text_that_is_not_json_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"\S"):
        find("{", "$")


@pytest.mark.parametrize(
    "path",
    [
        "$" + "..*" * 400,
        f"$[?({'+-' * 2000})]",
        f"$[?({'!' * 5000}1)]",
        f"$[?({'(' * 5000}1{')' * 5000})]",
        f"${'[?(@' * 300}{')]' * 300}",
        "$" + ".a" * 20000,
    ],
)
def test_a_hostile_path_ends_soon_with_a_result_or_an_ordinary_error(path: str) -> None:
    document = f"{'[1,' * 60}{{}}{']' * 60}"
    with contextlib.suppress(ValueError):
        assert isinstance(find(document, path), list)


def test_a_document_nested_without_end_is_an_ordinary_error() -> None:
    with pytest.raises(ValueError, match=r"\S"):
        find("[" * 200_000, "$")


def test_a_path_nested_deeper_than_python_can_follow_is_an_ordinary_error() -> None:
    with pytest.raises(ValueError, match="nested too deeply"):
        find("[" * 600 + "]" * 600, "$" + "[*]" * 600)
