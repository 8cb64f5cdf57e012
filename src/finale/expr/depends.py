"""The `depends` of a DAG task: which results of other tasks must hold before it starts.

Operands are a task's name, or a task's name with one of its results (``build.Succeeded``); they are joined by ``&&``,
``||`` and ``!`` (or ``and``, ``or``, ``not``) and parentheses. Argo rewrites the text and hands it to expr-lang; what
it can mean is no more than this, so it is parsed here once and asked many times. What a bare name stands for depends
on the task's ``continueOn`` and is left to whoever evaluates; so is the judgement of an unknown task or result.

Source: argo-workflows workflow/common/ancestry.go and ``evaluateDependsLogic`` in workflow/controller/dag.go.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from finale.expr.errors import ExpressionInvalid

__all__ = ["Depends", "parse_depends"]

_MAX_NESTING = 50
_TOKEN = re.compile(
    r"\s*(?:(&&|\|\||!|\(|\)|(?:and|or|not)(?![-.\w]))|([a-zA-Z0-9][-\w]*)(?:\.([A-Za-z]\w*))?)", re.ASCII
)
_SYMBOLS = {"and": "&&", "or": "||", "not": "!"}


@dataclass(frozen=True, slots=True)
class _Operand:
    task: str
    result: str | None


@dataclass(frozen=True, slots=True)
class _Not:
    operand: "_Node"


@dataclass(frozen=True, slots=True)
class _AllOf:
    parts: tuple["_Node", ...]


@dataclass(frozen=True, slots=True)
class _AnyOf:
    parts: tuple["_Node", ...]


_Node = _Operand | _Not | _AllOf | _AnyOf


@dataclass(frozen=True, slots=True)
class Depends:
    """A parsed `depends`. `operands` are its (task, result) pairs, each once, in order of first appearance; the result
    of a bare name is None. `tasks` are the names alone."""

    source: str
    tasks: tuple[str, ...]
    operands: tuple[tuple[str, str | None], ...]
    _root: _Node

    def evaluate(self, result: Callable[[str, str | None], bool]) -> bool:
        """Whether it holds, given what `result(task, result name or None)` says of each operand."""
        return _holds(self._root, result)


def _holds(node: _Node, result: Callable[[str, str | None], bool]) -> bool:
    match node:
        case _Operand():
            return result(node.task, node.result)
        case _Not():
            return not _holds(node.operand, result)
        case _AllOf():
            return all(_holds(part, result) for part in node.parts)
    return any(_holds(part, result) for part in node.parts)


@lru_cache(maxsize=4096)
def parse_depends(text: str) -> Depends:
    """Parse `text`. Raises `ExpressionInvalid` with the place of what does not belong."""
    parser = _Parser(text)
    root = parser.whole()
    operands = tuple(dict.fromkeys((operand.task, operand.result) for operand in parser.operands))
    return Depends(text, tuple(dict.fromkeys(task for task, _ in operands)), operands, root)


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._end = len(text.rstrip())
        self._position = 0
        self._nesting = 0
        self.operands: list[_Operand] = []

    def whole(self) -> _Node:
        node = self._any_of()
        if self._position < self._end:
            raise self._unexpected()
        return node

    def _any_of(self) -> _Node:
        parts = [self._all_of()]
        while self._takes("||"):
            parts.append(self._all_of())
        return parts[0] if len(parts) == 1 else _AnyOf(tuple(parts))

    def _all_of(self) -> _Node:
        parts = [self._single()]
        while self._takes("&&"):
            parts.append(self._single())
        return parts[0] if len(parts) == 1 else _AllOf(tuple(parts))

    def _single(self) -> _Node:
        negations = 0
        while self._takes("!"):
            negations += 1
        node = self._group() if self._takes("(") else self._operand()
        return _Not(node) if negations % 2 else node

    def _group(self) -> _Node:
        self._nesting += 1
        if self._nesting > _MAX_NESTING:
            raise self._invalid(f"more than {_MAX_NESTING} parentheses inside each other", self._position - 1, 1)
        node = self._any_of()
        if not self._takes(")"):
            raise self._unexpected()
        self._nesting -= 1
        return node

    def _operand(self) -> _Operand:
        match = self._peek()
        if match is None or match[2] is None:
            raise self._unexpected()
        self._position = match.end()
        operand = _Operand(match[2], match[3])
        self.operands.append(operand)
        return operand

    def _peek(self) -> re.Match[str] | None:
        return _TOKEN.match(self._text, self._position, self._end)

    def _takes(self, symbol: str) -> bool:
        match = self._peek()
        if match is None or match[1] is None or _SYMBOLS.get(match[1], match[1]) != symbol:
            return False
        self._position = match.end()
        return True

    def _unexpected(self) -> ExpressionInvalid:
        match = self._peek()
        if self._position >= self._end:
            return self._invalid("unexpected end", max(0, self._end - 1), 1)
        if match is None:
            start = self._end - len(self._text[self._position : self._end].lstrip())
            return self._invalid(f'unexpected "{self._text[start]}"', start, 1)
        word = match[0].strip()
        return self._invalid(f'unexpected "{word}"', match.end() - len(word), len(word))

    def _invalid(self, why: str, offset: int, length: int) -> ExpressionInvalid:
        expected = "expected task names, alone or as in build.Succeeded, joined by &&, || and !"
        brief = f"unable to evaluate expression '{self._text}': {why} (1:{offset + 1}); {expected}"
        return ExpressionInvalid(brief, self._text, offset, length)
