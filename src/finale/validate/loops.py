"""What a loop makes of a step or task, and its condition: `withItems`, `withParam`, `withSequence`, `when`.

Source: addItemsToScope in argo-workflows workflow/validate/validate.go; spec/argo-semantics.md §4.4, §4.6.
"""

import json

from finale.expr.errors import WhenInvalid
from finale.expr.when import evaluate_when
from finale.spec.generated.argo import DAGTask, WorkflowStep
from finale.spec.values import int_or_string
from finale.validate.findings import Findings
from finale.validate.scope import ITEM_ANY
from finale.validate.texts import has_tags

__all__ = ["check_loop", "check_when", "is_aggregated", "item_names"]


def is_aggregated(owner: WorkflowStep | DAGTask) -> bool:
    """Whether the results of its items can be read as lists; Argo's lint forgets `withSequence` here."""
    return bool(owner.with_items) or bool(owner.with_param)


def item_names(owner: WorkflowStep | DAGTask) -> set[str]:
    """The variables that the loop makes."""
    if owner.with_items:
        names: set[str] = set()
        for item in owner.with_items:
            if isinstance(item, dict):
                names |= {f"item.{key}" for key in item}
            elif isinstance(item, list):
                names |= {f"item.[{index}]" for index in range(len(item))}
            else:
                names.add("item")
        return names
    if owner.with_param:
        return {"item", ITEM_ANY}
    return {"item"} if owner.with_sequence is not None else set()


def check_loop(found: Findings, path: str, label: str, owner: WorkflowStep | DAGTask) -> None:
    """One way to loop, and that one as it should be. `label` is Argo's prefix."""
    ways = {"withItems": bool(owner.with_items), "withParam": bool(owner.with_param)}
    ways["withSequence"] = owner.with_sequence is not None
    given = [way for way, is_given in ways.items() if is_given]
    if len(given) > 1:
        argo = f"{label} only one of withItems, withParam, withSequence can be specified"
        found.error(f"{path}.{given[1]}", f"{len(given)} loops on one step: {', '.join(given)}", argo=argo)
    if owner.with_param and not has_tags(owner.with_param):
        _check_param(found, f"{path}.withParam", owner.with_param)
    sequence = owner.with_sequence
    if sequence is None:
        return
    where = f"{path}.withSequence"
    if sequence.count is not None and sequence.end is not None:
        argo = f"{label} only one of count or end can be defined in withSequence"
        found.error(where, 'the sequence has both "count" and "end"', argo=argo)
    if sequence.count is None and sequence.end is None:
        found.warning(where, "neither end nor count was specified in withSequence", hint="The run will fail there")
    for name, value in (("start", sequence.start), ("end", sequence.end), ("count", sequence.count)):
        if isinstance(value, str) and not has_tags(value) and isinstance(int_or_string(value), str):
            found.warning(f"{where}.{name}", f'"{value}" is not a whole number', hint="The run will fail there")


def _check_param(found: Findings, path: str, text: str) -> None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = text
    if value is not None and not isinstance(value, list):
        found.warning(path, "withParam value could not be parsed as a JSON list", hint="The run will fail there")


def check_when(found: Findings, path: str, when: str | None) -> None:
    """A condition that holds no tag comes out the same each time, so a mistake in it shows now."""
    if not when or has_tags(when):
        return
    try:
        evaluate_when(when)
    except WhenInvalid as error:
        found.warning(f"{path}.when", error.brief, hint="The run will fail there")
