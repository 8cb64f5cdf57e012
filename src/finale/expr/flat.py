"""Flat names to nested maps: ``inputs.parameters.x`` becomes ``inputs`` → ``parameters`` → ``x``.

Where both ``a`` and ``a.b`` exist the less specific name gives way, so `workflow.parameters` (a JSON text) cannot be read in
an expression, but `workflow.parameters.json` can. Argo drops it only if the two are neighbours in sorted order and
otherwise leaves the choice to chance; here the more specific always wins.

Source: argo-workflows util/expand; github.com/doublerebel/bellows.
"""

from collections.abc import Mapping
from typing import Any

__all__ = ["expand", "merge"]


def expand(values: Mapping[str, object]) -> dict[str, Any]:
    """Nested maps of a flat one."""
    root: dict[str, Any] = {}
    made: set[int] = {id(root)}  # maps of ours, apart from maps that are values
    for name, value in values.items():
        holder = root
        *parts, last = name.split(".")
        for part in parts:
            if id(holder.get(part)) not in made:
                holder[part] = {}
                made.add(id(holder[part]))
            holder = holder[part]
        if id(holder.get(last)) not in made:
            holder[last] = value
    return root


def merge(outer: Mapping[str, Any], inner: Mapping[str, Any]) -> dict[str, Any]:
    """Both; where names meet, maps are merged, a map wins over a plain value, and else `inner` wins."""
    merged = dict(outer)
    for name, value in inner.items():
        other = merged.get(name)
        if isinstance(other, Mapping) and isinstance(value, Mapping):
            merged[name] = merge(other, value)
        elif not isinstance(other, Mapping):
            merged[name] = value
    return merged
