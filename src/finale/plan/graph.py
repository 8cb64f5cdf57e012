"""Order in a DAG: targets, ancestors, what has to run. Answers are computed once per template and kept."""

from finale.plan.model import Template

__all__ = ["ancestors", "leaf_tasks", "needed_tasks"]


def ancestors(template: Template, task: str) -> frozenset[str]:
    """Every task that `task` depends on, directly or not."""
    known = template.ancestry
    found = known.get(task)
    if found is None:
        seen: set[str] = set()
        stack = list(template.tasks[task].dependencies)
        while stack:
            name = stack.pop()
            if name not in seen and name in template.tasks:
                seen.add(name)
                stack.extend(template.tasks[name].dependencies)
        found = known[task] = frozenset(seen)
    return found


def leaf_tasks(template: Template) -> tuple[str, ...]:
    """Tasks on which none depends, sorted: the targets of a DAG that names none."""
    return tuple(sorted(name for name, task in template.tasks.items() if not task.dependents))


def needed_tasks(template: Template, targets: tuple[str, ...]) -> set[str]:
    """The targets and all they depend on; nothing else of the DAG runs."""
    needed: set[str] = set()
    stack = [name for name in targets if name in template.tasks]
    while stack:
        name = stack.pop()
        if name not in needed:
            needed.add(name)
            stack.extend(dep for dep in template.tasks[name].dependencies if dep in template.tasks)
    return needed
