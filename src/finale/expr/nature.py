"""What the checker knows of a value before it exists: its Go type, nothing, or that it is nil.

expr-lang refuses mistakes that types betray before it runs (``1 + 'a'``, ``item == 5`` with a text item), yet lets pass
what it cannot know, such as a member of a map. So which expressions fail depends on these rules, corner by corner.

Source: expr-lang/expr checker/nature.
"""

from dataclasses import dataclass
from functools import lru_cache

from finale.expr.gotypes import ANY_LIST, ANY_MAP, BOOL, BYTES, DURATION, FLOAT, INT, STRING, TIME, GoType

__all__ = [
    "NATURE_BOOL",
    "NATURE_FLOAT",
    "NATURE_INT",
    "NATURE_LIST",
    "NATURE_STRING",
    "NIL",
    "UNKNOWN",
    "Nature",
    "list_of",
    "nature_of",
]


@dataclass(frozen=True, slots=True)
class Nature:
    """`type` None is unknown, unless `is_nil`. `item` narrows the element of a list whose type says only `interface {}`.

    `is_method`: a method's function, whose receiver is bound.
    """

    type: GoType | None = None
    item: "Nature | None" = None
    is_nil: bool = False
    is_method: bool = False

    def __str__(self) -> str:
        return "unknown" if self.type is None else self.type.text

    @property
    def word(self) -> str:
        """The type for a message about an argument, where nil is told from unknown."""
        return "nil" if self.is_nil else str(self)

    @property
    def kind(self) -> str:
        """The kind of the type, or the empty text."""
        return "" if self.type is None else self.type.kind

    @property
    def is_unknown(self) -> bool:
        """Nothing is known: it may be anything at run time."""
        return not self.is_nil if self.type is None else self.type.is_any

    @property
    def is_integer(self) -> bool:
        """A plain integer of any size."""
        return self.type is not None and self.type.is_integer

    @property
    def is_float(self) -> bool:
        """A plain floating-point number."""
        return self.type is not None and self.type.is_float

    @property
    def is_number(self) -> bool:
        """A plain number."""
        return self.type is not None and (self.type.is_integer or self.type.is_float)

    @property
    def is_bool(self) -> bool:
        """A boolean."""
        return self.kind == "bool"

    @property
    def is_string(self) -> bool:
        """A string."""
        return self.kind == "string"

    @property
    def is_list(self) -> bool:
        """A slice or array."""
        return self.kind in ("slice", "array")

    @property
    def is_time(self) -> bool:
        """``time.Time``."""
        return self.type == TIME

    @property
    def is_duration(self) -> bool:
        """``time.Duration``."""
        return self.type == DURATION

    def is_one_of(self, *checks: str) -> bool:
        """Whether it passes one of the checks: bool, string, integer, number, map, list, time, duration."""
        return any(_CHECKS[check](self) for check in checks)

    def dereferenced(self) -> "Nature":
        """Without pointers in front."""
        found = self.type
        while found is not None and found.kind == "ptr":
            found = found.elem
        return self if found is self.type else nature_of(found)

    def key(self) -> "Nature":
        """Of a map's key."""
        return nature_of(self.type.key) if self.type is not None and self.type.key else UNKNOWN

    def elem(self) -> "Nature":
        """Of an element, a map's value, or what a pointer points at."""
        assert self.type is not None  # only what has a type is asked
        if self.item is not None and self.is_list:
            return self.item
        return nature_of(self.type.elem)

    def assignable_to(self, other: "Nature") -> bool:
        """Go's rule: the same type, or anything to the empty interface. Nobody asks it of nil."""
        if self.type is None or other.type is None:
            return False
        return other.type.is_any or self.type == other.type

    def comparable_to(self, other: "Nature") -> bool:
        """Whether ``==`` is allowed between the two."""
        return (
            self.is_unknown
            or other.is_unknown
            or self.is_nil
            or other.is_nil
            or (self.is_number and other.is_number)
            or (self.is_list and other.is_list)
            or self.assignable_to(other)
        )

    def maybe(self, other: "Nature", *checks: str) -> bool:
        """Whether one is unknown and the other unknown too or one of the checks."""
        if self.is_unknown:
            return other.is_unknown or other.is_one_of(*checks)
        return other.is_unknown and self.is_one_of(*checks)

    def promoted(self, other: "Nature") -> "Nature":
        """Of a sum of two numbers: float if either is."""
        return nature_of(FLOAT if self.is_float or other.is_float else INT)


_CHECKS = {
    "bool": lambda nature: nature.is_bool,
    "string": lambda nature: nature.is_string,
    "integer": lambda nature: nature.is_integer,
    "number": lambda nature: nature.is_number,
    "map": lambda nature: nature.kind == "map",
    "list": lambda nature: nature.is_list,
    "time": lambda nature: nature.is_time,
    "duration": lambda nature: nature.is_duration,
}

UNKNOWN = Nature()
NIL = Nature(is_nil=True)


@lru_cache(maxsize=1024)
def nature_of(found: GoType | None) -> Nature:
    """The nature of a value of that type; None is unknown."""
    return UNKNOWN if found is None else Nature(found)


def list_of(item: Nature) -> Nature:
    """A ``[]interface {}`` whose elements are known to be of `item`."""
    return Nature(ANY_LIST, item)


NATURE_BOOL = nature_of(BOOL)
NATURE_INT = nature_of(INT)
NATURE_FLOAT = nature_of(FLOAT)
NATURE_STRING = nature_of(STRING)
NATURE_BYTES = nature_of(BYTES)
NATURE_LIST = nature_of(ANY_LIST)
NATURE_MAP = nature_of(ANY_MAP)
NATURE_TIME = nature_of(TIME)
NATURE_DURATION = nature_of(DURATION)
