"""What a template leaves behind: the outputs it declares, and what others may read of a node that ran it.

Source: validateOutputs, validateOutputParameter and addOutputsToScope in argo-workflows workflow/validate/validate.go.
"""

import re

from finale.spec.generated.argo import Parameter, Template, ValueFrom
from finale.validate.artifacts import check_path
from finale.validate.findings import Findings
from finale.validate.names import check_names, name_fault
from finale.validate.references import Target, kind_of, type_name
from finale.validate.scope import Globals, Scope
from finale.validate.texts import fill, has_tags

__all__ = ["attributes_of", "check_outputs", "export"]

_ALWAYS = frozenset({"id", "startedAt", "finishedAt", "hostNodeName"})
_WITH_RESULT = frozenset({"container", "script", "data", "http", "plugin"})
_PARAMETER_TAG = re.compile(r"{{[-a-zA-Z0-9]+(\.[-a-zA-Z0-9_]+)*}}")
_SOURCES = ("path", "jq_filter", "json_path", "parameter", "expression", "supplied")
_CHOICES = "path, jqFilter, jsonPath, parameter, raw, expression"


def attributes_of(template: Template | None, *, aggregate: bool) -> frozenset[str]:
    """The part behind ``steps.<name>.`` that can be read, besides `status`; `aggregate`: of all items of a loop."""
    if template is None:
        return _ALWAYS
    kind = kind_of(template)
    found = set(_ALWAYS)
    if template.daemon:
        found.add("ip")
    in_set = template.container_set is not None
    has_main = in_set and any(c.name == "main" for c in template.container_set.containers or ())  # type: ignore[union-attr]
    if kind in _WITH_RESULT or has_main or (aggregate and (kind == "script" or in_set)):
        found |= {"outputs.result", "exitCode"}
    if aggregate:
        found.add("outputs.parameters")
    if template.outputs is not None:
        found |= {f"outputs.parameters.{parameter.name}" for parameter in template.outputs.parameters or ()}
        found |= {f"outputs.artifacts.{artifact.name}" for artifact in template.outputs.artifacts or ()}
    return frozenset(found)


def export(globals_: Globals, template: Template | None) -> None:
    """Make the template's global outputs known; a name that comes with the run lets any name pass."""
    if template is None or template.outputs is None:
        return
    for parameter in template.outputs.parameters or ():
        if parameter.global_name and _PARAMETER_TAG.search(parameter.global_name):
            globals_.any_parameter_output = True
        elif parameter.global_name:
            globals_.names.add(f"workflow.outputs.parameters.{parameter.global_name}")
    for artifact in template.outputs.artifacts or ():
        if artifact.global_name and _PARAMETER_TAG.search(artifact.global_name):
            globals_.any_artifact_output = True
        elif artifact.global_name:
            globals_.names.add(f"workflow.outputs.artifacts.{artifact.global_name}")


def check_outputs(target: Target, scope: Scope, *, is_leaf: bool) -> None:
    """The outputs a template declares; their tags are judged elsewhere. Their names may hold some."""
    template, found, label = target.template, target.holder.found, target.label
    outputs = template.outputs
    if outputs is None:
        return
    path = f"{target.path}.outputs"
    parameters, artifacts = outputs.parameters or [], outputs.artifacts or []
    names = [_filled(parameter.name, scope) for parameter in parameters]
    check_names(found, f"{path}.parameters", f"{label}.outputs.parameters ", names, "parameter", of_value=True)
    names = [_filled(artifact.name, scope) for artifact in artifacts]
    check_names(found, f"{path}.artifacts", f"{label}.outputs.artifacts ", names, "artifact", of_value=True)
    for index, artifact in enumerate(artifacts):
        where, reference = f"{path}.artifacts[{index}]", f"{label}.outputs.artifacts.{artifact.name}"
        check_path(found, where, reference, artifact, is_leaf=is_leaf)
        _check_global_name(found, where, reference, artifact.global_name)
    for index, parameter in enumerate(parameters):
        where, reference = f"{path}.parameters[{index}]", f"{label}.outputs.parameters.{parameter.name}"
        _check_parameter(found, where, reference, template, parameter)
        _check_global_name(found, where, reference, parameter.global_name)


def _filled(name: str | None, scope: Scope) -> str | None:
    return fill(name, scope.value_of) if name and has_tags(name) else name


def _check_global_name(found: Findings, path: str, reference: str, name: str | None) -> None:
    if name and not _PARAMETER_TAG.search(name) and (fault := name_fault(name, of_value=True)):
        argo = f"{reference}.globalName: {fault}"
        found.error(f"{path}.globalName", f'"{name}" cannot be the name of a global output', argo=argo)


def _check_parameter(found: Findings, path: str, reference: str, template: Template, parameter: Parameter) -> None:
    source = parameter.value_from
    if source is not None and parameter.value is not None:
        argo = f"{reference} has both valueFrom and value specified, choose one"
        found.error(path, f'output "{parameter.name}" has both "value" and "valueFrom"', argo=argo)
    elif source is None and parameter.value is None:
        argo = f"{reference} does not have valueFrom or value specified"
        found.error(path, f'output "{parameter.name}" does not say where its value comes from', argo=argo)
    if source is None:
        return
    if parameter.value is None:
        given = [name for name in _SOURCES if getattr(source, name) not in (None, "")]
        if not given:
            argo = f"valueFrom type unspecified. choose one of: {_CHOICES}"
            found.error(
                f"{path}.valueFrom", f'output "{parameter.name}" does not say where its value comes from', argo=argo
            )
            return
        if len(given) > 1:
            argo = "multiple valueFrom types specified. choose one of: path, jqFilter, jsonPath, parameter, raw"
            found.error(f"{path}.valueFrom", f'output "{parameter.name}" has {len(given)} sources', argo=argo)
            return
    _check_source(found, f"{path}.valueFrom", reference, template, source)


def _check_source(found: Findings, path: str, reference: str, template: Template, source: ValueFrom) -> None:
    kind, name = kind_of(template), type_name(template)
    if kind in ("container", "container_set", "script"):
        if not source.path:
            argo = f"{reference}.path must be specified for {name} templates"
            found.error(path, f"a {name} template's output comes from a file", argo=argo, hint="Use valueFrom.path")
    elif kind == "resource":
        if not source.jq_filter and not source.json_path:
            argo = f"{reference} .jqFilter or jsonPath must be specified for {name} templates"
            found.error(path, "a Resource template's output is taken from the object", argo=argo)
    elif kind in ("dag", "steps"):
        if not source.parameter and not source.expression:
            argo = f"{reference}.parameter or expression must be specified for {name} templates"
            parts = "tasks" if kind == "dag" else "steps"
            hint = f'Use valueFrom.parameter: "{{{{{parts}.NAME.outputs.…}}}}"'
            found.error(
                path,
                f"a {name} template's output comes from its {'tasks' if kind == 'dag' else 'steps'}",
                argo=argo,
                hint=hint,
            )
        elif source.parameter and source.expression:
            argo = (
                f"{reference} shouldn't have both `from` and `expression` specified in `ValueFrom` for {name} templates"
            )
            found.error(path, 'both "parameter" and "expression" are given', argo=argo)
