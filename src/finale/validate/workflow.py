"""The whole of a manifest: what it is, its arguments, entrypoint and handlers, then every template there is.

The order is Argo's: the entrypoint with the real arguments, the workflow's handlers, and at last all templates, called or
not. Handlers of steps and tasks come before those last ones, since what a handler may read is known by then.
Source: Workflow, WorkflowTemplate, ClusterWorkflowTemplate and CronWorkflow in argo-workflows workflow/validate/validate.go.
"""

from collections.abc import Collection
from dataclasses import replace

from finale.problems import Problem
from finale.spec.document import Document
from finale.spec.generated.argo import (
    Arguments,
    ClusterWorkflowTemplate,
    CronWorkflow,
    ObjectMeta,
    Workflow,
    WorkflowMetadata,
    WorkflowSpec,
    WorkflowTemplate,
)
from finale.spec.support import refusals
from finale.spec.values import any_string
from finale.validate.arguments import check_arguments, check_supplied, merged_arguments
from finale.validate.cron import check_cron
from finale.validate.definitions import Definitions
from finale.validate.expressions import check_expression
from finale.validate.findings import Findings, listed, nearest
from finale.validate.hooks import check_hooks, notice_missing_limit
from finale.validate.job import Job, Options
from finale.validate.limits import check_workflow_limits
from finale.validate.names import check_metadata, check_names
from finale.validate.order import find_cycle
from finale.validate.outputs import export
from finale.validate.references import Holder, Library, Target
from finale.validate.scope import Globals, Scope
from finale.validate.settings import check_settings
from finale.validate.texts import LONGEST_CONSTANT, has_tags
from finale.validate.visit import visit
from finale.validate.volumes import declared_volumes

__all__ = ["Validatable", "validate", "validate_document"]

Validatable = Workflow | WorkflowTemplate | ClusterWorkflowTemplate | CronWorkflow


def validate(
    workflow: Validatable,
    definitions: Definitions,
    *,
    submitted: bool,
    commands_required: bool = False,
    known_images: Collection[str] = (),
) -> list[Problem]:
    """Every Problem of a manifest, by path. The manifest may run if none has the severity ``error``.

    `submitted`: it is to run now, so its arguments must have values and it must have a name; without it as `argo lint`.
    `commands_required`: containers run as plain processes and must say their command, except those whose image is one
    of `known_images` (names without registry and tag).
    """
    found = Findings()
    kind = type(workflow).__name__
    is_template = isinstance(workflow, WorkflowTemplate | ClusterWorkflowTemplate)
    options = Options(submitted, is_template, commands_required, known_images)
    check_metadata(found, kind, workflow.metadata, submitted=submitted)
    if isinstance(workflow, CronWorkflow):
        cron = workflow.spec
        if cron is None or cron.workflow_spec is None:
            found.error(
                "spec" if cron else "", "the CronWorkflow has no workflowSpec", argo="spec.entrypoint is required"
            )
        if cron is not None:
            check_cron(found, cron)
            if cron.workflow_spec is not None:
                options = replace(options, submitted=True)
                _check_spec(
                    found, options, definitions, cron.workflow_spec, "spec.workflowSpec", cron.workflow_metadata
                )
    elif workflow.spec is None:
        found.error("", f"the {kind} has no spec", argo="spec.entrypoint is required")
    else:
        _check_spec(found, options, definitions, workflow.spec, "spec", workflow.metadata)
    return found.sorted()


def validate_document(
    document: Document,
    definitions: Definitions,
    *,
    submitted: bool,
    commands_required: bool = False,
    known_images: Collection[str] = (),
) -> list[Problem]:
    """`validate` for a document as it was read: its structural Problems and those of the rules, with places, in file order.

    A document of another kind (ConfigMap, Secret …) has only the structural ones.
    """
    problems = list(document.problems)
    if isinstance(document.object, Validatable):
        found = validate(
            document.object,
            definitions,
            submitted=submitted,
            commands_required=commands_required,
            known_images=known_images,
        )
        problems += (document.located(problem) for problem in found)
        problems += refusals(document)
    return sorted(problems, key=lambda problem: (problem.place is None, problem.place))


