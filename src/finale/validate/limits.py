"""Times and numbers that bound the work: timeouts, deadlines, retries, parallelism.

Argo checks few of these before the run. What it checks is an error; what would end the run later is a warning.
Source: validateTemplate, validateLeaf and validateTemplateHolder in argo-workflows workflow/validate/validate.go;
spec/argo-semantics.md §6.1–6.5.
"""

from finale.problems import did_you_mean
from finale.spec.generated.argo import RetryStrategy, Template, WorkflowSpec
from finale.spec.values import int_or_string
from finale.units import parse_duration
from finale.validate.expressions import check_expression
from finale.validate.findings import Findings
from finale.validate.references import Target, kind_of, type_name
from finale.validate.texts import has_tags

__all__ = ["check_limits", "check_retry", "check_timeouts", "check_workflow_limits"]

POLICIES = ("Always", "OnFailure", "OnError", "OnTransientError")
_RETRY_NAMES = frozenset({"retries", "lastRetry"})
_NO_TIMEOUT = ("steps", "dag", "suspend")


def check_limits(target: Target) -> None:
    """The limits written in one template."""
    template, found, path = target.template, target.holder.found, target.path
    kind = kind_of(template)
    _check_deadline(target, kind)
    if template.parallelism is not None and kind not in ("steps", "dag"):
        argo = f"{target.label}.parallelism is only valid for steps and dag templates"
        found.error(f"{path}.parallelism", f"a {type_name(template)} template runs nothing else", argo=argo)
    if template.pending_timeout and kind in _NO_TIMEOUT:
        argo = f"{type_name(template)} template doesn't support pendingTimeout field"
        found.error(f"{path}.pendingTimeout", "this template never waits for a place to run", argo=argo)
    if template.timeout and kind in _NO_TIMEOUT:
        argo = f"{type_name(template)} template doesn't support timeout field"
        found.error(f"{path}.timeout", "only a template that works itself can have a timeout", argo=argo)
    elif template.timeout:
        check_timeouts(found, f"{path}.timeout", template, template.timeout)
    if template.pending_timeout:
        _check_duration(found, f"{path}.pendingTimeout", template.pending_timeout)
    if template.suspend is not None and template.suspend.duration:
        _check_duration(found, f"{path}.suspend.duration", template.suspend.duration)
    if template.memoize is not None and template.memoize.max_age:
        _check_duration(found, f"{path}.memoize.maxAge", template.memoize.max_age, bare_seconds=False)
    if template.retry_strategy is not None:
        check_retry(found, f"{path}.retryStrategy", template.retry_strategy)


def _check_deadline(target: Target, kind: str) -> None:
    template, found = target.template, target.holder.found
    deadline, path = template.active_deadline_seconds, f"{target.path}.activeDeadlineSeconds"
    if deadline is None:
        return
    if kind in ("steps", "dag"):
        argo = f"{target.label}.activeDeadlineSeconds is only valid for leaf templates"
        hint = "Set it on the templates that are called, or spec.activeDeadlineSeconds for the whole workflow"
        found.error(path, f"a {type_name(template)} template has no deadline of its own", argo=argo, hint=hint)
        return
    seconds = int_or_string(deadline)
    is_tag = isinstance(seconds, str) and seconds.startswith("{{") and seconds.endswith("}}")
    if not is_tag and (isinstance(seconds, str) or seconds < 0):
        argo = f"{target.label}.activeDeadlineSeconds must be a positive integer > 0 or an argo variable"
        found.error(path, f'"{deadline}" is not a number of seconds', argo=argo)


def check_timeouts(found: Findings, path: str, template: Template, text: str) -> None:
    """A `timeout` once its tags are filled in: Argo wants a unit here."""
    if has_tags(text):
        return
    if text.lstrip("+-").isdigit():
        argo = f"{template.name} has invalid duration format in timeout"
        found.error(path, f'the timeout "{text}" has no unit', argo=argo, hint=f'Write "{text}s"')
    else:
        _check_duration(found, path, text)


def _check_duration(found: Findings, path: str, text: str, *, bare_seconds: bool = True) -> None:
    if has_tags(text):
        return
    try:
        parse_duration(text, bare_seconds=bare_seconds)
    except ValueError as error:
        found.warning(path, str(error), hint="The run will fail there")


def check_retry(found: Findings, path: str, strategy: RetryStrategy, *, is_strict: bool = True) -> None:
    """A retry strategy. Not `is_strict`: the workflow's own, whose policy Argo looks at only when it is due."""
    policy = strategy.retry_policy
    if policy and policy not in POLICIES and not has_tags(policy):
        hint = did_you_mean(policy, POLICIES)
        expected = f"expected one of {', '.join(POLICIES)}"
        what = f'"{policy}" is not a retry policy'
        if is_strict:
            found.error(
                f"{path}.retryPolicy", what, argo=f"{policy} is not a valid RetryPolicy", expected=expected, hint=hint
            )
        else:
            found.warning(f"{path}.retryPolicy", what, expected=expected, hint=hint)
    limit = strategy.limit
    if isinstance(limit, str) and isinstance(int_or_string(limit), str) and not has_tags(limit):
        found.warning(f"{path}.limit", f'"{limit}" is not a number of retries', hint="The run will fail there")
    backoff = strategy.backoff
    if backoff is not None:
        if not backoff.duration:
            found.warning(
                f"{path}.backoff", "no base duration specified for retryStrategy", hint="The run will fail there"
            )
        for name, text in (("duration", backoff.duration), ("maxDuration", backoff.max_duration), ("cap", backoff.cap)):
            if text:
                _check_duration(found, f"{path}.backoff.{name}", text)
    if strategy.expression and not has_tags(strategy.expression):
        check_expression(found, f"{path}.expression", strategy.expression, None, names=_RETRY_NAMES)


def check_workflow_limits(found: Findings, path: str, spec: WorkflowSpec) -> None:
    """The limits of the workflow as a whole."""
    if spec.retry_strategy is not None:
        check_retry(found, f"{path}.retryStrategy", spec.retry_strategy, is_strict=False)
    if spec.parallelism is not None and spec.parallelism < 0:
        found.warning(
            f"{path}.parallelism", f"{spec.parallelism} tasks at once cannot be", expected="expected a positive number"
        )
