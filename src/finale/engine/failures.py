"""`workflow.failures`: every Failed or Error node, for the run's own handlers (§2.3).

The value is JSON quoted as a Go string literal, ``"null"`` without failures: kept as in Argo (D27). Sorted by the time
of the end, then by name, where Argo's order is random. `workflow.failuresJson` is the plain list, ``[]`` for none.
"""

import json

from finale.engine.turn import Turn
from finale.ids import pod_name
from finale.units import format_time

__all__ = ["failures_json", "failures_text"]


def failures_json(turn: Turn) -> str:
    """The plain JSON list."""
    state = turn.state
    bad = [node for node in state.nodes.values() if node.phase in ("Failed", "Error")]
    bad.sort(key=lambda node: (node.finished_ns, node.name))
    entries = []
    for node in bad:
        template = str((node.template_ref or {}).get("template") or node.template_name)
        entries.append(
            {
                "displayName": node.display_name,
                "message": node.message,
                "templateName": template,
                "phase": node.phase,
                "podName": pod_name(state.name, node.name, template),
                "finishedAt": format_time(node.finished_ns) if node.finished_ns else None,
            }
        )
    return json.dumps(entries, separators=(",", ":"), ensure_ascii=False)


def failures_text(turn: Turn) -> str:
    """Argo's value: the JSON text as a Go string literal."""
    text = failures_json(turn)
    return json.dumps("null" if text == "[]" else text, ensure_ascii=False)
