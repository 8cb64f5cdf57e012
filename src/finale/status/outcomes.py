"""The two outcomes of a run: of its work and of its handlers (G4). Argo's phase is a mixture of both (§2.2)."""

from finale.engine.state import RunState

__all__ = ["handlers_outcome", "waivers", "work_outcome"]


def work_outcome(state: RunState) -> str:
    """The phase of the root node, where Skipped and Omitted count as Succeeded; the run's own if it has none."""
    root = state.nodes.get(state.name)
    if root is None:
        return state.phase
    return "Succeeded" if root.phase in ("Skipped", "Omitted") else root.phase


def handlers_outcome(state: RunState) -> str:
    """``None`` without any exit handler, else the worst of them: Error, Failed, Running, Waived, Succeeded."""
    found = set()
    for handler, debt in state.debts.items():
        node = state.nodes.get(handler)
        if debt.phase == "waived":
            if debt.reason.startswith("the run was terminated"):
                found.add("Waived")
        elif node is None or debt.phase != "paid":
            found.add("Running")
        else:
            found.add(node.phase if node.phase in ("Failed", "Error") else "Succeeded")
    for phase in ("Error", "Failed", "Running", "Waived", "Succeeded"):
        if phase in found:
            return phase
    return "None"


def waivers(state: RunState) -> list[str]:
    """One sentence for each handler that will not run, with the reason."""
    return [
        f"exit handler of {state.nodes[debt.work].name if debt.work in state.nodes else debt.work} waived: {debt.reason}"
        for debt in state.debts.values()
        if debt.phase == "waived"
    ]
