"""Kubernetes' label and field selectors: text → a question about an object.

Label selectors: ``team=blue``, ``a!=b``, ``a in (x, y)``, ``a notin (x)``, ``a`` (has it), ``!a`` (has it not), all joined
by commas. Source: k8s.io/apimachinery pkg/labels/selector.go, whose error texts Argo's API prints.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from finale.errors import BadRequest

__all__ = ["EVERYTHING", "FieldSelector", "LabelSelector", "parse_fields", "parse_labels"]

_TOKEN = re.compile(r"\s*(==|!=|=|!|,|\(|\)|>|<|[^\s=!,()<>]+)")
_SYMBOLS = frozenset(["==", "!=", "=", "!", ",", "(", ")", ">", "<"])

LabelSelector = Callable[[Mapping[str, str]], bool]


@dataclass(frozen=True, slots=True)
class _Requirement:
    key: str
    operator: str
    values: frozenset[str] = frozenset()

    def holds(self, labels: Mapping[str, str]) -> bool:
        found = labels.get(self.key)
        match self.operator:
            case "exists":
                return found is not None
            case "absent":
                return found is None
            case "in":
                return found in self.values
            case "notin":
                return found not in self.values
            case _:
                return _compare(found, self.operator, next(iter(self.values)))


def _compare(found: str | None, operator: str, bound: str) -> bool:
    try:
        left, right = int(found or ""), int(bound)
    except ValueError:
        return False
    return left > right if operator == ">" else left < right


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = [match.group(1) for match in _TOKEN.finditer(text)]
        self._at = 0

    def requirements(self) -> list[_Requirement]:
        found: list[_Requirement] = []
        while True:
            token = self._next()
            if token == "":
                return found
            if token == "!":
                found.append(_Requirement(self._word(), "absent"))
            elif token in _SYMBOLS:
                raise BadRequest(f"found '{token}', expected: !, identifier, or 'end of string'")
            else:
                found.append(self._rest(token))
            token = self._next()
            if token == "":
                return found
            if token != ",":
                raise BadRequest(f"found '{token}', expected: ',' or 'end of string'")

    def _rest(self, key: str) -> _Requirement:
        operator = self._peek()
        if operator in ("", ","):
            return _Requirement(key, "exists")
        self._at += 1
        if operator in ("in", "notin"):
            return _Requirement(key, operator, self._set())
        if operator in ("=", "=="):
            return _Requirement(key, "in", frozenset([self._value()]))
        if operator == "!=":
            return _Requirement(key, "notin", frozenset([self._value()]))
        if operator in (">", "<"):
            return _Requirement(key, operator, frozenset([self._word()]))
        raise BadRequest(f"found '{operator}', expected: in, notin, =, ==, !=, gt, lt")

    def _set(self) -> frozenset[str]:
        if (token := self._next()) != "(":
            raise BadRequest(f"found '{token}' expected: '('")
        values = {self._value()}
        while (token := self._next()) == ",":
            values.add(self._value())
        if token != ")":
            raise BadRequest(f"found '{token}', expected: ',' or ')'")
        return frozenset(values)

    def _value(self) -> str:
        """A value may be empty (``a=``, ``a in (x,)``)."""
        return "" if self._peek() in ("", ",", ")") else self._word()

    def _word(self) -> str:
        token = self._next()
        if token == "" or token in _SYMBOLS:
            raise BadRequest(f"found '{token}', expected: identifier")
        return token

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        self._at += 1
        return token


def parse_labels(text: str) -> LabelSelector:
    """The question that a label selector asks of labels; the empty text holds always. Raises `BadRequest`."""
    requirements = _Parser(text).requirements()
    return lambda labels: all(requirement.holds(labels) for requirement in requirements)


@dataclass(frozen=True, slots=True)
class FieldSelector:
    """``metadata.name=x,status.phase!=Failed`` as (field, wanted value, whether it must be equal)."""

    terms: tuple[tuple[str, str, bool], ...] = ()

    def holds(self, fields: Mapping[str, str]) -> bool:
        """Whether it holds for an object with these fields."""
        return all((fields.get(field, "") == value) is equal for field, value, equal in self.terms)

    def value_of(self, field: str) -> str:
        """The value that `field` must be equal to; empty if it is not asked for."""
        return next((value for name, value, equal in self.terms if name == field and equal), "")

    def without(self, field: str) -> "FieldSelector":
        """The same without the terms about `field`."""
        return FieldSelector(tuple(term for term in self.terms if term[0] != field))


EVERYTHING = FieldSelector()
"""The field selector that always holds."""


def parse_fields(text: str, known: frozenset[str]) -> FieldSelector:
    """A field selector over the `known` fields. Raises `BadRequest` with Kubernetes' texts."""
    terms: list[tuple[str, str, bool]] = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        match = re.fullmatch(r"([^=!]+?)\s*(==|!=|=)\s*(.*)", part)
        if match is None:
            raise BadRequest(f"invalid selector: '{text}'; can't understand '{part}'")
        field, operator, value = match.groups()
        if field not in known:
            raise BadRequest(f"field label not supported: {field}")
        terms.append((field, value, operator != "!="))
    return FieldSelector(tuple(terms))
