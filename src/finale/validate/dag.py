"""Templates of tasks: their names and dependencies, the order those make, and what each task sees of the others.

A task sees the results of its ancestors. Lint believes that it sees those of all tasks, and looks closer only at arguments
that begin with one. Ancestors are kept as bits of a number, so that a chain of thousands costs little.
Source: validateDAG in argo-workflows workflow/validate/validate.go; workflow/common/ancestry.go.
"""

import re
from collections.abc import Iterator, Sequence

from finale.expr.depends import parse_depends
from finale.expr.errors import ExpressionInvalid
from finale.spec.generated.argo import DAGTask, DAGTemplate
from finale.spec.values import any_string
from finale.validate.arguments import check_arguments
from finale.validate.calls import check_call, check_call_tags
from finale.validate.expressions import check_text
from finale.validate.findings import Findings, excerpt, listed, nearest
from finale.validate.hooks import check_hooks
from finale.validate.job import Job, Visit, Visits
from finale.validate.loops import check_loop, check_when, is_aggregated, item_names
from finale.validate.names import check_names
from finale.validate.order import find_cycle, sorted_by_need
from finale.validate.outputs import export
from finale.validate.references import Call, Target
from finale.validate.scope import Scope, Verdict
from finale.validate.texts import fill, has_tags

__all__ = ["Tasks", "check_dag"]

_RESULTS = ("Succeeded", "Failed", "Errored", "Skipped", "Omitted", "Daemoned", "AnySucceeded", "AllFailed")
_OF_ITEMS = frozenset({"AnySucceeded", "AllFailed"})
_PARAMETER_TAG = re.compile(r"{{[-a-zA-Z0-9]+(\.[-a-zA-Z0-9_]+)*}}")


class Tasks:
    """The tasks of a DAG as one of them sees them; `present` says which."""

    word = "tasks"

    def __init__(self, order: Sequence[str], needs: dict[str, list[str]]) -> None:
        self._bit = {name: 1 << index for index, name in enumerate(order)}
        self._ancestors: dict[str, int] = {}
        self._left: dict[str, frozenset[str]] = {}
        self._hooked: set[str] = set()
        self.present = ""
        self.in_hooks = False
        self.all_are_known = False
        for name in order:
            reach = 0
            for need in needs[name]:
                reach |= self._bit.get(need, 0) | self._ancestors.get(need, 0)
            self._ancestors[name] = reach

    def is_ancestor(self, name: str, of: str) -> bool:
        """Whether the task `of` waits for `name`, directly or not."""
        return bool(self._ancestors.get(of, 0) & self._bit.get(name, 0))

    def leave(self, name: str, attributes: frozenset[str], *, is_hooked: bool) -> None:
        """The task leaves this; `is_hooked`: it has hooks, and lint believes its status known everywhere."""
        self._left[name] = attributes
        if is_hooked:
            self._hooked.add(name)

    def judge(self, node: str, attribute: str) -> Verdict:
        """Ancestors are known with their status, the task itself to its hooks, all others loosely.

        The template's outputs see all tasks, but to lint not their status.
        """
        attributes = self._left.get(node)
        if attributes is None:
            return Verdict.UNKNOWN
        is_near = self.is_ancestor(node, self.present) or (self.in_hooks and node == self.present)
        if attribute == "status":
            return Verdict.KNOWN if is_near else Verdict.LOOSE if node in self._hooked else Verdict.UNKNOWN
        if attribute not in attributes:
            return Verdict.UNKNOWN
        return Verdict.KNOWN if is_near or self.all_are_known else Verdict.LOOSE

    def attributes(self, node: str) -> frozenset[str]:
        """What the task leaves."""
        attributes = self._left.get(node)
        return frozenset() if attributes is None else attributes | {"status"}

    def nodes(self) -> Iterator[str]:
        """The tasks that the present one can read."""
        own = self.present if self.in_hooks else ""
        return (n for n in self._left if self.all_are_known or n == own or self.is_ancestor(n, self.present))


