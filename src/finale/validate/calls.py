"""What steps and tasks have in common: they call a template, in a place that sees some variables."""

from collections.abc import Container
from typing import Any

import msgspec

from finale.spec.generated.argo import DAGTask, WorkflowStep
from finale.validate.arguments import check_supplied, constants_for
from finale.validate.expressions import check_expression, check_text
from finale.validate.findings import Findings
from finale.validate.job import Job
from finale.validate.limits import check_timeouts
from finale.validate.references import Target
from finale.validate.scope import Scope
from finale.validate.texts import fill, has_tags, tagged_texts

__all__ = ["check_call", "check_call_tags"]


def check_call_tags(
    found: Findings,
    owner: WorkflowStep | DAGTask,
    path: str,
    label: str,
    scope: Scope,
    *,
    skip: Container[str] = (),
) -> None:
    """The tags of a step or task save those of its hooks, which see more, and of its inline template, which has more.

    `skip`: paths that have been judged already.
    """
    body: dict[str, Any] = msgspec.to_builtins(owner)
    body.pop("hooks", None)
    body.pop("inline", None)
    for where, text in tagged_texts(body, path):
        if where not in skip:
            check_text(found, where, text, label, scope)
    for index, artifact in enumerate((owner.arguments.artifacts if owner.arguments else None) or ()):
        if artifact.from_expression:
            where = f"{path}.arguments.artifacts[{index}].fromExpression"
            check_expression(found, where, artifact.from_expression, scope)


def check_call(
    job: Job, found: Findings, owner: WorkflowStep | DAGTask, target: Target | None, path: str, label: str, scope: Scope
) -> None:
    """What the call gives to the template that it names."""
    if target is None:
        return
    template, inputs = target.template, target.template.inputs
    check_supplied(found, path, label, template, owner.arguments)
    timeout = template.timeout
    if timeout and has_tags(timeout):
        known = constants_for(template, owner.arguments, scope.constant_of)
        filled = fill(timeout, lambda name: known.get(name.strip(), job.globals.constants.get(name.strip())))
        check_timeouts(found, f"{path}.arguments", template, filled)
    names = {parameter.name for parameter in (inputs.parameters if inputs else None) or ()}
    for index, parameter in enumerate((owner.arguments.parameters if owner.arguments else None) or ()):
        if parameter.name and parameter.name not in names:
            where = f"{path}.arguments.parameters[{index}].name"
            found.notice(
                where, f'template "{template.name}" has no input "{parameter.name}"; the argument goes nowhere'
            )
