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
"""

from finale.errors import BadRequest

__all__ = ["AbsentOutput", "EvaluationFailed", "ExpressionError", "ExpressionInvalid", "UnresolvedTag", "WhenInvalid"]


class ExpressionError(BadRequest):
    """Base of the family. `offset` (from 0) and `length` count characters of `source`; length 0 means no place."""

    def __init__(self, brief: str, source: str = "", offset: int = 0, length: int = 0) -> None:
        self.brief = brief
        self.source = source
        self.offset = offset
        self.length = length
        super().__init__(brief)

    def __str__(self) -> str:
        if not self.length:
            return self.brief
        start = self.source.rfind("\n", 0, self.offset) + 1
        line = self.source[start:].partition("\n")[0]
        column = self.offset - start
        caret = "^" * max(1, min(self.length, len(line) - column))
        return f"{self.brief}\n  {line}\n  {' ' * column}{caret}"


class ExpressionInvalid(ExpressionError):
    """The text is not an expression, or uses a name or type that cannot be."""


class EvaluationFailed(ExpressionError):
    """The expression is sound but failed on the values it met."""


class UnresolvedTag(ExpressionError):
    """Nothing in scope has the name of a tag that must be resolved; `tag` is the text between the braces."""

    def __init__(self, tag: str, source: str = "", offset: int = 0, length: int = 0) -> None:
        self.tag = tag
        super().__init__(f"failed to resolve {{{{{tag}}}}}", source, offset, length)


class AbsentOutput(ExpressionError):
    """The tag names an output that its node, skipped or omitted, did not leave; `tag` as above."""

    def __init__(self, tag: str, source: str = "", offset: int = 0, length: int = 0) -> None:
        self.tag = tag
        brief = (
            f"unable to substitute {{{{{tag}}}}}: output is an absent optional (skipped/omitted node with no default)"
        )
        super().__init__(brief, source, offset, length)


class WhenInvalid(ExpressionError):
    """A `when` that does not parse, fails, or is neither true nor false."""
