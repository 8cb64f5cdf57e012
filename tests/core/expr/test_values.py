"""Go's values as text and as JSON, and the Go type of each."""

import math
import re

import pytest

from finale.expr.gotime import load_zone
from finale.expr.gotypes import go_type
from finale.expr.govalues import (
    AnyMap,
    Duration,
    Function,
    Groups,
    Int64,
    Ints,
    Location,
    NamedInt,
    NilList,
    NilMap,
    NilStrings,
    Pair,
    Pairs,
    StringMap,
    Strings,
    Struct,
    Time,
    Uint8,
    is_nil,
    type_text,
)
from finale.expr.values import format_value, from_json, to_json, to_json_indented

STRUCT = Struct(go_type("v1.Artifact"), {"Name": "logs", "Mode": None}, json_names={"Name": "name", "Mode": ""})


@pytest.mark.parametrize(
    ("value", "text", "json", "type_"),
    [
        (None, "<nil>", "null", "<nil>"),
        (True, "true", "true", "bool"),
        (-7, "-7", "-7", "int"),
        (2.0, "2", "2", "float64"),
        (1e6, "1e+06", "1000000", "float64"),
        (1e21, "1e+21", "1e+21", "float64"),
        (1e-7, "1e-07", "1e-7", "float64"),
        (-0.0, "-0", "-0", "float64"),
        ("a<b", "a<b", '"a\\u003cb"', "string"),
        ("\u2028\x01\n\x7f\udcff", "\u2028\x01\n\x7f\udcff", '"\\u2028\\u0001\\n\x7f\\ufffd"', "string"),
        ([1, "a", [None]], "[1 a [<nil>]]", '[1,"a",[null]]', "[]interface {}"),
        ({"b": 1, "a": {}}, "map[a:map[] b:1]", '{"a":{},"b":1}', "map[string]interface {}"),
        (Ints([1, 2]), "[1 2]", "[1,2]", "[]int"),
        (Strings(["a"]), "[a]", '["a"]', "[]string"),
        (NilList(), "[]", "null", "[]interface {}"),
        (NilStrings(), "[]", "null", "[]string"),
        (NilMap(), "map[]", "null", "map[string]interface {}"),
        (StringMap(a="b"), "map[a:b]", '{"a":"b"}', "map[string]string"),
        (Pairs([Pair(["a", 1])]), "[[a 1]]", '[["a",1]]', "[][2]interface {}"),
        (b"ab", "[97 98]", '"YWI="', "[]uint8"),
        (Uint8(7), "7", "7", "uint8"),
        (Int64(7), "7", "7", "int64"),
        (Duration(5_400_000_000_000), "1h30m0s", "5400000000000", "time.Duration"),
        (Time(0), "1970-01-01 00:00:00 +0000 UTC", '"1970-01-01T00:00:00Z"', "time.Time"),
        (Location(load_zone("Asia/Tokyo")), "Asia/Tokyo", "{}", "*time.Location"),
        (NamedInt(go_type("time.Month"), 3, "March"), "March", "3", "time.Month"),
        (STRUCT, "{logs <nil>}", '{"name":"logs"}', "v1.Artifact"),
    ],
)
def test_text_json_and_type(value: object, text: str, json: str, type_: str) -> None:
    assert (format_value(value), to_json(value), type_text(value)) == (text, json, type_)


def test_maps_with_keys_of_any_type_tell_them_apart_and_print_in_a_fixed_order() -> None:
    found = AnyMap([(True, "t"), (1, "i"), (1.0, "f"), ("1", "s"), (None, "n")])

    assert [found.get(key) for key in (True, 1, 1.0, "1", None)] == ["t", "i", "f", "s", "n"]
    assert format_value(found) == "map[<nil>:n true:t 1:i 1:f 1:s]"
    assert format_value(Groups([(math.nan, [1]), (math.nan, [2])])) == "map[NaN:[1] NaN:[2]]"


def test_a_key_that_go_cannot_hash_is_refused() -> None:
    with pytest.raises(ValueError, match=r"hash of unhashable type: \[\]interface {}"):
        AnyMap([([], 1)])


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (math.inf, "json: unsupported value: +Inf"),
        (math.nan, "json: unsupported value: NaN"),
        (AnyMap(), "json: unsupported type: map"),
        (Function("f", go_type("func() int"), lambda run: 1), "json: unsupported type: func"),
        (Time(-(10**21)), "year outside of range"),
    ],
)
def test_what_json_cannot_say_is_refused(value: object, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        to_json([value])


def test_indented_json_is_laid_out_as_go_lays_it_out() -> None:
    assert to_json_indented({"a": [1, {}], "b": []}) == '{\n  "a": [\n    1,\n    {}\n  ],\n  "b": []\n}'


def test_json_read_has_floats_for_numbers() -> None:
    assert from_json('{"a": [1, 2.5, "x", null, true]}') == {"a": [1.0, 2.5, "x", None, True]}
    assert type_text(from_json("1")) == "float64"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "unexpected end of JSON input"),
        ('{"a"', "unexpected end of JSON input"),
        ('"a', "unexpected end of JSON input"),
        ("x", "invalid character 'x' looking for beginning of value"),
        ("1 2", "invalid character '2' after top-level value"),
        ("{x}", "invalid character 'x' looking for beginning of object key string"),
        ('{"a" 1}', "invalid character '1' after object key"),
        ('{"a": 1 "b"}', "invalid character '\"' after object key:value pair"),
        ("[1 2]", "invalid character '2' after array element"),
        ("NaN", "invalid character 'N' looking for beginning of value"),
        ("1e999", "cannot unmarshal number 1e999"),
        ("[" * 100_000, "exceeded max depth"),
    ],
)
def test_json_that_cannot_be_read_is_refused_in_gos_words(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        from_json(text)


def test_lists_that_share_parts_are_not_written_out_for_ever() -> None:
    laughs: list[object] = ["ha"]
    for _ in range(60):
        laughs = [laughs, laughs]

    with pytest.raises(ValueError, match="memory budget exceeded"):
        format_value(laughs)
    with pytest.raises(ValueError, match="memory budget exceeded"):
        to_json(laughs)


def test_nested_further_than_anybody_reads_is_refused() -> None:
    deep: list[object] = []
    for _ in range(1000):
        deep = [deep]

    with pytest.raises(ValueError, match="recursion depth exceeded"):
        format_value(deep)
    with pytest.raises(ValueError, match="recursion depth exceeded"):
        to_json(deep)


def test_nil_has_several_kinds() -> None:
    nils: list[object] = [None, NilList(), NilStrings(), NilMap()]
    empty: list[object] = [[], {}, "", Strings()]

    assert all(map(is_nil, nils))
    assert not any(map(is_nil, empty))


def test_other_python_values_are_no_values() -> None:
    with pytest.raises(ValueError, match="no value of an expression: object"):
        format_value(object())
