"""sprig's flow control: `fail` ends the evaluation with a message of the author's."""

from finale.expr.govalues import Function
from finale.expr.sprig.table import plain

__all__ = ["FLOW"]


def _fail(message: str) -> str:
    raise ValueError(message)


FLOW: tuple[tuple[str, Function], ...] = (plain("fail", "(string) (string, error)", _fail),)