def _check_spec(
    found: Findings,
    options: Options,
    definitions: Definitions,
    spec: WorkflowSpec,
    path: str,
    metadata: ObjectMeta | None,
) -> None:
    library = Library(definitions)
    local = Holder("local", spec, f"{path}.templates", found, is_local=True)
    names = [template.name for template in local.templates]
    check_names(found, f"{path}.templates", f"{path}.templates", names, "template")
    check_settings(found, path, spec)
    check_workflow_limits(found, path, spec)
    base = _referred(found, definitions, library, local, spec, path)
    if base is None:
        check_arguments(found, f"{path}.arguments", "spec.arguments", spec.arguments, allow_empty=options.allows_empty)
        return
    arguments = _arguments(found, options, spec, base, path)
    globals_ = _globals(options, spec, base, metadata, arguments)
    volumes = declared_volumes(spec) | (declared_volumes(base.spec) if not base.is_local else set())
    job = Job(found, options, library, base, arguments, globals_, volumes)
    _check_metadata_expressions(job, spec, path)
    _enter(job, spec, path)
    _handle(job, spec, path)
    _visit_the_rest(job)
    _warn_of_endless_calls(job)


def _referred(
    found: Findings, definitions: Definitions, library: Library, local: Holder, spec: WorkflowSpec, path: str
) -> Holder | None:
    """Whose templates run: the manifest's own, or those of the WorkflowTemplate that it refers to; None if missing."""
    ref = spec.workflow_template_ref
    if ref is None:
        return local
    if local.templates:
        argo = "Templates is invalid field in spec if workflow referred WorkflowTemplate reference"
        found.error(f"{path}.templates", 'there are templates beside "workflowTemplateRef"', argo=argo)
    cluster, name = bool(ref.cluster_scope), ref.name or ""
    base = library.stored(name, cluster, found, f"{path}.workflowTemplateRef")
    if base is None:
        kind = "ClusterWorkflowTemplate" if cluster else "WorkflowTemplate"
        known = definitions.names(cluster_scope=cluster)
        argo = f'{kind.lower()}s.argoproj.io "{name}" not found'
        hint = nearest(found, name, known)
        where = f"{path}.workflowTemplateRef.name"
        found.error(where, f'no {kind} named "{name}"', argo=argo, expected=listed(known, kind), hint=hint)
    return base


def _arguments(found: Findings, options: Options, spec: WorkflowSpec, base: Holder, path: str) -> Arguments:
    """The workflow's arguments with those of the WorkflowTemplate it refers to; both are checked."""
    own, stored = spec.arguments, None if base.is_local else base.spec.arguments
    empty = options.allows_empty
    check_arguments(found, f"{path}.arguments", "spec.arguments", own, allow_empty=empty)
    given = {item.name for item in [*((own and own.parameters) or ()), *((own and own.artifacts) or ())]}
    check_arguments(base.found, "spec.arguments", "spec.arguments", stored, allow_empty=empty, skip=given)
    return merged_arguments(own, stored)


def _globals(
    options: Options, spec: WorkflowSpec, base: Holder, metadata: ObjectMeta | None, arguments: Arguments
) -> Globals:
    known = Globals(any_parameter=options.is_template)
    if arguments.parameters:
        known.names |= {"workflow.parameters", "workflow.parameters.json"}
    for parameter in arguments.parameters or ():
        name = f"workflow.parameters.{parameter.name}"
        known.names.add(name)
        text = any_string(parameter.value)
        if parameter.value is not None and not has_tags(text) and len(text) <= LONGEST_CONSTANT:
            known.constants[name] = text
    sources: list[ObjectMeta | WorkflowMetadata | None] = [metadata, spec.workflow_metadata]
    if not base.is_local:
        sources.append(base.spec.workflow_metadata)
    for source in sources:
        if source is not None:
            labels = [*(source.labels or ()), *((isinstance(source, WorkflowMetadata) and source.labels_from) or ())]
            known.names.update(f"workflow.labels.{key}" for key in labels)
            known.names.update(f"workflow.annotations.{key}" for key in source.annotations or ())
    if spec.priority is not None:
        known.names.add("workflow.priority")
    return known


