"""What a call of a sprig function comes to in a manifest: the text in place of its tag, or why it was refused."""

from dataclasses import dataclass

from finale.expr.errors import ExpressionError
from finale.expr.tags import FlatScope, Mode, compile_text

__all__ = ["Refused", "outcome"]


@dataclass(frozen=True)
class Refused:
    """The call fails, for this reason."""

    why: str


def outcome(source: str) -> str | Refused:
    """The text that replaces ``{{=source}}``, or the refusal without its place."""
    try:
        return compile_text("{{=" + source + "}}").render(FlatScope({}), Mode.STRICT)
    except ExpressionError as error:
        reason = error.brief.removeprefix("failed to evaluate expression: ").partition(" (1:")[0]
        return Refused("no value" if reason.startswith("failed to ") else reason)
