"""Which variables exist where: one table, for messages, for validation and for docs/variables.md.

A place is a field of a manifest, or a kind of field, whose tags and expressions see the same variables. In a pattern, words in
angle brackets stand for a name. All values are text unless the type says otherwise.

Source: spec/argo-semantics.md §2.5, §2.6, §8.8; argo-workflows docs/variables.md, corrected where the code differs.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

__all__ = ["VARIABLES", "Place", "Variable", "can_exist", "in_scope_text", "variables_at"]


class Place(Enum):
    """Where tags and expressions stand; the value is its heading in the documentation."""

    WORKFLOW = "The workflow's own fields, its exit handler and its hooks: arguments and expressions"
    LABELS_FROM = "`workflowMetadata.labelsFrom` expressions"
    BODY = "The body of any template"
    LEAF_BODY = "The body of a container, script, containerSet, HTTP, resource, data or plugin template"
    EXIT_BODY = "The body of a template that runs for the workflow's exit handler or hooks"
    STEP = "A step of a later group: arguments, when, withParam"
    STEP_HOOK = "A step's exit handler or hook: its expression"
    STEP_HOOK_ARGUMENTS = "A step's exit handler or hook: its arguments"
    TASK = "A DAG task: arguments, when, withParam"
    TASK_HOOK = "A task's exit handler or hook: its expression"
    TASK_HOOK_ARGUMENTS = "A task's exit handler or hook: its arguments"
    LOOP = "A step or task with withItems, withParam or withSequence"
    STEPS_OUTPUTS = "Outputs of a steps template: valueFrom, from and fromExpression"
    DAG_OUTPUTS = "Outputs of a dag template: valueFrom, from and fromExpression"
    RETRY = "`retryStrategy.expression`"
    HTTP_CONDITION = "`http.successCondition`"
    DATA = "`data.transformation` expressions"
    METRICS = "Metrics of a template"
    WORKFLOW_METRICS = "Metrics of the workflow"
    CRON = "A CronWorkflow's `when` and `stopStrategy.expression`"


@dataclass(frozen=True, slots=True)
class Variable:
    """`pattern` is the name, with ``<words>`` for its free parts; `kind` is the type of the value."""

    pattern: str
    meaning: str
    places: frozenset[Place]
    kind: str = "string"


_ALL = frozenset(Place)
# Places that see nothing of the workflow, only what is listed for them.
_CLOSED = frozenset({Place.RETRY, Place.HTTP_CONDITION, Place.DATA, Place.CRON})
_GLOBAL = _ALL - _CLOSED
_AFTER_THE_WORK = frozenset({Place.WORKFLOW, Place.EXIT_BODY})
_BODIES = frozenset({Place.BODY, Place.LEAF_BODY, Place.EXIT_BODY})
_STEPS = frozenset({Place.STEP, Place.STEP_HOOK, Place.STEP_HOOK_ARGUMENTS, Place.STEPS_OUTPUTS})
_TASKS = frozenset({Place.TASK, Place.TASK_HOOK, Place.TASK_HOOK_ARGUMENTS, Place.DAG_OUTPUTS})
_INSIDE = _BODIES | _STEPS | _TASKS | {Place.LOOP}


def _rows(places: Iterable[Place], *rows: tuple[str, ...]) -> tuple[Variable, ...]:
    return tuple(Variable(row[0], row[1], frozenset(places), *row[2:]) for row in rows)


def _results(word: str, one: str, places: frozenset[Place]) -> tuple[Variable, ...]:
    """What can be read of the steps or tasks that ran before."""
    name = f"{word}.<{one}>"
    before = "an earlier group" if one == "step" else "its ancestors"
    return _rows(
        places,
        (f"{name}.status", f"phase of a {one} of {before}; in a hook also of its own {one}"),
        (f"{name}.id", f"node id of the {one}"),
        (f"{name}.ip", f"address of the {one}, if it is a daemon"),
        (f"{name}.exitCode", "exit code, of a container or script"),
        (f"{name}.startedAt", "start, RFC 3339"),
        (f"{name}.finishedAt", "end, RFC 3339"),
        (f"{name}.hostNodeName", "machine that it ran on"),
        (f"{name}.outputs.result", f"what the {one} printed, up to 256 kB; of a loop, a JSON list"),
        (f"{name}.outputs.parameters.<name>", "output parameter; of a loop, a JSON list of all values"),
        (f"{name}.outputs.parameters", "of a loop: JSON list with a map of the output parameters of each"),
        (f"{name}.outputs.artifacts.<name>", "output artifact, for `from` and `fromExpression`", "artifact"),
    )


VARIABLES: tuple[Variable, ...] = (
    *_rows(
        _GLOBAL,
        ("workflow.name", "name of the run"),
        ("workflow.namespace", "namespace of the run"),
        ("workflow.uid", "uid of the run"),
        ("workflow.mainEntrypoint", "`spec.entrypoint`"),
        ("workflow.serviceAccountName", "`spec.serviceAccountName`"),
        ("workflow.priority", "`spec.priority`; only if it is set"),
        ("workflow.parameters.<name>", "argument of the workflow"),
        ("workflow.parameters.json", "all arguments, as JSON"),
        ("workflow.parameters", "the same; not in expressions, where it is a map of the arguments"),
        ("workflow.labels.<name>", "label"),
        ("workflow.labels.json", "all labels, as JSON"),
        ("workflow.annotations.<name>", "annotation"),
        ("workflow.annotations.json", "all annotations, as JSON"),
        ("workflow.creationTimestamp", "RFC 3339; not in expressions, where it is a map of the forms below"),
        ("workflow.creationTimestamp.RFC3339", "RFC 3339"),
        ("workflow.creationTimestamp.s", "seconds since 1970"),
        ("workflow.creationTimestamp.<letter>", "one letter of strftime: B b m A a d H I M S Y y p Z z L"),
        ("workflow.scheduledTime", "the time that a CronWorkflow meant, RFC 3339; only in its runs"),
        ("workflow.outputs.parameters.<name>", "output parameter with that `globalName`, once it was written"),
        ("workflow.outputs.artifacts.<name>", "output artifact with that `globalName`, for `from`", "artifact"),
        ("workflow.duration", "seconds since the start, with six decimals"),
        ("workflow.status", "phase of the run; in the exit handler its outcome: Succeeded, Failed or Error"),
    ),
    *_rows(
        _AFTER_THE_WORK,
        ("workflow.failures", "JSON list of the nodes that failed, quoted once more as a string"),
    ),
    *_rows(
        _INSIDE | {Place.METRICS},
        ("inputs.parameters.<name>", "input parameter of the template"),
    ),
    *_rows(
        _INSIDE,
        ("inputs.parameters", "all input parameters, as JSON; not in expressions, where it is a map"),
    ),
    *_rows(_STEPS | _TASKS, ("inputs.artifacts.<name>", "input artifact, for `from`", "artifact")),
    *_rows(
        _BODIES,
        ("node.name", "full name of the node"),
        ("steps.name", "name of the step that calls the template"),
        ("tasks.name", "name of the task that calls the template"),
    ),
    *_rows(
        {Place.LEAF_BODY},
        ("pod.name", "name that the node's pod has in Argo"),
        ("inputs.artifacts.<name>.path", "where the input artifact lies"),
        ("outputs.artifacts.<name>.path", "where the output artifact is expected"),
        ("outputs.parameters.<name>.path", "where the output parameter is expected"),
    ),
    *_rows(
        _BODIES | {Place.RETRY},
        ("retries", "attempts before this one; in the expression, before the one to decide on"),
        ("lastRetry.exitCode", "exit code of the attempt before; 0 in the first, -1 in the expression if unknown"),
        ("lastRetry.status", "phase of the attempt before"),
        ("lastRetry.duration", "seconds that the attempt before took"),
        ("lastRetry.message", "message of the attempt before"),
    ),
    *_results("steps", "step", _STEPS),
    *_results("tasks", "task", _TASKS),
    *_rows(
        {Place.LOOP},
        ("item", "the item; a list or map as JSON"),
        ("item.<key>", "value of a key, if items are maps"),
    ),
    *_rows(
        {Place.HTTP_CONDITION},
        ("request.method", "of the request"),
        ("request.url", "of the request"),
        ("request.body", "of the request"),
        ("request.bodyBytes", "of the request", "bytes"),
        ("request.headers", "of the request", "map of lists"),
        ("response.statusCode", "of the response", "int"),
        ("response.body", "of the response"),
        ("response.headers", "of the response", "map of lists"),
    ),
    *_rows({Place.DATA}, ("data", "what the source or the transformation before gave", "any")),
    *_rows(
        {Place.METRICS},
        ("status", "phase of the node"),
        ("duration", "seconds that the node took"),
        ("exitCode", "exit code"),
        ("outputs.result", "what the node printed"),
        ("outputs.parameters.<name>", "output parameter"),
        ("resourcesDuration.cpu", "cpu seconds asked for"),
        ("resourcesDuration.memory", "memory seconds asked for"),
    ),
    *_rows({Place.METRICS}, ("retries", "attempts of the node, less one")),
    *_rows({Place.WORKFLOW_METRICS}, ("status", "phase of the run; Pending in realtime metrics")),
    *_rows(
        {Place.CRON},
        ("cronworkflow.name", "name of the CronWorkflow"),
        ("cronworkflow.namespace", "its namespace"),
        ("cronworkflow.labels.<name>", "label"),
        ("cronworkflow.labels.json", "all labels, as JSON"),
        ("cronworkflow.annotations.<name>", "annotation"),
        ("cronworkflow.annotations.json", "all annotations, as JSON"),
        ("cronworkflow.lastScheduledTime", "when it last ran; nil before the first run", "time"),
        ("cronworkflow.failed", "runs that failed", "int"),
        ("cronworkflow.succeeded", "runs that succeeded", "int"),
    ),
)
"""Every variable, those with the same places together."""


def variables_at(place: Place) -> tuple[Variable, ...]:
    """The variables that a place sees, in the table's order."""
    return tuple(variable for variable in VARIABLES if place in variable.places)


@lru_cache(maxsize=32)
def _names(place: Place) -> re.Pattern[str]:
    patterns = (re.split(r"<\w+>", variable.pattern) for variable in variables_at(place))
    return re.compile("|".join(".+".join(map(re.escape, parts)) for parts in patterns))


def can_exist(place: Place, name: str) -> bool:
    """Whether a variable of that name may exist at the place; whether it does depends on the manifest."""
    return _names(place).fullmatch(name) is not None


def in_scope_text(place: Place, nodes: Iterable[str] = ()) -> str:
    """``in scope here: steps.build.*, inputs.*, workflow.*``; `nodes` are the steps or tasks that the place may read."""
    known = list(nodes)
    shown: dict[str, None] = {}
    for variable in variables_at(place):
        root, _, rest = variable.pattern.partition(".")
        if rest.startswith(("<step>", "<task>")):
            shown.update(dict.fromkeys([f"{root}.{node}.*" for node in known] or [f"{root}.*"]))
        elif f"{root}.*" not in shown:
            shown[f"{root}.*" if rest else root] = None
    # What is nearest to the author first.
    ordered = sorted(shown, key=lambda text: (text.startswith("workflow"), text.startswith("inputs")))
    return f"in scope here: {', '.join(ordered)}"
