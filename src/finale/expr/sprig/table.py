"""How the tables of functions are written: a name, its Go type, what it does."""

from collections.abc import Callable

from finale.expr.gotypes import go_type
from finale.expr.govalues import Function

__all__ = ["entry", "plain"]


def entry(name: str, signature: str, call: Callable[..., object]) -> tuple[str, Function]:
    """A function that is given the run first: it makes text or lists, or asks for time or chance."""
    return name, Function(name, go_type(f"func{signature}"), call)


def plain(name: str, signature: str, call: Callable[..., object]) -> tuple[str, Function]:
    """A function of its arguments alone."""
    return entry(name, signature, lambda run, *arguments: call(*arguments))
