"""Nodes of a run → the trees that `get` and `watch` draw: which node stands below which, in what order.

Rule 1: an attempt stands below its Retry node, a step below its group, all else below its boundary.
Rule 2: the run's root comes first, its exit handler `W.onExit` is a tree of its own. What has no place (hooks of the
run itself) stands below the root: nothing is left out.
Rule 3: brothers stand in the order of their start. Times in a status are whole seconds; within one, what comes later
along the edges stands later, then names and item numbers decide.
Rule 4: step groups, task groups, Retry nodes with a single child and omitted nodes are not drawn; the children of what
is not drawn take its place (`finale.cli.show.tree`).

Source: what `argo get` prints, in argo-cli-transcripts.md; §9.7 of argo-semantics.md.
"""

import re
from collections import deque
from collections.abc import Mapping
from typing import Any

__all__ = ["Branch", "grow"]

NodeJson = dict[str, Any]

_ITEM = re.compile(r"^(.*)\((\d+)(?::.*)?\)$", re.DOTALL)


class Branch:
    """A node and the nodes drawn below it, in order."""

    __slots__ = ("children", "node")

    def __init__(self, node: NodeJson) -> None:
        self.node = node
        self.children: list[Branch] = []


def grow(name: str, nodes: Mapping[str, NodeJson]) -> list[Branch]:
    """The trees of the run `name`: its root, then its exit handler if that has started. Empty before the root exists."""
    if name not in nodes:
        return []
    branches = {node_id: Branch(node) for node_id, node in nodes.items() if not _is_loop(node)}
    parents = {
        child: node_id
        for node_id, node in nodes.items()
        if node.get("type") in ("StepGroup", "Retry")
        for child in node.get("children") or ()
    }
    handler_name = f"{name}.onExit"
    handler: Branch | None = None
    root = branches[name]
    for node_id, branch in branches.items():
        if branch is root:
            continue
        boundary = parents.get(node_id) or branch.node.get("boundaryID") or ""
        if not boundary and branch.node.get("name") == handler_name:
            handler = branch
            continue
        above = branches.get(boundary)
        (root if above is None or above is branch else above).children.append(branch)
    ranks = _ranks(nodes)
    for branch in branches.values():
        branch.children.sort(key=lambda child: _order(child.node, ranks))
    return [root] if handler is None else [root, handler]


def _is_loop(node: NodeJson) -> bool:
    """Items of a task's loop stand directly below the DAG, so their TaskGroup node is only drawn when it has none."""
    return node.get("type") == "TaskGroup" and bool(node.get("children"))


def _order(node: NodeJson, ranks: Mapping[str, int]) -> tuple[str, int, str, int, str]:
    name = str(node.get("displayName") or node.get("name") or "")
    item = _ITEM.match(name)
    base, index = (item[1], int(item[2])) if item else (name, -1)
    return (str(node.get("startedAt") or ""), ranks.get(str(node.get("id")), 0), base, index, name)


def _ranks(nodes: Mapping[str, NodeJson]) -> dict[str, int]:
    """Length of the longest way along the edges to each node."""
    incoming = dict.fromkeys(nodes, 0)
    for node in nodes.values():
        for child in node.get("children") or ():
            if child in incoming:
                incoming[child] += 1
    ranks = {node_id: 0 for node_id, count in incoming.items() if not count}
    ready = deque(ranks)
    while ready:
        node_id = ready.popleft()
        for child in nodes[node_id].get("children") or ():
            if child not in incoming:
                continue
            ranks[child] = max(ranks.get(child, 0), ranks[node_id] + 1)
            incoming[child] -= 1
            if not incoming[child]:
                ready.append(child)
    return ranks
