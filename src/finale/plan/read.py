"""Manifest JSON → the parts of a plan. The only place that knows how Argo spells them."""

from typing import Any

from finale.expr.depends import Depends, parse_depends
from finale.expr.tags import Text, compile_text
from finale.plan.merge import TEMPLATE_TYPES
from finale.plan.model import (
    Argument,
    Arguments,
    ArtifactArgument,
    Call,
    Hook,
    InputParameter,
    Kind,
    Loop,
    OutputParameter,
    Retry,
    Target,
    Task,
    Template,
)
from finale.spec.values import any_string

__all__ = ["read_arguments", "read_hooks", "read_retry", "read_template"]

_KINDS = {kind.value: kind for kind in Kind if kind.value}


def _text(value: Any) -> Text | None:
    return None if value is None else compile_text(any_string(value))


def read_arguments(body: dict[str, Any] | None) -> Arguments:
    """`arguments` of a step, task, hook or workflow."""
    if not body:
        return Arguments()
    return Arguments(
        tuple(
            Argument(parameter["name"], _text(parameter.get("value")), parameter.get("valueFrom"))
            for parameter in body.get("parameters") or ()
        ),
        tuple(
            ArtifactArgument(
                artifact["name"],
                artifact,
                artifact.get("from") or "",
                artifact.get("fromExpression") or "",
                bool(artifact.get("optional")),
            )
            for artifact in body.get("artifacts") or ()
        ),
    )


def _target(holder: dict[str, Any]) -> Target:
    if holder.get("inline"):
        return Target(inline=True)
    ref = holder.get("templateRef")
    if ref:
        return Target(
            ref_name=_text(ref.get("name") or ""),
            ref_template=_text(ref.get("template") or ""),
            cluster_scope=bool(ref.get("clusterScope")),
        )
    return Target(name=_text(holder.get("template") or ""))


def read_hooks(holder: dict[str, Any]) -> tuple[Hook | None, tuple[Hook, ...]]:
    """The exit handler (`onExit` before `hooks.exit`, D24) and the other hooks in the order of declaration (D21)."""
    hooks = tuple(
        Hook(name, _target(body), read_arguments(body.get("arguments")), body.get("expression") or "")
        for name, body in (holder.get("hooks") or {}).items()
    )
    exit_hook = next((hook for hook in hooks if hook.name == "exit"), None)
    if holder.get("onExit"):
        exit_hook = Hook("exit", Target(name=_text(holder["onExit"])), Arguments(), from_on_exit=True)
    return exit_hook, tuple(hook for hook in hooks if hook.name != "exit")


def _loop(holder: dict[str, Any]) -> Loop | None:
    if holder.get("withItems") is not None:
        return Loop(items=tuple(holder["withItems"]))
    if holder.get("withParam"):
        return Loop(param=_text(holder["withParam"]))
    if holder.get("withSequence") is not None:
        return Loop(sequence=holder["withSequence"])
    return None


def _call(holder: dict[str, Any]) -> Call:
    exit_hook, hooks = read_hooks(holder)
    continue_on = holder.get("continueOn") or {}
    return Call(
        name=holder.get("name") or "",
        target=_target(holder),
        arguments=read_arguments(holder.get("arguments")),
        when=_text(holder.get("when") or None),
        loop=_loop(holder),
        continue_on_error=bool(continue_on.get("error")),
        continue_on_failed=bool(continue_on.get("failed")),
        exit=exit_hook,
        hooks=hooks,
    )


def read_retry(body: dict[str, Any] | None) -> Retry | None:
    """A `retryStrategy`; an empty one means unlimited attempts."""
    if body is None:
        return None
    return Retry(
        body, body.get("limit"), body.get("retryPolicy") or "", body.get("expression") or "", body.get("backoff")
    )


def _tasks(bodies: list[dict[str, Any]]) -> dict[str, Task]:
    """Tasks by name with their edges; `dependencies` become the `depends` expression they stand for (§5.1)."""
    calls = {body["name"]: _call(body) for body in bodies}
    depends: dict[str, Depends | None] = {}
    dependents: dict[str, list[str]] = {name: [] for name in calls}
    for body in bodies:
        text = body.get("depends") or " && ".join(body.get("dependencies") or ())
        parsed = parse_depends(text) if text.strip() else None
        depends[body["name"]] = parsed
        for name in parsed.tasks if parsed else ():
            if name in dependents:
                dependents[name].append(body["name"])
    return {
        name: Task(call, depends[name], _tasks_of(depends[name]), tuple(dependents[name]))
        for name, call in calls.items()
    }


def _tasks_of(depends: Depends | None) -> tuple[str, ...]:
    return tuple(depends.tasks) if depends else ()


def _inputs(body: dict[str, Any]) -> tuple[InputParameter, ...]:
    return tuple(
        InputParameter(
            parameter["name"],
            _text(parameter.get("value")),
            _text(parameter.get("default")),
            parameter.get("valueFrom"),
            parameter,
        )
        for parameter in (body.get("inputs") or {}).get("parameters") or ()
    )


def _outputs(body: dict[str, Any]) -> tuple[OutputParameter, ...]:
    found = []
    for parameter in (body.get("outputs") or {}).get("parameters") or ():
        source = parameter.get("valueFrom") or {}
        default = source.get("default")
        found.append(
            OutputParameter(
                parameter["name"],
                source,
                None if default is None else any_string(default),
                parameter.get("globalName") or "",
                parameter,
            )
        )
    return tuple(found)


def read_template(key: str, scope: str, body: dict[str, Any], default_retry: Retry | None) -> Template:
    """One template with defaults already merged; `default_retry` is the workflow's own strategy."""
    kind = next((_KINDS[name] for name in TEMPLATE_TYPES if body.get(name) is not None), Kind.UNKNOWN)
    dag = body.get("dag") or {}
    steps = tuple(
        tuple(_call(step) for step in (group if isinstance(group, list) else [group]))
        for group in body.get("steps") or ()
    )
    tasks = _tasks(dag.get("tasks") or [])
    calls = {name: task.call for name, task in tasks.items()} or {call.name: call for group in steps for call in group}
    return Template(
        key=key,
        scope=scope,
        name=body.get("name") or "",
        kind=kind,
        body=body,
        inputs=_inputs(body),
        input_artifacts=tuple((body.get("inputs") or {}).get("artifacts") or ()),
        outputs=_outputs(body),
        output_artifacts=tuple((body.get("outputs") or {}).get("artifacts") or ()),
        steps=steps,
        tasks=tasks,
        calls=calls,
        group_of={call.name: index for index, group in enumerate(steps) for call in group},
        target=_text(dag.get("target") or None),
        dag_fail_fast=dag.get("failFast") is not False,
        retry=read_retry(body.get("retryStrategy")) or default_retry,
        parallelism=body.get("parallelism"),
        fail_fast=bool(body.get("failFast")),
        timeout=_text(body.get("timeout") or None),
        pending_timeout=_text(body.get("pendingTimeout") or None),
        active_deadline=_text(body.get("activeDeadlineSeconds")),
        daemon=bool(body.get("daemon")),
        memoize=body.get("memoize"),
        synchronization=body.get("synchronization"),
    )
