"""Facts that hold after every event. Tests check them always; a broken one is a defect of ours, never of a manifest."""

from finale.engine.phases import COMPLETED, FULFILLED
from finale.engine.state import DagFrame, GroupFrame, LoopFrame, Node, RunState, StepsFrame

__all__ = ["broken_rules"]


def broken_rules(state: RunState) -> list[str]:
    """One sentence for each rule that does not hold; costs as much as there are nodes."""
    found: list[str] = []
    for node in state.nodes.values():
        found.extend(_broken_node(state, node))
    found.extend(_broken_debts(state))
    found.extend(_broken_counters(state))
    if state.finished:
        found.extend(_broken_end(state))
    return found


def _broken_node(state: RunState, node: Node) -> list[str]:
    found = []
    if (node.phase in FULFILLED) != bool(node.finished_ns):
        found.append(f"{node.name} is {node.phase} and finished at {node.finished_ns}")
    if node.finished_ns and node.finished_ns < node.started_ns:
        found.append(f"{node.name} finished before it started")
    if node.id in state.leaves and node.phase in FULFILLED:
        found.append(f"{node.name} is {node.phase} and still counted as a running leaf")
    found.extend(
        f"{node.name} has a child {child} that does not exist" for child in node.children if child not in state.nodes
    )
    if node.phase in FULFILLED and isinstance(node.frame, StepsFrame | DagFrame | GroupFrame | LoopFrame):
        found.extend(_broken_parent(state, node))
    if node.owner and node.owner not in state.nodes:
        found.append(f"{node.name} has an owner {node.owner} that does not exist")
    return found


def _broken_parent(state: RunState, parent: Node) -> list[str]:
    """Nothing below a composite that has ended may still work, or be owed."""
    found = []
    for child_id in parent.children:
        child = state.nodes.get(child_id)
        if child is None or child.owner != parent.id or child.role in ("hook", "exit"):
            continue
        if child.phase not in FULFILLED:
            found.append(f"{parent.name} is {parent.phase} while {child.name} is {child.phase}")
        if child.site is not None and (child.site.open or child.site.exit in ("owed", "running")):
            found.append(f"{parent.name} is {parent.phase} while {child.name} still has a handler to run")
    return found


def _broken_debts(state: RunState) -> list[str]:
    found = []
    for handler_id, debt in state.debts.items():
        work, handler = state.nodes.get(debt.work), state.nodes.get(handler_id)
        if work is None:
            found.append(f"a handler is owed for {debt.work}, which does not exist")
            continue
        if handler is not None and work.phase not in FULFILLED:
            found.append(f"{handler.name} exists while its work is {work.phase}")
        if handler is not None and work.finished_ns > handler.started_ns:
            found.append(f"{handler.name} began before its work ended")
        if debt.phase == "paid" and (handler is None or handler.phase not in FULFILLED):
            found.append(f"the handler of {work.name} is said to be paid and is not")
        if debt.phase == "waived" and (not debt.reason or handler is not None):
            found.append(f"the handler of {work.name} is waived without a reason, or exists all the same")
        if work.site is None or work.site.exit != debt.phase:
            found.append(f"{work.name} and its debt disagree: {debt.phase}")
    return found


def _broken_counters(state: RunState) -> list[str]:
    pods = sum(node.type == "Pod" and node.phase in ("Pending", "Running") for node in state.nodes.values())
    done = sum(node.phase == "Succeeded" and node.type in _WORK for node in state.nodes.values())
    found = []
    if pods != state.active_pods:
        found.append(f"{state.active_pods} pods are counted, {pods} are there")
    if done != state.work_done:
        found.append(f"{state.work_done} done are counted, {done} are there")
    return found


_WORK = ("Pod", "HTTP", "Plugin", "Container", "Suspend")


def _broken_end(state: RunState) -> list[str]:
    found = [
        f"the run is {state.phase} while {n.name} is {n.phase}"
        for n in state.nodes.values()
        if n.phase not in FULFILLED
    ]
    found += [
        f"the run is {state.phase} while the handler of {debt.work} is {debt.phase}"
        for debt in state.debts.values()
        if debt.phase not in ("paid", "waived")
    ]
    if state.phase not in COMPLETED:
        found.append(f"the run has ended as {state.phase}")
    if state.leaves or state.timers or state.agenda or state.waiting:
        found.append("the run has ended with leaves, timers or calls still open")
    return found
