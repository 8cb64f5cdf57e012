"""The texts of a manifest that hold tags, with their paths; and what they come to once constants are filled in.

Argo replaces what it knows before it looks: ``{{steps.run-{{workflow.parameters.day}}.status}}`` is judged with the day in
its place (`ProcessArgs` in argo-workflows workflow/common/util.go, which validation calls with stand-ins).
"""

from collections.abc import Callable, Iterator
from typing import Any

from finale.expr.tags import compile_text
from finale.spec.paths import child_path

__all__ = ["LONGEST_CONSTANT", "fill", "has_tags", "tagged_texts"]

LONGEST_CONSTANT = 4_096
"""Values longer than this are not filled in: no name, image or target is, and many tags would make a text of any size."""

_MOST_ROUNDS = 4
"""Argo replaces twice in a template and once in a step; more nesting than that never comes to anything."""


def has_tags(text: str | None) -> bool:
    """Whether there is a tag, or what might be one, in `text`."""
    return text is not None and "{{" in text


def tagged_texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Path and text of every text below `value` (plain JSON) that holds a tag; keys of objects count as texts."""
    if isinstance(value, str):
        if "{{" in value:
            yield path, value
    elif isinstance(value, dict):
        for key, part in value.items():
            if isinstance(part, str):
                if "{{" in part:
                    yield child_path(path, key), part
            elif isinstance(part, dict | list):
                yield from tagged_texts(part, child_path(path, key))
            if "{{" in key:
                yield path, key
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from tagged_texts(part, f"{path}[{index}]")


def fill(text: str, value_of: Callable[[str], str | None]) -> str:
    """`text` with every simple tag that has a value replaced, from the inside out; the rest stays as it is."""
    for _ in range(_MOST_ROUNDS):
        pieces: list[str] = []
        position = 0
        for tag in compile_text(text).tags:
            if tag.is_expression:
                continue
            outer, nested, inner = tag.name.rpartition("{{")
            value = value_of(inner if nested else tag.name)
            if value is not None:
                pieces += [text[position : tag.start], f"{{{{{outer}{value}" if nested else value]
                position = tag.end
        if not pieces:
            return text
        text = "".join(pieces) + text[position:]
    return text
