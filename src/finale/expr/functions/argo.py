"""What Argo adds to the language: asInt, asFloat, toJson, jsonpath, and sprig's functions under ``sprig``.

They stand in the environment beside the variables and hide variables of their names.
Source: argo-workflows util/expr/env/env.go, ``GetFuncMap``.
"""

from collections.abc import Mapping

from finale.expr.functions.numbers import as_float, as_int
from finale.expr.functions.table import Run, text_of
from finale.expr.gotypes import go_type
from finale.expr.govalues import Function
from finale.expr.jsonpath import find
from finale.expr.sprig import FUNCTIONS as SPRIG_FUNCTIONS
from finale.expr.values import to_json

__all__ = ["ARGO_FUNCTIONS"]


def _to_json(run: Run, value: object) -> str:
    text = to_json(value)
    run.spend(len(text))
    return text


def _jsonpath(run: Run, document: object, path: object) -> object:
    text = text_of(document)
    run.spend(len(text))
    return find(text, text_of(path))


_ANY_TO_ANY = go_type("func(interface {}) interface {}")

ARGO_FUNCTIONS: Mapping[str, object] = {
    "asInt": Function("asInt", _ANY_TO_ANY, as_int),
    "asFloat": Function("asFloat", _ANY_TO_ANY, as_float),
    "toJson": Function("toJson", go_type("func(interface {}) string"), _to_json),
    "jsonpath": Function("jsonpath", go_type("func(string, string) interface {}"), _jsonpath),
    "sprig": SPRIG_FUNCTIONS,
}
