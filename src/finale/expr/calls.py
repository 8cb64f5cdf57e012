"""Calling a function value with arguments that were not checked before: what Go's package reflect does.

Source: expr-lang/expr vm/vm.go, ``OpCall``.
"""

from typing import Any

from finale.expr.evaluation import Evaluation
from finale.expr.gotime import ZERO_TIME_NS
from finale.expr.govalues import Function, NilList, NilMap, NilStrings, Time, type_of, type_text

__all__ = ["call"]


def call(run: Evaluation, function: Any, values: list[Any]) -> Any:
    """Call a function value as package reflect does. Raises ``ValueError`` in its words."""
    if not isinstance(function, Function):
        if function is None:
            raise ValueError("invalid operation: cannot call nil")
        raise ValueError(f"invalid operation: cannot call non-function of type {type_text(function)}")
    params, is_variadic = function.go_type.params, function.go_type.is_variadic
    fixed = len(params) - is_variadic
    if len(values) < fixed or (len(values) > fixed and not is_variadic):
        wanted = f"at least {fixed}" if is_variadic else str(fixed)
        raise ValueError(f"invalid number of arguments: expected {wanted}, got {len(values)}")
    for index, value in enumerate(values):
        param = params[index] if index < fixed else params[fixed].elem
        assert param is not None  # the rest is a slice
        if value is None:
            values[index] = _ZEROS.get(param.text)
        elif param.kind != "interface":
            found = type_of(value)
            if found is not param and found != param:
                given = type_text(value)
                if index >= fixed:
                    raise ValueError(f"reflect: cannot use {given} as type {param} in Call")
                raise ValueError(f"reflect: Call using {given} as type {param}")
    return function.call(run, *values)


_ZEROS: dict[str, Any] = {
    "string": "",
    "int": 0,
    "bool": False,
    "float64": 0.0,
    "int64": 0,
    "uint32": 0,
    "[]string": NilStrings(),
    "[]interface {}": NilList(),
    "map[string]interface {}": NilMap(),
    "time.Time": Time(ZERO_TIME_NS),
}
"""What nil becomes for a parameter of each type; anything may be nil itself."""
