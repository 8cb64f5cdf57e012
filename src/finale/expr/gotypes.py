"""Go's types, as far as expressions can tell them apart.

The checker reasons about them (`nature.py`), error messages print them (``[]interface {}``), and a few functions ask for
them. A type is known by its text: two with the same text are the same type. The text is Go's own.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache

__all__ = [
    "ANY",
    "ANY_LIST",
    "ANY_MAP",
    "BOOL",
    "BYTES",
    "DURATION",
    "FLOAT",
    "INT",
    "LOCATION",
    "STRING",
    "TIME",
    "GoType",
]
__all__ += ["go_type"]

_SIGNED = ("int", "int8", "int16", "int32", "int64")
_UNSIGNED = ("uint", "uint8", "uint16", "uint32", "uint64")
_BASIC = {name: name for name in (*_SIGNED, *_UNSIGNED, "float32", "float64", "string", "bool")}
# Named types, by what they are underneath.
_NAMED = {
    "time.Time": "struct",
    "time.Duration": "int64",
    "time.Month": "int",
    "time.Weekday": "int",
    "time.Location": "struct",
}


@dataclass(frozen=True, slots=True)
class GoType:
    """One type: `text` as Go prints it, `kind` as package reflect names it (``slice``, ``map``, ``func``, ``int`` …).

    `elem` and `key` are set for containers and pointers, `params`, `results` and `is_variadic` for functions. `fields`
    are those of a struct. Named types compare by name, so everything but the text is left out of comparison.
    """

    text: str
    kind: str = field(compare=False)
    elem: "GoType | None" = field(default=None, compare=False)
    key: "GoType | None" = field(default=None, compare=False)
    params: tuple["GoType", ...] = field(default=(), compare=False)
    results: tuple["GoType", ...] = field(default=(), compare=False)
    is_variadic: bool = field(default=False, compare=False)
    is_named: bool = field(default=False, compare=False)
    fields: tuple[tuple[str, "GoType"], ...] = field(default=(), compare=False)

    @property
    def is_any(self) -> bool:
        """The empty interface, which holds every value."""
        return self.kind == "interface"

    @property
    def is_integer(self) -> bool:
        """One of Go's own integer types; a named type such as ``time.Duration`` is not."""
        return not self.is_named and (self.kind in _SIGNED or self.kind in _UNSIGNED)

    @property
    def is_float(self) -> bool:
        """One of Go's own floating-point types."""
        return not self.is_named and self.kind.startswith("float")

    def __str__(self) -> str:
        return self.text


@lru_cache(maxsize=1024)
def go_type(text: str) -> GoType:
    """The type that Go prints as `text`; functions as ``func(string, ...int) bool``.

    An unknown name with a dot is a struct without fields.
    """
    if text in _BASIC:
        return GoType(text, text)
    if text in _NAMED:
        return GoType(text, _NAMED[text], is_named=True)
    if text in ("interface {}", "any"):
        return GoType("interface {}", "interface")
    if text == "error":
        return GoType("error", "error", is_named=True)
    if text.startswith("[]"):
        return GoType(text, "slice", elem=go_type(text[2:]))
    if text.startswith("*"):
        return GoType(text, "ptr", elem=go_type(text[1:]))
    if match := re.fullmatch(r"\[\d+\](.+)", text):
        return GoType(text, "array", elem=go_type(match[1]))
    if text.startswith("map["):
        key, elem = _split_map(text)
        return GoType(text, "map", key=go_type(key), elem=go_type(elem))
    if text.startswith("func("):
        return _function(text)
    return GoType(text, "struct", is_named=True)


def _split_map(text: str) -> tuple[str, str]:
    depth = 0
    for index, character in enumerate(text):
        depth += (character == "[") - (character == "]")
        if character == "]" and depth == 0:
            return text[4:index], text[index + 1 :]
    raise ValueError(f"no Go type: {text}")


def _function(text: str) -> GoType:
    inside, _, result = text[5:].rpartition(")") if text.endswith(")") else text[5:].partition(")")
    if text.endswith(")") and ") (" in text:  # several results
        inside, _, result = text[5:-1].partition(") (")
    params = [part for part in inside.split(", ") if part]
    is_variadic = bool(params) and params[-1].startswith("...")
    if is_variadic:
        params[-1] = f"[]{params[-1][3:]}"
    results = [part for part in result.strip().split(", ") if part]
    types = tuple(go_type(part) for part in params)
    return GoType(text, "func", params=types, results=tuple(go_type(part) for part in results), is_variadic=is_variadic)


ANY = go_type("interface {}")
BOOL = go_type("bool")
INT = go_type("int")
FLOAT = go_type("float64")
STRING = go_type("string")
BYTES = go_type("[]uint8")
ANY_LIST = go_type("[]interface {}")
ANY_MAP = go_type("map[string]interface {}")
TIME = go_type("time.Time")
DURATION = go_type("time.Duration")
LOCATION = go_type("*time.Location")
