"""Retry strategies (§6.1; argo-workflows operator.go, ``processNodeRetries``).

A node with a strategy is of type Retry and its tries are its children. After a bad try the checks come in Argo's order,
except that whether there will be another try is decided before a backoff is waited for (D39), and that work of exit
handlers is tried again after a stop or a deadline (D12).
"""

import re

from finale.engine.nodes import last_attempt, move
from finale.engine.phases import is_bad
from finale.engine.scope import BodyScope, render_tree, seconds_text
from finale.engine.start import request_node
from finale.engine.state import CallRequest, Node, RetryFrame
from finale.engine.turn import Turn
from finale.expr.errors import ExpressionError
from finale.expr.program import compile_expression
from finale.expr.tags import FlatScope
from finale.plan.model import Retry
from finale.plan.read import read_retry
from finale.spec.values import any_string
from finale.units import format_time, humanize, parse_duration

__all__ = ["attempt_settled", "backoff_over", "begin"]

_TRANSIENT = re.compile(
    r"i/o timeout|connection reset by peer|connection refused|TLS handshake timeout|etcdserver: |"
    r"exceeded quota|the object has been modified|transport is closing|net/http: request canceled|EOF",
    re.IGNORECASE,
)
_LONGEST_NS = 2**63 - 1


def begin(turn: Turn, node: Node) -> None:
    """A Retry node was made: its first try follows."""
    node.frame = RetryFrame()
    _try(turn, node)


def _try(turn: Turn, node: Node) -> None:
    frame = node.frame
    assert isinstance(frame, RetryFrame)
    number = frame.attempts
    frame.attempts += 1
    request = CallRequest(f"{node.name}({number})", node.id, "attempt", node.boundary, node.key, node.template_name)
    request.template_ref, request.scope, request.index = node.template_ref, node.template_scope, number
    request.call, request.on_exit, request.outer, request.inline = node.call, node.on_exit, node.outer, node.inline
    request_node(turn, request)


def attempt_settled(turn: Turn, node: Node) -> None:
    """The newest try has ended: the node ends with it, or tries again now or later."""
    attempt = last_attempt(turn, node)
    assert attempt is not None
    if not is_bad(attempt.phase):
        _take(turn, node, attempt, "Succeeded", "")
        return
    try:
        strategy = _strategy(turn, node)
        verdict, wait_ns = _judge(turn, node, attempt, strategy)
    except (ValueError, ExpressionError) as error:
        node.fault = True
        _take(turn, node, attempt, "Error", error.brief if isinstance(error, ExpressionError) else str(error))
        return
    if verdict is not None:
        node.fault = attempt.fault and verdict == attempt.message
        _take(turn, node, attempt, attempt.phase, verdict)
    elif wait_ns > 0:
        frame = node.frame
        assert isinstance(frame, RetryFrame)
        frame.not_before_ns = attempt.finished_ns + wait_ns
        node.message = f"Backoff for {humanize(wait_ns)}"
        turn.state.changed.add(node.id)
        turn.set_timer(f"retry:{node.id}", frame.not_before_ns)
    else:
        _try(turn, node)


def _strategy(turn: Turn, node: Node) -> Retry:
    template = turn.template(node)
    assert template.retry is not None
    body = render_tree(template.retry.body, BodyScope(turn, node, template), turn, node.name)
    strategy = template.retry if body is template.retry.body else read_retry(body)
    assert strategy is not None
    return strategy


def backoff_over(turn: Turn, node: Node) -> None:
    """The wait before the next try has passed."""
    frame = node.frame
    if node.phase != "Running" or not isinstance(frame, RetryFrame) or not frame.not_before_ns:
        return
    frame.not_before_ns = 0
    node.message = ""
    turn.state.changed.add(node.id)
    _try(turn, node)


