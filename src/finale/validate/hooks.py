"""Exit handlers and lifecycle hooks, at the workflow, a step or a task.

Argo looks at little of this before the run (issues 12330 and 11610): a handler whose template does not exist, or lacks an
argument, is found missing when it is needed. Here they are judged like any other call, with what they really see:
spec/argo-semantics.md §2.6, §3.1 and D22 of its §12. Their templates are visited after the workflow's own handlers.
"""

import msgspec

from finale.spec.generated.argo import Arguments, DAGTask, LifecycleHook, WorkflowSpec, WorkflowStep
from finale.spec.paths import child_path
from finale.validate.arguments import check_arguments, check_supplied
from finale.validate.expressions import check_expression, check_tags
from finale.validate.findings import Findings
from finale.validate.job import Job
from finale.validate.references import Call, Holder, Target
from finale.validate.scope import Scope
from finale.validate.texts import has_tags

__all__ = ["check_hooks", "check_precedence", "notice_missing_limit"]

_Owner = WorkflowStep | DAGTask | WorkflowSpec


def check_hooks(
    job: Job, owner: _Owner, holder: Holder, found: Findings, path: str, label: str, scope: Scope
) -> list[Target]:
    """The hooks and the exit handler of a workflow, a step or a task; returns the templates they run.

    `label` is Argo's prefix: empty for the workflow, else ``templates.main.steps[0].a``. `holder`: whose templates
    they name; `found`: where they themselves stand.
    """
    targets: list[Target] = []
    if owner.on_exit:
        call = Call(holder, found, path, label, scope, owner.on_exit, f"{path}.onExit")
        if (target := job.library.find(call)) is not None:
            check_supplied(found, f"{path}.onExit", label, target.template, job.arguments, told=job.options.submitted)
            targets.append(target)
    for name, hook in (owner.hooks or {}).items():
        hook_path = child_path(f"{path}.hooks", name)
        if (target := _check_hook(job, name, hook, holder, found, hook_path, label, scope)) is not None:
            targets.append(target)
    check_precedence(found, path, owner.on_exit, owner.hooks)
    return targets


def check_precedence(found: Findings, path: str, on_exit: str | None, hooks: dict[str, LifecycleHook] | None) -> None:
    """`onExit` beats `hooks.exit` (D24), which nobody expects."""
    if on_exit and "exit" in (hooks or {}):
        found.warning(
            f"{path}.hooks.exit",
            f'this handler never runs: "onExit: {on_exit}" stands beside it and wins',
            hint="Remove one of the two",
        )


def _check_hook(
    job: Job, name: str, hook: LifecycleHook, holder: Holder, found: Findings, path: str, label: str, scope: Scope
) -> Target | None:
    of_workflow = not label
    place = f"{label}.{name}" if label else f"hooks.{name}"
    if name != "exit" and not hook.expression:
        hint = "Say when it runs, for instance: workflow.status == 'Failed'" if of_workflow else "Say when it runs"
        found.error(path, f'hook "{name}" has no expression', argo=f"{place} Expression required", hint=hint)
    elif name == "exit" and of_workflow and hook.expression:
        found.warning(
            f"{path}.expression",
            "Argo ignores the expression of the workflow's exit handler: it always runs",
            hint="Put a `when` inside the handler",
        )
    if hook.expression:
        if not has_tags(hook.expression):
            check_expression(found, f"{path}.expression", hook.expression, scope)
        check_tags(found, hook.expression, f"{path}.expression", _words(label), scope)
    arguments = hook.arguments
    check_arguments(found, f"{path}.arguments", f"{place}.arguments", arguments, allow_expression=True)
    check_tags(found, msgspec.to_builtins(arguments), f"{path}.arguments", _words(label), scope)
    target = job.library.find(Call.of(hook, holder, path, place, scope, found))
    if target is not None:
        given, told = arguments, True
        if name == "exit" and not _has_any(arguments):
            given, told = job.arguments, job.options.submitted
        check_supplied(found, path, place, target.template, given, told=told)
    return target


def _has_any(arguments: Arguments | None) -> bool:
    return arguments is not None and bool(arguments.parameters or arguments.artifacts)


def _words(label: str) -> str:
    """What precedes ``failed to resolve``: Argo judges a step's hooks together with the step."""
    if not label:
        return "hooks"
    return label.partition(".steps[")[0] + ".steps" if ".steps[" in label else label


def notice_missing_limit(target: Target) -> None:
    """A handler that waits for ever keeps its run open until the limit for handlers ends it (D31)."""
    template = target.template
    works = template.container is not None or template.script is not None or template.http is not None
    if works and template.active_deadline_seconds is None and not template.timeout:
        target.holder.found.notice(
            target.path,
            f'exit handler "{template.name}" has no limit of its own',
            hint="Without activeDeadlineSeconds it may take as long as the setting handler_limit_s allows",
        )