def check_dag(job: Job, target: Target, scope: Scope) -> Visits:
    """A template of tasks; `scope` gets its tasks."""
    dag, found = target.template.dag, target.holder.found
    assert dag is not None
    path, tasks = f"{target.path}.dag.tasks", dag.tasks or []
    if not tasks:
        found.error(f"{target.path}.dag", "the DAG has no task", argo=f"{target.label} must have at least one task")
        return
    names = [fill(task.name, scope.constant_of) if task.name and has_tags(task.name) else task.name for task in tasks]
    check_names(found, path, f"{target.label}.tasks", names, "task")
    by_name: dict[str, int] = {}
    for index, name in enumerate(names):
        by_name.setdefault(name or "", index)
    needs = _needs(target, dag, by_name)
    order = sorted_by_need(needs)
    table = Tasks(order, needs)
    scope.nodes = table
    callees: dict[str, Target | None] = {}
    scopes: dict[str, Scope] = {}
    for name in order:
        index = by_name[name]
        task, where, label = tasks[index], f"{path}[{index}]", f"{target.label}.tasks.{name}"
        own = scopes[name] = scope.with_names(item_names(task))
        callee = callees[name] = job.library.find(Call.of(task, target.holder, where, label, own))
        if callee is not None:
            table.present = name
            if not task.when and not item_names(task) and "." not in (task.depends or ""):
                job.certain.setdefault(target.key, {}).setdefault(callee.key, where)
            yield Visit(callee)
        template = callee.template if callee else None
        attributes = job.attributes(template, aggregate=is_aggregated(task))
        table.leave(name, attributes, is_hooked=task.hooks is not None)
        export(job.globals, template)
    _check_targets(target, dag, by_name, scope)
    for index, task in enumerate(tasks):
        name = names[index] or ""
        if by_name[name] == index:
            table.present = name
            _check_task(job, target, task, name, f"{path}[{index}]", scopes[name], table, callees[name])
    table.present, table.all_are_known = "", True


def _needs(target: Target, dag: DAGTemplate, by_name: dict[str, int]) -> dict[str, list[str]]:
    """What each task waits for, by name; the dependencies' own mistakes are told on the way."""
    found, label = target.holder.found, target.label
    tasks = dag.tasks or []
    uses_depends = any(task.depends for task in tasks)
    if uses_depends and any(task.dependencies for task in tasks):
        index = next(index for index, task in enumerate(tasks) if task.dependencies)
        argo = f"{label} cannot use both 'depends' and 'dependencies' in the same DAG template"
        where = f"{target.path}.dag.tasks[{index}].dependencies"
        found.error(
            where, 'some tasks have "depends", some "dependencies"', argo=argo, hint='Write "depends" everywhere'
        )
    needs: dict[str, list[str]] = {}
    for name, index in by_name.items():
        task, path = tasks[index], f"{target.path}.dag.tasks[{index}]"
        if (uses_depends or task.dependencies) and name[:1].isdigit():
            argo = f"{label}.tasks.{name} name cannot begin with a digit when using either 'depends' or 'dependencies'"
            found.error(f"{path}.name", f'the task name "{name}" begins with a digit', argo=argo)
        if uses_depends and task.continue_on is not None:
            argo = (
                f"{label} cannot use 'continueOn' when using 'depends'."
                " Instead use 'dep-task.Failed'/'dep-task.Errored'"
            )
            hint = f'Write it where it is waited for: depends: "{name} || {name}.Failed"'
            found.error(f"{path}.continueOn", '"continueOn" does nothing beside "depends"', argo=argo, hint=hint)
        needs[name] = (
            _depends(target, task, name, path, tasks, by_name)
            if task.depends
            else _dependencies(target, task, name, path, by_name)
        )
    cycle = find_cycle(needs)
    if cycle:
        argo = f"{label}.tasks dependency cycle detected: {'->'.join(cycle)}"
        where = f"{target.path}.dag.tasks[{by_name[cycle[0]]}]"
        where += ".depends" if tasks[by_name[cycle[0]]].depends else ".dependencies"
        found.error(where, f"tasks wait for each other: {' -> '.join(cycle)}", argo=argo)
    return needs


def _dependencies(target: Target, task: DAGTask, name: str, path: str, by_name: dict[str, int]) -> list[str]:
    known = []
    for index, need in enumerate(task.dependencies or ()):
        if need in by_name:
            known.append(need)
        else:
            _unknown_task(target, f"{path}.dependencies[{index}]", name, need, by_name)
    return known


