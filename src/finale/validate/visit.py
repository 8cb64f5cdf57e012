"""From template to template, each body once, in Argo's order.

The driver keeps its own stack of generators: a rule yields a `Visit` where it meets a call and goes on when the template
behind it has been checked, so the depth of a manifest costs no depth of Python's stack.
Source: validateTemplate in argo-workflows workflow/validate/validate.go.
"""

from collections.abc import Iterator

import msgspec

from finale.spec.generated.argo import Arguments, Template
from finale.validate.arguments import constants_for
from finale.validate.artifacts import check_input_artifacts, check_location
from finale.validate.dag import check_dag
from finale.validate.expressions import check_expression, check_tags
from finale.validate.job import Job, Visit, Visits
from finale.validate.leaf import check_leaf
from finale.validate.limits import check_limits
from finale.validate.metrics import check_metrics
from finale.validate.names import check_names
from finale.validate.outputs import check_outputs
from finale.validate.references import KINDS, Target, kind_of, type_name
from finale.validate.scope import Scope
from finale.validate.settings import check_pod_resources
from finale.validate.steps import check_steps

__all__ = ["visit"]

_COMPOSITE = ("steps", "dag")
_NO_POD = ("http", "plugin", *_COMPOSITE, "suspend")
_CHOICES = "container, containerSet, steps, script, resource, dag, suspend, template, template ref"
_RETRY = ("retries", "lastRetry.exitCode", "lastRetry.status", "lastRetry.duration", "lastRetry.message")


def visit(job: Job, target: Target, arguments: Arguments | None = None) -> None:
    """Check a template's body and all it reaches, unless that was done. `arguments`: what it is really called with."""
    stack: list[Iterator[Visit]] = []
    request: Visit | None = Visit(target, arguments)
    while True:
        if request is not None and request.target.key not in job.seen:
            job.seen.add(request.target.key)
            stack.append(_check(job, request.target, request.arguments))
        if not stack:
            return
        request = next(stack[-1], None)
        if request is None:
            stack.pop()


def _check(job: Job, target: Target, arguments: Arguments | None) -> Visits:
    template, found, kind = target.template, target.holder.found, kind_of(target.template)
    _check_kind(target, kind)
    is_leaf = kind not in (*_COMPOSITE, "suspend", "")
    names = [parameter.name for parameter in (template.inputs.parameters if template.inputs else None) or ()]
    check_names(
        found,
        f"{target.path}.inputs.parameters",
        f"{target.label}.inputs.parameters",
        names,
        "parameter",
        of_value=True,
    )
    check_input_artifacts(target, is_leaf=is_leaf)
    _check_resources(target, kind)
    for index, container in enumerate(template.init_containers or ()):
        if not container.name:
            argo = "initContainers must all have container name"
            found.error(f"{target.path}.initContainers[{index}]", "an init container without a name", argo=argo)
    check_limits(target)
    scope = _scope(job, target, kind, arguments, is_leaf)
    if kind == "steps":
        yield from check_steps(job, target, scope)
    elif kind == "dag":
        yield from check_dag(job, target, scope)
    elif kind:
        check_leaf(job, target, scope)
    _check_body_tags(target, kind, scope, is_real=arguments is not None)
    check_outputs(target, scope, is_leaf=is_leaf)
    _check_output_expressions(target, scope)
    if template.archive_location is not None:
        where = f"{target.path}.archiveLocation"
        check_location(found, where, f"{target.label}.archiveLocation", template.archive_location)
    check_metrics(target)


def _check_kind(target: Target, kind: str) -> None:
    template, found = target.template, target.holder.found
    given = [
        name for name in KINDS if getattr(template, name) is not None and not (name == "steps" and not template.steps)
    ]
    if not kind:
        argo = f"{target.label} template type unspecified. choose one of: {_CHOICES}"
        found.error(target.path, "the template does not say what it is", argo=argo)
    elif len(given) > 1:
        shown = ", ".join("containerSet" if name == "container_set" else name for name in given)
        argo = f"{target.label} multiple template types specified. choose one of: {_CHOICES}"
        found.error(target.path, f"the template is {len(given)} things at once: {shown}", argo=argo)


