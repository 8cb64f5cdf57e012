"""Progress figures ``N/M``: of the run from its counters, of composite nodes from what is below them (§1.8)."""

from finale.engine.state import Node, RunState

__all__ = ["progress_below", "run_progress"]

_WORK = frozenset({"Pod", "HTTP", "Plugin", "Container", "Suspend"})


def run_progress(state: RunState) -> str:
    """Over all nodes that work, handlers included; empty before there is any."""
    return f"{state.work_done}/{state.work_total}" if state.work_total else ""


def progress_below(state: RunState) -> dict[str, str]:
    """Progress of every node by its id; composites sum what carries them as boundary or owner."""
    done: dict[str, int] = {}
    total: dict[str, int] = {}
    own: dict[str, str] = {}
    for node in reversed(list(state.nodes.values())):
        if node.type in _WORK:
            count, whole = _own(node)
            own[node.id] = f"{count}/{whole}"
        else:
            count, whole = done.get(node.id, 0), total.get(node.id, 0)
            own[node.id] = f"{count}/{whole}" if whole else ""
        # The exit handler of the run is a tree of its own; every other node counts for the one it belongs to.
        if node.owner and not (node.role == "exit" and node.owner == state.name):
            done[node.owner] = done.get(node.owner, 0) + count + (done.get(node.id, 0) if node.type in _WORK else 0)
            total[node.owner] = total.get(node.owner, 0) + whole + (total.get(node.id, 0) if node.type in _WORK else 0)
    return own


def _own(node: Node) -> tuple[int, int]:
    count, _, whole = (node.progress or "0/1").partition("/")
    try:
        numbers = int(count), int(whole)
    except ValueError:
        numbers = 0, 1
    return (numbers[1], numbers[1]) if node.phase in ("Succeeded", "Skipped", "Omitted") else numbers
