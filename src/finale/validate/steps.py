"""Templates of steps. Argo reads them from the top, and what a step has seen stands in the order of the text.

Lint lets a step read its own status, and the results of a neighbour that stands before it in the same group; at run time
neither is there. Source: validateSteps in argo-workflows workflow/validate/validate.go.
"""

from collections.abc import Iterator

from finale.spec.generated.argo import WorkflowStep
from finale.validate.arguments import check_arguments
from finale.validate.calls import check_call, check_call_tags
from finale.validate.hooks import check_hooks
from finale.validate.job import Job, Visit, Visits
from finale.validate.loops import check_loop, check_when, is_aggregated, item_names
from finale.validate.names import name_fault
from finale.validate.outputs import export
from finale.validate.references import Call, Target
from finale.validate.scope import Scope, Verdict
from finale.validate.texts import fill, has_tags

__all__ = ["Steps", "check_steps"]


class Steps:
    """The steps read so far: what each leaves, and in which group it stands."""

    word = "steps"

    def __init__(self) -> None:
        self._left: dict[str, tuple[int, frozenset[str]]] = {}
        self.group = 0
        self.own = ""
        """The step whose hooks are looked at: its own results are there for them."""

    def judge(self, node: str, attribute: str) -> Verdict:
        """Earlier groups are known, the present one only loosely, the step itself to its hooks."""
        group, attributes = self._left.get(node, (0, frozenset()))
        if attribute not in attributes:
            return Verdict.UNKNOWN
        return Verdict.KNOWN if group < self.group or node == self.own else Verdict.LOOSE

    def attributes(self, node: str) -> frozenset[str]:
        """What the step leaves."""
        return self._left.get(node, (0, frozenset()))[1]

    def nodes(self) -> Iterator[str]:
        """The steps that can be read here."""
        return (name for name, (group, _) in self._left.items() if group < self.group or name == self.own)

    def leave(self, name: str, attributes: frozenset[str]) -> None:
        """The step `name` has been read and leaves this."""
        self._left[name] = (self.group, attributes)


def check_steps(job: Job, target: Target, scope: Scope) -> Visits:
    """A template of steps; `scope` gets its steps."""
    steps = Steps()
    scope.nodes = steps
    names: set[str] = set()
    for group, members in enumerate(target.template.steps or ()):
        steps.group = group
        for position, step in enumerate(members):
            path = f"{target.path}.steps[{group}][{position}]"
            yield from _check_step(job, target, step, group, path, scope, steps, names)
    steps.group += 1


def _check_step(
    job: Job, target: Target, step: WorkflowStep, group: int, path: str, scope: Scope, steps: Steps, names: set[str]
) -> Visits:
    found = target.holder.found
    name = fill(step.name, scope.value_of) if has_tags(step.name) and step.name else step.name or ""
    label, prefix = f"{target.label}.steps[{group}].{step.name or ''}", f"{target.label}.steps[{group}].name"
    if not step.name:
        found.error(path, "the step has no name", argo=f"{prefix} is required")
    elif name in names:
        found.error(f"{path}.name", f'two steps named "{step.name}"', argo=f"{prefix} '{step.name}' is not unique")
    elif fault := name_fault(name):
        found.error(
            f"{path}.name",
            f'"{step.name}" cannot be the name of a step',
            argo=f"{prefix} '{step.name}' is invalid: {fault}",
        )
    names.add(name)
    check_loop(found, path, label, step)
    check_when(found, path, step.when)
    check_arguments(found, f"{path}.arguments", f"{label}.arguments", step.arguments)
    items = item_names(step)
    own = scope.with_names(items)
    callee = job.library.find(Call.of(step, target.holder, path, label, own))
    if callee is not None:
        yield Visit(callee)
        if not step.when and not item_names(step):
            job.certain.setdefault(target.key, {}).setdefault(callee.key, path)
    left = job.attributes(callee.template if callee else None, aggregate=is_aggregated(step))
    has_exit = bool(step.on_exit) or "exit" in (step.hooks or {})
    steps.leave(name, (left if has_exit else frozenset()) | {"status"})
    check_call_tags(found, step, path, f"{target.label}.steps", own)
    steps.leave(name, left | {"status"})
    steps.own = name
    job.later += check_hooks(job, step, target.holder, found, path, label, own)
    steps.own = ""
    export(job.globals, callee.template if callee else None)
    check_call(job, found, step, callee, path, label, own)
    scope.loose |= items
