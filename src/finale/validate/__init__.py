"""Every rule that a manifest must meet. All Problems come at once; nothing is raised.

    workflow.py     the whole: kinds, arguments, entrypoint, handlers, the order of things
    visit.py        one template after the other, each once
    references.py   from a name to a template, here or in a stored definition
    scope.py        which variables a place sees; expressions.py and texts.py judge tags by it
    steps.py dag.py leaf.py hooks.py loops.py calls.py    what a template is made of
    arguments.py outputs.py artifacts.py                  what goes in and comes out
    names.py limits.py metrics.py settings.py cron.py images.py    the rest, by theme

What Argo's lint refuses is an error here, so that a manifest that passes here passes there; what it lets through although it
cannot come out is a warning (spec/argo-semantics.md §8.9, and the rows D22–D24, D31 and D46 of §12).
"""

from finale.validate.definitions import Definitions
from finale.validate.workflow import Validatable, validate, validate_document

__all__ = ["Definitions", "Validatable", "validate", "validate_document"]