def _depends(
    target: Target, task: DAGTask, name: str, path: str, tasks: list[DAGTask], by_name: dict[str, int]
) -> list[str]:
    found, where, text = target.holder.found, f"{path}.depends", task.depends or ""
    label = f"{target.label}.tasks.{name}"
    if has_tags(text):
        return []
    try:
        depends = parse_depends(text)
    except ExpressionInvalid as error:
        shown = excerpt(text, error.offset, error.length)
        found.error(where, f"the dependencies cannot be understood: {error.brief}", excerpt=shown)
        return []
    for need, result in depends.operands:
        if result is not None and result not in _RESULTS:
            argo = f"{label} task result '{result}' for task '{need}' is invalid"
            expected, hint = f"expected one of {', '.join(_RESULTS)}", nearest(found, result, _RESULTS)
            found.error(where, f'a task has no result "{result}"', argo=argo, expected=expected, hint=hint)
        if need not in by_name:
            _unknown_task(target, where, name, need, by_name)
        elif result in _OF_ITEMS:
            other = tasks[by_name[need]]
            if not other.with_items and not other.with_param and other.with_sequence is None:
                argo = (
                    f"{label} dependency '{need}' uses an items-based condition such as .AnySucceeded or .AllFailed"
                    " but does not contain any items"
                )
                found.error(where, f'"{need}.{result}" asks about items, and task "{need}" has none', argo=argo)
    return [need for need in depends.tasks if need in by_name]


def _unknown_task(target: Target, path: str, name: str, need: str, by_name: dict[str, int]) -> None:
    found = target.holder.found
    others = [other for other in by_name if other and other != name]
    argo = f"{target.label}.tasks.{name} dependency '{need}' not defined"
    hint = nearest(found, need, others)
    found.error(path, f'no task named "{need}"', argo=argo, expected=listed(others, "other task"), hint=hint)


def _check_targets(target: Target, dag: DAGTemplate, by_name: dict[str, int], scope: Scope) -> None:
    if not dag.target:
        return
    found, path = target.holder.found, f"{target.path}.dag.target"
    check_text(found, path, dag.target, f"{target.label}.targets", scope)
    for name in fill(dag.target, scope.constant_of).split(" "):
        if name not in by_name and not _PARAMETER_TAG.search(name) and not has_tags(name):
            argo = f"{target.label}.targets: target '{name}' is not defined"
            hint = nearest(found, name, by_name)
            found.error(path, f'no task named "{name}"', argo=argo, expected=listed(by_name, "task"), hint=hint)


def _check_task(
    job: Job, target: Target, task: DAGTask, name: str, path: str, scope: Scope, table: Tasks, callee: Target | None
) -> None:
    found, label = target.holder.found, f"{target.label}.tasks.{name}"
    check_loop(found, path, label, task)
    check_when(found, path, task.when)
    check_arguments(found, f"{path}.arguments", f"{label}.arguments", task.arguments)
    missing = _check_missing_needs(found, task, name, path, label, table)
    check_call_tags(found, task, path, label, scope, skip=missing)
    table.in_hooks = True
    job.later += check_hooks(job, task, target.holder, found, path, label, scope)
    table.in_hooks = False
    check_call(job, found, task, callee, path, label, scope)


def _check_missing_needs(found: Findings, task: DAGTask, name: str, path: str, label: str, table: Tasks) -> set[str]:
    """Arguments that are a result of a task which is not waited for; returns their paths."""
    told: set[str] = set()
    arguments = task.arguments
    values = [
        *(
            (f"parameters[{i}].value", "parameter", p.name, p.value)
            for i, p in enumerate((arguments and arguments.parameters) or ())
        ),
        *(
            (f"artifacts[{i}].from", "artifact", a.name, a.from_)
            for i, a in enumerate((arguments and arguments.artifacts) or ())
        ),
    ]
    for place, kind, argument, value in values:
        text = any_string(value)
        if not text.startswith("{{tasks."):
            continue
        need, _, attribute = text.removeprefix("{{tasks.").partition("}}")[0].rstrip().partition(".")
        if table.judge(need, attribute) is Verdict.LOOSE:
            where = f"{path}.arguments.{place}"
            told.add(where)
            argo = f"{label} missing dependency '{need}' for {kind} '{argument}'"
            hint = f'Add "{need}" to the dependencies of "{name}"' if need != name else ""
            found.error(where, f'task "{name}" does not wait for "{need}", whose result it takes', argo=argo, hint=hint)
    return told
