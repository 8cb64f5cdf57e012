"""Binding arguments to a template's inputs (§7.1): the argument, else the input's own value or default."""

from typing import Any

from finale.engine.scope import ExtraScope, RunScope, render
from finale.engine.state import CallRequest
from finale.engine.turn import Turn
from finale.expr.errors import ExpressionError
from finale.expr.tags import Mode, compile_text
from finale.plan.model import InputParameter, Template
from finale.spec.values import any_string

__all__ = ["BindFailed", "bind_artifacts", "bind_parameters"]


class BindFailed(Exception):
    """An input gets no value; the text is Argo's."""


def bind_parameters(turn: Turn, template: Template, request: CallRequest) -> dict[str, str]:
    """Values of the inputs by name. Raises `BindFailed`."""
    if not template.inputs:
        return {}
    values: dict[str, str] = {}
    scope = ExtraScope({"node.name": request.name}, RunScope(turn, outer=request.outer))
    for parameter in template.inputs:
        value = _value(turn, parameter, request)
        if "{{" in value:
            # Globals and locals first; then the inputs, which may be mentioned by each other.
            value = render(compile_text(value), scope, Mode.LENIENT, turn, request.name)
        values[parameter.name] = value
    if any("{{" in value for value in values.values()):
        own = ExtraScope({f"inputs.parameters.{name}": value for name, value in values.items()}, scope)
        values = {
            name: render(compile_text(value), own, Mode.LENIENT, turn, request.name) for name, value in values.items()
        }
    return values


def _value(turn: Turn, parameter: InputParameter, request: CallRequest) -> str:
    name = parameter.name
    if name in request.arguments:
        given = request.arguments[name]
        if given is None:
            raise BindFailed(f"inputs.parameters.{name} was not supplied")
        return given
    own = parameter.value if parameter.value is not None else parameter.default
    if own is not None:
        return own.source
    if parameter.value_from:
        return _from_config(turn, parameter, request)
    if name in request.absent:
        raise BindFailed(
            f"inputs.parameters.{name}: argument references an absent optional (skipped/omitted node output with no default)"
        )
    raise BindFailed(f"inputs.parameters.{name} was not supplied")


def _from_config(turn: Turn, parameter: InputParameter, request: CallRequest) -> str:
    source: dict[str, Any] = parameter.value_from or {}
    reference = source.get("configMapKeyRef") or {}
    scope = RunScope(turn, outer=request.outer)
    try:
        name = render(compile_text(reference.get("name") or ""), scope, Mode.STRICT, turn, request.name)
        key = render(compile_text(reference.get("key") or ""), scope, Mode.STRICT, turn, request.name)
    except ExpressionError as error:
        raise BindFailed(f"failed to substitute configMapKeyRef: {error.brief}") from error
    value = turn.plan.config_map(name, key)
    if value is not None:
        return value
    if source.get("default") is not None:
        return any_string(source["default"])
    raise BindFailed(
        f"unable to retrieve inputs.parameters.{parameter.name} from ConfigMap: "
        f"ConfigMap '{name}' does not exist or has no key '{key}'"
    )


_LOCATIONS = ("s3", "gcs", "azure", "oss", "hdfs", "git", "http", "artifactory", "raw", "plugin")


_OWN = ("path", "mode", "recurseMode")
"""What an input artifact keeps of its own when an argument replaces it."""


def bind_artifacts(template: Template, request: CallRequest) -> tuple[dict[str, Any], ...]:
    """The input artifacts: the argument replaces all but path and modes (§7.3). Raises `BindFailed`."""
    bound = []
    for artifact in template.input_artifacts:
        name = artifact["name"]
        given = request.artifacts.get(name)
        located = any(artifact.get(kind) is not None for kind in _LOCATIONS)
        if given is None:
            if not located and not artifact.get("optional"):
                raise BindFailed(f"inputs.artifacts.{name} was not supplied")
            if located:
                bound.append(artifact)
            continue
        if not any(given.get(kind) is not None for kind in _LOCATIONS) and not artifact.get("optional"):
            raise BindFailed(f"inputs.artifacts.{name} missing location information")
        own = {key: value for key, value in artifact.items() if key in _OWN}
        bound.append({**{key: value for key, value in given.items() if key not in _OWN}, **own, "name": name})
    return tuple(bound)
