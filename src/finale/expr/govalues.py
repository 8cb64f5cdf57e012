"""The value model: which Python value stands for which Go value.

    nil None · bool bool · int int · float64 float · string str · []interface {} list · map[string]interface {} dict
    []uint8 bytes · []int Ints · []string Strings · uint8, int64 … Uint8, Int64 … · time.Time Time · time.Duration Duration

Typed slices are lists with a class of their own, and sized integers are ints, so code that does not care sees plain
lists and numbers. A string holds text; a byte that is not UTF-8 is carried as Python's surrogate escape.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from finale.expr.gotime import UTC, Zone
from finale.expr.gotypes import (
    ANY_LIST,
    ANY_MAP,
    BOOL,
    BYTES,
    DURATION,
    FLOAT,
    INT,
    LOCATION,
    STRING,
    TIME,
    GoType,
    go_type,
)

__all__ = ["AnyMap", "Duration", "Function", "Groups", "Int64", "Ints", "Location", "NamedInt", "NilList"]
__all__ += [
    "NilMap",
    "NilStrings",
    "Pair",
    "Pairs",
    "Sized",
    "StringMap",
    "Strings",
    "Struct",
    "Time",
    "Uint8",
    "is_nil",
    "type_of",
    "type_text",
]


class Ints(list[int]):
    """``[]int``: what a range gives."""


class Strings(list[str]):
    """``[]string``: what `split` gives."""


class NilList(list[Any]):
    """The nil slice of ``[]interface {}``: empty, and counted as nil."""


class NilStrings(Strings):
    """The nil slice of ``[]string``."""


class Pair(list[Any]):
    """``[2]interface {}``: a key and its value."""


class Pairs(list[Pair]):
    """``[][2]interface {}``: what `toPairs` gives."""


class StringMap(dict[str, str]):
    """``map[string]string``: a missing key reads as the empty string."""


class NilMap(dict[str, Any]):
    """The nil map of ``map[string]interface {}``: empty, and nothing can be put into it."""


class Sized(int):
    """A Go integer of another type than int; arithmetic makes it an int."""

    go_type = INT


class Uint8(Sized):
    """``uint8``, a byte."""

    go_type = go_type("uint8")


class Int64(Sized):
    """``int64``: what sprig counts with."""

    go_type = go_type("int64")


class AnyMap:
    """``map[interface {}]interface {}``: keys of any type, where 1, 1.0 and true are three keys."""

    go_type = go_type("map[interface {}]interface {}")

    def __init__(self, pairs: Iterable[tuple[object, object]] = ()) -> None:
        self._entries: dict[object, tuple[object, object]] = {}
        for key, value in pairs:
            self.put(key, value)

    def put(self, key: object, value: object) -> None:
        """Set `key`. Raises ``ValueError`` for a key that Go cannot hash."""
        self._entries[_hashed(key)] = (key, value)

    def get(self, key: object, default: object = None) -> object:
        """The value of `key`, or `default`. Raises ``ValueError`` for a key that Go cannot hash."""
        entry = self._entries.get(_hashed(key))
        return default if entry is None else entry[1]

    def items(self) -> list[tuple[object, object]]:
        """Keys and values in the order in which they came."""
        return list(self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)


class Groups(AnyMap):
    """``map[interface {}][]interface {}``: what `groupBy` gives."""

    go_type = go_type("map[interface {}][]interface {}")


def _hashed(key: object) -> object:
    if isinstance(key, (list, dict, AnyMap, bytes, Function)):
        raise ValueError(f"hash of unhashable type: {type_text(key)}")
    if isinstance(key, float) and key != key:
        return object()  # NaN is never equal to a key, not even to itself
    if isinstance(key, (Struct, Location)):
        return id(key)
    return (type_text(key), key)


@dataclass(frozen=True, slots=True)
class Duration:
    """``time.Duration``: signed nanoseconds."""

    ns: int


@dataclass(frozen=True, slots=True)
class Time:
    """``time.Time``: an instant in nanoseconds since the Unix epoch, shown in `zone`."""

    ns: int
    zone: Zone = UTC


@dataclass(frozen=True, slots=True)
class Location:
    """``*time.Location``."""

    zone: Zone


@dataclass(frozen=True, slots=True)
class NamedInt:
    """A number of a type of its own that prints as a word: ``time.Month``, ``time.Weekday``."""

    go_type: GoType
    value: int
    text: str


@dataclass(frozen=True, eq=False)
class Struct:
    """A Go struct: `fields` by Go's names, and how it prints if it has a method String.

    `json_names` gives the names in JSON where they differ; an empty one leaves the field out. `is_text_in_json`: JSON
    has `text` in its place. `methods` are bound to it.
    """

    go_type: GoType
    fields: Mapping[str, object]
    text: str | None = None
    json_names: Mapping[str, str] = field(default_factory=dict)
    methods: Mapping[str, "Function"] = field(default_factory=dict)
    is_text_in_json: bool = False


@dataclass(frozen=True, eq=False)
class Function:
    """A Go function: its type, and what to call with the arguments once they fit the type.

    Raises ``ValueError`` in Go's words for arguments that it refuses.
    """

    name: str
    go_type: GoType
    call: Callable[..., object]


_TYPES: dict[type, GoType] = {
    bool: BOOL,
    int: INT,
    float: FLOAT,
    str: STRING,
    list: ANY_LIST,
    dict: ANY_MAP,
    bytes: BYTES,
    Ints: go_type("[]int"),
    Strings: go_type("[]string"),
    NilList: ANY_LIST,
    NilStrings: go_type("[]string"),
    NilMap: ANY_MAP,
    Pair: go_type("[2]interface {}"),
    Pairs: go_type("[][2]interface {}"),
    StringMap: go_type("map[string]string"),
    Duration: DURATION,
    Time: TIME,
    Location: LOCATION,
}


def type_of(value: object) -> GoType | None:
    """The Go type of a value; None for nil. A class may declare its own as `go_type`."""
    found = _TYPES.get(value.__class__)
    if found is not None or value is None:
        return found
    if isinstance(value, (NamedInt, Struct, Function)):
        return value.go_type
    declared = getattr(value.__class__, "go_type", None)
    if isinstance(declared, GoType):
        return declared
    for cls in (bool, int, float, str, list, dict):
        if isinstance(value, cls):
            return _TYPES[cls]
    if isinstance(value, Mapping):
        return ANY_MAP
    raise ValueError(f"no value of an expression: {type(value).__name__}")


def type_text(value: object) -> str:
    """What Go's ``%T`` prints."""
    found = type_of(value)
    return "<nil>" if found is None else found.text


def is_nil(value: object) -> bool:
    """nil, or a nil slice."""
    return value is None or value.__class__ in (NilList, NilStrings, NilMap)
