"""Arguments: their own shape, and whether they give a template what it needs.

Source: validateArguments in argo-workflows workflow/validate/validate.go; ProcessArgs in workflow/common/util.go;
spec/argo-semantics.md §7.1.
"""

from collections.abc import Callable, Container

from finale.problems import did_you_mean
from finale.spec.generated.argo import Arguments, Artifact, Parameter, Template
from finale.spec.values import any_string
from finale.validate.artifacts import has_location
from finale.validate.findings import Findings
from finale.validate.names import check_names
from finale.validate.texts import LONGEST_CONSTANT, fill, has_tags

__all__ = ["check_arguments", "check_supplied", "constants_for", "merged_arguments"]

_ONLY = "valueFrom only allows: default, configMapKeyRef and supplied"


def check_arguments(
    found: Findings,
    path: str,
    label: str,
    arguments: Arguments | None,
    *,
    allow_empty: bool = False,
    allow_expression: bool = False,
    skip: Container[str | None] = (),
) -> None:
    """The arguments of a call or of the workflow. `label` is Argo's prefix.

    `allow_empty`: values may come later. `allow_expression`: an artifact may come from an expression alone, which
    Argo's lint forbids where it looks (not at hooks). `skip`: names that are defined elsewhere.
    """
    if arguments is None:
        return
    parameters, artifacts = arguments.parameters or [], arguments.artifacts or []
    names = [parameter.name for parameter in parameters]
    check_names(found, f"{path}.parameters", f"{label}.parameters", names, "parameter", of_value=True)
    names = [artifact.name for artifact in artifacts]
    check_names(found, f"{path}.artifacts", f"{label}.artifacts", names, "artifact", of_value=True)
    for index, parameter in enumerate(parameters):
        if parameter.name not in skip:
            _check_parameter(found, f"{path}.parameters[{index}]", f"{label}.{parameter.name}", parameter, allow_empty)
    for index, artifact in enumerate(artifacts):
        if artifact.name not in skip:
            _check_artifact(found, f"{path}.artifacts[{index}]", f"{label}.{artifact.name}", artifact, allow_expression)


def _check_parameter(found: Findings, path: str, label: str, parameter: Parameter, allow_empty: bool) -> None:
    name, source = parameter.name, parameter.value_from
    if source is None and parameter.value is None and not allow_empty:
        argo = f"{label}.value or {label}.valueFrom is required"
        choices = ", ".join(f'"{any_string(value)}"' for value in parameter.enum or ())
        hint = f"Give it with -p {name}=VALUE, or write a value" if label.startswith("spec.") else ""
        expected = f"expected one of {choices}" if choices else ""
        found.error(path, f'parameter "{name}" has no value', argo=argo, expected=expected, hint=hint)
    if source is not None:
        allowed = source.config_map_key_ref is not None or source.event or source.supplied is not None
        if not allowed or source.path or source.json_path or source.parameter or source.expression:
            found.error(
                f"{path}.valueFrom",
                f'parameter "{name}" has a source that does not exist here',
                argo=f"{label}.{_ONLY}",
            )
    if parameter.enum is not None:
        _check_enum(found, path, label, parameter, allow_empty)


def _check_enum(found: Findings, path: str, label: str, parameter: Parameter, allow_empty: bool) -> None:
    allowed = [any_string(value) for value in parameter.enum or ()]
    if not allowed:
        argo = f"{label}.enum should contain at least one value"
        found.error(f"{path}.enum", f'parameter "{parameter.name}" has an empty enum', argo=argo)
    elif parameter.value is None:
        if not allow_empty and parameter.value_from is not None:
            choices = ", ".join(f'"{value}"' for value in allowed)
            argo = f"{label}.value is required"
            found.error(
                path, f'parameter "{parameter.name}" has no value', argo=argo, expected=f"expected one of {choices}"
            )
    elif (value := any_string(parameter.value)) not in allowed:
        choices = ", ".join(f'"{choice}"' for choice in allowed)
        argo = f"{label}.value should be present in {label}.enum list"
        hint = did_you_mean(value, allowed)
        what = f'"{value}" is not a value that parameter "{parameter.name}" may have'
        found.error(f"{path}.value", what, argo=argo, expected=f"expected one of {choices}", hint=hint)