def _take(turn: Turn, node: Node, attempt: Node, phase: str, message: str) -> None:
    """The Retry node ends with the outputs of its last try, whatever the outcome."""
    node.outputs, node.result, node.exit_code = attempt.outputs, attempt.result, attempt.exit_code
    node.output_artifacts = attempt.output_artifacts
    move(turn, node, phase, message)


def _judge(turn: Turn, node: Node, attempt: Node, strategy: Retry) -> tuple[str | None, int]:
    """(message, 0) if the node ends with this try, else (None, nanoseconds to wait). Raises ValueError, ExpressionError."""
    frame = node.frame
    assert isinstance(frame, RetryFrame)
    over = _no_more_time(turn, node)
    if over:
        return over, 0
    wait_ns, first = 0, turn.node(node.children[0])
    if strategy.backoff is not None:
        wait_ns, over = _backoff(turn, attempt, first, strategy.backoff, frame.attempts)
        if over:
            return over, 0
    if not _policy_allows(strategy, attempt):
        return attempt.message, 0
    if strategy.limit is not None and frame.attempts > _number(strategy.limit):
        return "No more retries left", 0
    if strategy.expression:
        scope = FlatScope(_facts(frame.attempts, attempt))
        program = compile_expression(strategy.expression)
        if not program.evaluate_bool(scope.environment(), turn.surroundings(node.name)):
            return "retryStrategy.expression evaluated to false", 0
    return None, wait_ns


def _no_more_time(turn: Turn, node: Node) -> str:
    state = turn.state
    if turn.is_shut(node):
        return f"Stopped with strategy '{state.shutdown}'"
    if state.late and not node.on_exit:
        return f"retry exceeded workflow deadline {format_time(state.deadline_ns).replace('T', ' ').replace('Z', ' +0000 UTC')}"
    return ""


def _backoff(turn: Turn, attempt: Node, first: Node, backoff: dict[str, object], attempts: int) -> tuple[int, str]:
    """(nanoseconds to wait, why there will be no further try)."""
    end_ns = 0
    if backoff.get("maxDuration"):
        end_ns = first.started_ns + parse_duration(any_string(backoff["maxDuration"]), bare_seconds=True)
        if turn.now > end_ns:
            return 0, "Max duration limit exceeded"
    if not backoff.get("duration"):
        raise ValueError("no base duration specified for retryStrategy")
    wait_ns = parse_duration(any_string(backoff["duration"]), bare_seconds=True)
    factor = backoff.get("factor")
    if factor is not None and _number(factor) > 0:
        wait_ns = min(wait_ns * _number(factor) ** min(attempts - 1, 64), _LONGEST_NS)
    if backoff.get("cap"):
        wait_ns = min(wait_ns, parse_duration(any_string(backoff["cap"]), bare_seconds=True))
    if end_ns and attempt.finished_ns + wait_ns > end_ns:
        return 0, "Backoff would exceed max duration limit"
    return wait_ns, ""


def _policy_allows(strategy: Retry, attempt: Node) -> bool:
    policy = strategy.effective_policy
    match policy:
        case "Always":
            return True
        case "OnFailure":
            return attempt.phase == "Failed"
        case "OnError":
            return attempt.phase == "Error"
        case "OnTransientError":
            return _TRANSIENT.search(attempt.message) is not None
    raise ValueError(f"{policy} is not a valid RetryPolicy")


def _number(value: object) -> int:
    text = any_string(value)
    if not re.fullmatch(r"[+-]?\d+", text):
        raise ValueError(f'strconv.ParseInt: parsing "{text}": invalid syntax')
    return int(text)


def _facts(attempts: int, attempt: Node) -> dict[str, object]:
    """What a retry expression sees, and nothing else (§2.6)."""
    return {
        "retries": str(attempts - 1),
        "lastRetry.exitCode": attempt.exit_code if attempt.exit_code is not None else "-1",
        "lastRetry.status": attempt.phase,
        "lastRetry.duration": seconds_text(attempt),
        "lastRetry.message": attempt.message,
    }
