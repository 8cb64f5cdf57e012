"""CronWorkflows: schedules, time zone, and the policies around them.

Schedules are those of robfig/cron's ``ParseStandard``: five fields, names of months and days, ``@hourly`` and friends,
``@every 90m``, a time zone in front. Source: CronWorkflow in argo-workflows workflow/validate/validate.go;
robfig/cron parser.go.
"""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from finale.problems import did_you_mean
from finale.spec.generated.argo import CronWorkflowSpec
from finale.units import SECOND, parse_duration
from finale.validate.expressions import check_expression
from finale.validate.findings import Findings

__all__ = ["check_cron", "schedule_fault"]

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
_FIELDS: tuple[tuple[str, int, int, dict[str, int]], ...] = (
    ("minute", 0, 59, {}),
    ("hour", 0, 23, {}),
    ("day of the month", 1, 31, {}),
    ("month", 1, 12, {name: number for number, name in enumerate(_MONTHS, start=1)}),
    ("day of the week", 0, 6, {name: number for number, name in enumerate(_DAYS)}),
)
_WORDS = ("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly")
_POLICIES = ("Allow", "Forbid", "Replace")


def check_cron(found: Findings, spec: CronWorkflowSpec) -> None:
    """Everything but the workflow inside."""
    if not spec.schedules:
        found.error("spec", "nothing says when it runs", argo="cron workflow must have at least one schedule")
    for index, schedule in enumerate(spec.schedules or ()):
        if fault := schedule_fault(schedule):
            argo = f"cron schedule {schedule} is malformed: {fault}"
            hint = 'Five fields: minute, hour, day of the month, month, day of the week, as in "30 2 * * 1-5"'
            found.error(f"spec.schedules[{index}]", f'"{schedule}" is not a schedule', argo=argo, hint=hint)
    if spec.timezone and not _is_zone(spec.timezone):
        argo = f'invalid timezone "{spec.timezone}": unknown time zone {spec.timezone}'
        found.error("spec.timezone", f'there is no time zone "{spec.timezone}"', argo=argo, hint='As in "Europe/Paris"')
    policy = spec.concurrency_policy
    if policy and policy not in _POLICIES:
        argo = f"'{policy}' is not a valid concurrencyPolicy"
        hint = did_you_mean(policy, _POLICIES)
        found.error(
            "spec.concurrencyPolicy",
            f'"{policy}" is not a policy',
            argo=argo,
            expected=f"expected one of {', '.join(_POLICIES)}",
            hint=hint,
        )
    if spec.starting_deadline_seconds is not None and spec.starting_deadline_seconds < 0:
        argo = "startingDeadlineSeconds must be positive"
        found.error("spec.startingDeadlineSeconds", f"{spec.starting_deadline_seconds} seconds cannot be", argo=argo)
    stop = spec.stop_strategy
    if stop is not None and stop.expression:
        names = frozenset({"cronworkflow"})
        check_expression(found, "spec.stopStrategy.expression", stop.expression, None, plain=True, names=names)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def schedule_fault(schedule: str) -> str:
    """What is wrong with a schedule, empty if nothing."""
    text = schedule.strip()
    if text.startswith(("TZ=", "CRON_TZ=")):
        zone, _, text = text.partition(" ")
        name = zone.partition("=")[2]
        if not _is_zone(name):
            return f"provided bad location {name}"
        text = text.strip()
    if not text:
        return "empty spec string"
    if text.startswith("@every "):
        try:
            return "" if parse_duration(text.removeprefix("@every ").strip()) >= SECOND else "expected at least 1s"
        except ValueError as error:
            return f"failed to parse duration {text}: {error}"
    if text.startswith("@"):
        return "" if text in _WORDS else f"unrecognized descriptor: {text}"
    fields = text.split()
    if len(fields) != len(_FIELDS):
        return f"expected exactly 5 fields, found {len(fields)}: {fields}".replace("'", "")
    for field, (name, low, high, words) in zip(fields, _FIELDS, strict=True):
        for part in field.split(","):
            if fault := _part_fault(part, low, high, words):
                return f"{name}: {fault}"
    return ""


def _part_fault(part: str, low: int, high: int, words: dict[str, int]) -> str:
    span, slash, step = part.partition("/")
    if slash and (not step.isdecimal() or int(step) == 0):
        return f"step of range should be a positive number: {part}"
    if span in ("*", "?"):
        return ""
    first, dash, last = span.partition("-")
    numbers = [
        words.get(text.lower(), int(text) if text.isascii() and text.isdecimal() else None)
        for text in ([first, last] if dash else [first])
    ]
    if None in numbers:
        return f"failed to parse int from {span}"
    start, end = numbers[0] or 0, numbers[-1] or 0
    if start < low:
        return f"beginning of range ({start}) below minimum ({low}): {part}"
    if end > high:
        return f"end of range ({end}) above maximum ({high}): {part}"
    return f"beginning of range ({start}) beyond end of range ({end}): {part}" if start > end else ""
