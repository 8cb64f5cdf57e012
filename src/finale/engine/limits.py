"""Who may start now: `spec.parallelism`, and `parallelism` and `failFast` of a Steps or DAG template (§6.10).

What may not is kept in order and started as soon as there is room; hooks and exit handlers too, so that a limit never
turns into an error (D10). After a failure under `failFast` no further step or task starts; handlers still do (D11).
"""

from finale.engine.state import CallRequest, DagFrame, Pending, StepsFrame
from finale.engine.turn import Turn

__all__ = ["FAIL_FAST", "admits", "next_admitted"]


FAIL_FAST = "template has failed or errored children and failFast enabled"
"""Argo's text for a boundary that `failFast` ended."""


def admits(turn: Turn, request: CallRequest) -> bool:
    """Whether the call may start; if not it is queued where the limit lies, or refused for good by `failFast`."""
    state = turn.state
    if _is_failing(turn, request):
        state.agenda.append(Pending("refused", request.owner))
        return False
    if turn.plan.parallelism is not None and state.active_pods >= turn.plan.parallelism:
        state.waiting.put(request)
        return False
    boundary = state.nodes.get(request.boundary)
    if boundary is None or not isinstance(boundary.frame, StepsFrame | DagFrame):
        return True
    limit = turn.template(boundary).parallelism
    if limit is not None and boundary.frame.active >= limit:
        boundary.frame.waiting.put(request)
        return False
    return True


def _is_failing(turn: Turn, request: CallRequest) -> bool:
    boundary = turn.state.nodes.get(request.boundary)
    if request.role not in ("call", "item") or boundary is None:
        return False
    return isinstance(boundary.frame, StepsFrame | DagFrame) and boundary.frame.failing


def _refuse_waiting(turn: Turn, frame: StepsFrame | DagFrame) -> None:
    """Under `failFast` steps and tasks that wait will not start any more; handlers keep their place."""
    for _ in range(len(frame.waiting)):
        request = frame.waiting.take()
        if _is_failing(turn, request):
            turn.state.agenda.append(Pending("refused", request.owner))
        else:
            frame.waiting.put(request)


def next_admitted(turn: Turn) -> CallRequest | None:
    """The oldest deferred call that may start now, taken from its queue; None when there is none.

    Costs what is started plus the boundaries in which something ended, not what waits.
    """
    state = turn.state
    while state.crowded:
        boundary = state.nodes[next(iter(state.crowded))]
        frame = boundary.frame
        assert isinstance(frame, StepsFrame | DagFrame)
        limit = turn.template(boundary).parallelism
        if frame.failing:
            _refuse_waiting(turn, frame)
        if frame.waiting and (limit is None or frame.active < limit):
            request = frame.waiting.take()
            if admits(turn, request):
                return request
            continue
        del state.crowded[boundary.id]
    limit = turn.plan.parallelism
    while state.waiting and (limit is None or state.active_pods < limit):
        request = state.waiting.take()
        if admits(turn, request):
            return request
    return None
