"""What can be wrong with an expression: it does not parse, or it fails when it runs.

Each error knows the text it is about and the place in it, so that a message can show a caret under the word, and a
one-line `brief` in Argo's own words where Argo has such (node messages repeat them letter for letter).

    BadRequest
    └── ExpressionError
        ├── ExpressionInvalid   does not parse or compile
        ├── EvaluationFailed    failed at run time
        ├── UnresolvedTag       strict mode: nothing in scope has the tag's name
        ├── AbsentOutput        the tag's name is known but its node left no value
        └── WhenInvalid         a step's `when`

Functions and operators inside raise plain ``ValueError`` in Go's words; the evaluator adds the place.
"""

from collections.abc import Callable

from finale.errors import BadRequest

__all__ = ["AbsentOutput", "EvaluationFailed", "ExpressionError", "ExpressionInvalid", "UnresolvedTag", "WhenInvalid"]
__all__ += ["Hint", "hint_for_types", "placed"]


Hint = str | Callable[[], str]


class ExpressionError(BadRequest):
    """Base of the family. `offset` (from 0) and `length` count characters of `source`; length 0 means no place.

    A hint may be given as a function, to be asked only if somebody wants to read it: in lenient places most errors are
    caught and forgotten.
    """

    def __init__(self, brief: str, source: str = "", offset: int = 0, length: int = 0, hint: Hint = "") -> None:
        self.brief = brief
        self.source = source
        self.offset = offset
        self.length = length
        self.lazy_hint = hint
        super().__init__(brief)

    @property
    def hint(self) -> str:
        """The likely remedy, a sentence for people, or empty."""
        return self.lazy_hint if isinstance(self.lazy_hint, str) else self.lazy_hint()

    def __str__(self) -> str:
        hint = self.hint
        text = f"{self.brief}. {hint}" if hint else self.brief
        return f"{text}\n{self.excerpt()}" if self.length else text

    def excerpt(self) -> str:
        """The line of the source that holds the place, and a caret under it; empty if there is no place."""
        if not self.length:
            return ""
        start = self.source.rfind("\n", 0, self.offset) + 1
        line = self.source[start:].partition("\n")[0]
        column = self.offset - start
        caret = "^" * max(1, min(self.length, len(line) - column))
        return f"  {line}\n  {' ' * column}{caret}"


def placed(message: str, source: str, offset: int) -> str:
    """`message` with the place of `offset` as Argo prints it, ``(line:column)`` from 1; not if that line is empty."""
    start = source.rfind("\n", 0, offset) + 1
    if source[start : start + 1] in ("", "\n"):
        return message
    return f"{message} ({source.count(chr(10), 0, offset) + 1}:{offset - start + 1})"


def hint_for_types(left: str, right: str) -> str:
    """What to do about an operator between those two Go types, if it is the usual mistake; else empty."""
    if {left, right} in ({"string", "int"}, {"string", "float64"}):
        return "Variables are text: make numbers of them with asInt(…) or asFloat(…), or put the number in quotes."
    return ""


class ExpressionInvalid(ExpressionError):
    """The text is not an expression, or uses a name or type that cannot be."""


class EvaluationFailed(ExpressionError):
    """The expression is sound but failed on the values it met."""


class UnresolvedTag(ExpressionError):
    """Nothing in scope has a name that must be resolved; `tag` is that name (of an expression: what it lacks)."""

    def __init__(self, tag: str, source: str = "", offset: int = 0, length: int = 0, *, brief: str = "") -> None:
        self.tag = tag
        super().__init__(brief or f"failed to resolve {{{{{tag}}}}}", source, offset, length)


class AbsentOutput(ExpressionError):
    """The tag names an output that its node, skipped or omitted, did not leave; `tag` is the text between the braces."""

    def __init__(self, tag: str, source: str = "", offset: int = 0, length: int = 0) -> None:
        self.tag = tag
        brief = (
            f"unable to substitute {{{{{tag}}}}}: output is an absent optional (skipped/omitted node with no default)"
        )
        super().__init__(brief, source, offset, length)


class WhenInvalid(ExpressionError):
    """A `when` that does not parse, fails, or is neither true nor false."""