def _check_resources(target: Target, kind: str) -> None:
    template, found = target.template, target.holder.found
    path, label = f"{target.path}.podResources", f"{target.label}.podResources"
    if template.pod_resources is not None and kind in ("http", "plugin"):
        argo = f"{label} is not supported for {type_name(template)} templates"
        found.error(path, "this template has no pod of its own", argo=argo)
    check_pod_resources(found, path, label, template.pod_resources)
    if template.resource_claims and kind in _NO_POD:
        argo = f"{target.label}.resourceClaims is not supported for {type_name(template)} templates, which do not create a pod"
        found.error(f"{target.path}.resourceClaims", "this template has no pod of its own", argo=argo)


def _scope(job: Job, target: Target, kind: str, arguments: Arguments | None, is_leaf: bool) -> Scope:
    """What the body of a template sees before its steps or tasks are known."""
    template = target.template
    inputs, outputs = template.inputs, template.outputs
    names = {f"inputs.parameters.{parameter.name}" for parameter in (inputs.parameters if inputs else None) or ()}
    if names:
        names.add("inputs.parameters")
    for artifact in (inputs.artifacts if inputs else None) or ():
        names.add(f"inputs.artifacts.{artifact.name}")
        if is_leaf:
            names.add(f"inputs.artifacts.{artifact.name}.path")
    if kind and kind not in _NO_POD:
        names.add("pod.name")
    if template.retry_strategy is not None:
        names.update(_RETRY)
    if is_leaf and outputs is not None:
        names |= {f"outputs.artifacts.{artifact.name}.path" for artifact in outputs.artifacts or () if artifact.path}
        for parameter in outputs.parameters or ():
            if parameter.value_from is not None and parameter.value_from.path:
                names.add(f"outputs.parameters.{parameter.name}.path")
    known = constants_for(template, arguments, job.globals.constants.get) if arguments is not None else {}
    return Scope(job.globals, names, constants=known, outer=target.outer)


def _check_body_tags(target: Target, kind: str, scope: Scope, *, is_real: bool) -> None:
    """The tags of a template. Those of steps and tasks were judged one by one.

    Argo puts stand-ins for the inputs before it looks, so it never sees what their values and sources hold, unless the
    template is called with real arguments.
    """
    found, template = target.holder.found, target.template
    body = msgspec.to_builtins(template)
    outputs = body.pop("outputs", None)
    inputs = body.pop("inputs", {})
    is_composite = kind in _COMPOSITE
    label = f"{target.label}:"
    for name in _COMPOSITE:
        body.pop(name, None)
    check_tags(found, body, target.path, label, scope, is_strict=not is_composite)
    for index, parameter in enumerate(inputs.get("parameters", ())):
        path = f"{target.path}.inputs.parameters[{index}]"
        check_tags(
            found, parameter.pop("value", None), f"{path}.value", label, scope, is_strict=is_real and not is_composite
        )
        check_tags(found, parameter, path, label, scope, is_strict=not is_composite)
    artifacts = inputs.get("artifacts", ())
    check_tags(
        found, artifacts, f"{target.path}.inputs.artifacts", label, scope, is_strict=is_real and not is_composite
    )
    check_tags(found, outputs, f"{target.path}.outputs", f"{target.label}.outputs", scope)


def _check_output_expressions(target: Target, scope: Scope) -> None:
    template: Template = target.template
    found, path = target.holder.found, f"{target.path}.outputs"
    if template.outputs is None:
        return
    for index, parameter in enumerate(template.outputs.parameters or ()):
        expression = parameter.value_from.expression if parameter.value_from is not None else None
        if expression:
            check_expression(found, f"{path}.parameters[{index}].valueFrom.expression", expression, scope)
    for index, artifact in enumerate(template.outputs.artifacts or ()):
        if artifact.from_expression:
            check_expression(found, f"{path}.artifacts[{index}].fromExpression", artifact.from_expression, scope)