def _check_metadata_expressions(job: Job, spec: WorkflowSpec, path: str) -> None:
    scope = Scope(job.globals)
    for key, source in ((spec.workflow_metadata.labels_from if spec.workflow_metadata else None) or {}).items():
        if source.expression:
            where = f'{path}.workflowMetadata.labelsFrom["{key}"].expression'
            check_expression(job.found, where, source.expression, scope)


def _enter(job: Job, spec: WorkflowSpec, path: str) -> None:
    """The entrypoint, with the arguments that it really gets."""
    name = spec.entrypoint or job.local.spec.entrypoint
    if not name:
        if not job.options.is_template:
            names = list(job.local.names())
            hint = f"Add entrypoint: {names[0]}" if len(names) == 1 else ""
            argo, expected = "spec.entrypoint is required", listed(names, "template")
            job.found.error(path, "nothing says which template to begin with", argo=argo, expected=expected, hint=hint)
        return
    where = f"{path}.entrypoint"
    target = job.local.target(name)
    if target is None:
        ref = spec.workflow_template_ref
        argo = f"template name '{name}' undefined" if ref is None else f"template reference {ref.name}.{name} not found"
        known = list(job.local.names())
        hint = nearest(job.found, name, known)
        job.found.error(where, f'no template named "{name}"', argo=argo, expected=listed(known, "template"), hint=hint)
        return
    if job.options.is_template:
        visit(job, target)
    else:
        check_supplied(job.found, where, "", target.template, job.arguments, told=job.options.submitted)
        visit(job, target, job.arguments)
    export(job.globals, target.template)


def _handle(job: Job, spec: WorkflowSpec, path: str) -> None:
    """The workflow's own handlers, and after them the handlers of its steps and tasks."""
    stored = WorkflowSpec() if job.local.is_local else job.local.spec
    if spec.on_exit or spec.hooks or stored.on_exit or stored.hooks:
        job.globals.names.add("workflow.failures")
    scope = Scope(job.globals)
    handlers = check_hooks(job, spec, job.local, job.found, path, "", scope)
    if not job.local.is_local:
        inherited = {name: hook for name, hook in (stored.hooks or {}).items() if name not in (spec.hooks or {})}
        on_exit = None if spec.on_exit else stored.on_exit
        rest = WorkflowSpec(on_exit=on_exit, hooks=inherited)
        handlers += check_hooks(job, rest, job.local, job.local.found, "spec", "", scope)
        if on_exit and "exit" in (spec.hooks or {}):
            where, ref = f"{path}.hooks.exit", spec.workflow_template_ref
            what = (
                f'this handler never runs: the WorkflowTemplate "{ref.name if ref else ""}" has an onExit, which wins'
            )
            job.found.warning(where, what, hint=f"Write onExit here to replace {on_exit}")
    for handler in handlers:
        visit(job, handler, job.arguments)
        export(job.globals, handler.template)
    index = 0
    while index < len(job.later):
        visit(job, job.later[index])
        index += 1
    if not job.options.submitted:
        for handler in {target.key: target for target in (*handlers, *job.later)}.values():
            notice_missing_limit(handler)


def _visit_the_rest(job: Job) -> None:
    """Templates that nothing calls must be sound too; that nothing calls them is worth saying when asked for advice."""
    job.is_reached = False
    for index in range(len(job.local.templates)):
        target: Target = job.local.target_at(index)
        if target.key in job.seen:
            continue
        if not job.options.submitted and not job.options.is_template and job.local.is_local and target.template.name:
            job.found.notice(target.path, f'nothing calls the template "{target.template.name}"')
        visit(job, target)


def _warn_of_endless_calls(job: Job) -> None:
    """A template may call itself, but something must end it: a `when`, a loop, a dependency on a failure."""
    circle = find_cycle({caller: list(called) for caller, called in job.certain.items()})
    if circle:
        names = [key.rpartition("/")[2].rpartition("#")[2] for key in circle]
        job.local.found.warning(
            job.certain[circle[0]][circle[1]],
            f"these templates call each other without end: {' -> '.join(names)}",
            expected="Maximum recursion depth exceeded is how the run will end",
            hint="Give one of the calls a `when`",
        )