def _check_artifact(found: Findings, path: str, label: str, artifact: Artifact, allow_expression: bool) -> None:
    has_source = artifact.from_ or (artifact.from_expression and allow_expression) or has_location(artifact)
    if not has_source:
        argo = f"{label}.from, artifact location, or key is required"
        hint = (
            "Argo takes fromExpression only in the outputs of steps and dag templates"
            if artifact.from_expression
            else ""
        )
        found.error(path, f'artifact "{artifact.name}" does not say where it comes from', argo=argo, hint=hint)
    if artifact.from_ and artifact.from_expression:
        argo = f"{label} shouldn't have both `from` and `fromExpression` in Artifact"
        found.error(path, f'artifact "{artifact.name}" has both "from" and "fromExpression"', argo=argo)


def check_supplied(
    found: Findings, path: str, label: str, template: Template, arguments: Arguments | None, *, told: bool = True
) -> None:
    """Whether the inputs that a template needs are given. `path` is the call's, `label` the call in Argo's words.

    `told`: an argument without any value has been reported by `check_arguments`.
    """
    if template.inputs is None:
        return
    prefix = f"{label} templates.{template.name or ''}" if label else f"templates.{template.name or ''}"
    given = {parameter.name: parameter for parameter in (arguments.parameters if arguments else None) or ()}
    for parameter in template.inputs.parameters or ():
        argument = given.get(parameter.name)
        if _has_value(parameter, argument) or (told and argument is not None and argument.value_from is None):
            continue
        argo = f"{prefix} inputs.parameters.{parameter.name} was not supplied"
        hint = ""
        if found.hints_are_welcome:
            inputs = {known.name for known in template.inputs.parameters or ()}
            guess = did_you_mean(parameter.name or "", [name for name in given if name and name not in inputs])
            hint = (
                guess.replace("Did you mean", "It is given")
                if guess
                else "Give it in arguments.parameters, or write a default"
            )
        found.error(path, f'{_named(template)} needs the parameter "{parameter.name}"', argo=argo, hint=hint)
    artifacts = {artifact.name for artifact in (arguments.artifacts if arguments else None) or ()}
    for artifact in template.inputs.artifacts or ():
        if not artifact.optional and not has_location(artifact) and artifact.name not in artifacts:
            argo = f"{prefix} inputs.artifacts.{artifact.name} was not supplied"
            found.error(path, f'{_named(template)} needs the artifact "{artifact.name}"', argo=argo)


def _has_value(parameter: Parameter, argument: Parameter | None) -> bool:
    """An argument replaces the input's own value, default and source, even by nothing (§7.1.2)."""
    if argument is not None:
        if argument.value is not None:
            return True
        source = argument.value_from
    else:
        if parameter.value is not None or parameter.default is not None:
            return True
        source = parameter.value_from
    return source is not None and source.config_map_key_ref is not None


def _named(template: Template) -> str:
    return f'template "{template.name}"' if template.name else "the inline template"


def constants_for(
    template: Template, arguments: Arguments | None, constant_of: Callable[[str], str | None]
) -> dict[str, str]:
    """The inputs whose value is known before the run, as variables: ``inputs.parameters.x`` → text without tags."""
    given = {parameter.name: parameter for parameter in (arguments.parameters if arguments else None) or ()}
    known: dict[str, str] = {}
    for parameter in (template.inputs.parameters if template.inputs else None) or ():
        argument = given.get(parameter.name)
        value = parameter.value if parameter.value is not None else parameter.default
        if argument is not None:
            value = argument.value
        if value is not None:
            text = any_string(value)
            if has_tags(text):
                text = fill(text, constant_of)
            if not has_tags(text) and len(text) <= LONGEST_CONSTANT:
                known[f"inputs.parameters.{parameter.name}"] = text
    return known


def merged_arguments(own: Arguments | None, stored: Arguments | None) -> Arguments:
    """The workflow's arguments over those of the WorkflowTemplate it refers to; of one name the first counts, whole (§8.1)."""
    parameters = {p.name: p for p in [*((stored and stored.parameters) or ()), *((own and own.parameters) or ())]}
    artifacts = {a.name: a for a in [*((stored and stored.artifacts) or ()), *((own and own.artifacts) or ())]}
    return Arguments(parameters=list(parameters.values()), artifacts=list(artifacts.values()))
