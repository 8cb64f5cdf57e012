"""A watch that is not on a terminal: one line for each change of a node's phase, in the order in which they came.

A line is never repeated, also when a watch begins anew after the engine was restarted: what has been said is remembered.
Step groups are not named, for they do no work and Argo's tree hides them too.
"""

from collections.abc import Callable, Iterator
from typing import Any

from finale.cli.show.columns import visible
from finale.cli.show.moments import local_time, short_duration
from finale.cli.show.symbols import Palette, sign_of

__all__ = ["Changes"]


class Changes:
    """Remembers each node's last phase; `take` gives the lines that are new."""

    def __init__(self, palette: Palette, keep: Callable[[dict[str, Any]], bool] | None = None) -> None:
        self._palette = palette
        self._keep = keep
        self._phases: dict[str, str] = {}

    def take(self, run: str, nodes: dict[str, dict[str, Any]]) -> Iterator[str]:
        """The lines for those of the nodes, by id, that are in another phase than when they were last seen."""
        for node_id, node in nodes.items():
            phase = str(node.get("phase") or "")
            if not phase or node.get("type") == "StepGroup" or self._phases.get(node_id) == phase:
                continue
            self._phases[node_id] = phase
            if self._keep is None or self._keep(node):
                yield self._line(run, node, phase)

    def _line(self, run: str, node: dict[str, Any], phase: str) -> str:
        sign = sign_of(node, self._palette)
        finished = node.get("finishedAt")
        parts = [
            local_time(finished or node.get("startedAt")),
            self._palette.paint(f"{sign.text} {phase:<9}" if self._palette.utf8 else f"{phase:<9}", sign.paint),
            _short_name(run, str(node.get("name") or node.get("displayName") or "")),
        ]
        if finished and node.get("type") != "Skipped":
            parts.append(short_duration(node.get("startedAt"), finished))
        message = visible(str(node.get("message") or ""))
        if sign.text == "ǁ" or sign.text == "Suspend":
            message = (
                message or f"waits: finale resume {run} --node-field-selector displayName={node.get('displayName')}"
            )
        if message:
            parts.append(message)
        return "  ".join(parts)


def _short_name(run: str, name: str) -> str:
    """A node's name without the run's in front; the run's own exit handler keeps it, as in the tree."""
    rest = name.removeprefix(run)
    if rest == name or not rest or rest.startswith(".onExit"):
        return visible(name)
    return visible(rest.removeprefix("."))
