"""Exit handlers: what is owed when work ends, and when the debt is paid. The heart of the guarantee (docs/guarantee.md).

The debt is written down when the node is made (`sites.new_site`). From then on the node cannot be settled, so nothing
above it can end, until `begin` has turned the debt into a handler node or a waiver with its reason, and that node is
settled. Every ending of work comes here: success, failure, error, deadline, stop, a lost process.

**An exit handler runs although the deadline passed**: `on_exit` work is exempt from the run's deadline
(`leaf.may_run`, `deadlines.run_deadline`), and a run that is late still comes through `work_ended` below.
"""

from finale.engine.deadlines import watch_handler
from finale.engine.hooks import handler_request, own_scope
from finale.engine.phases import COMPLETED
from finale.engine.sites import exit_hook_of, handler_id
from finale.engine.start import request_node
from finale.engine.state import CallRequest, Node, Pending
from finale.engine.turn import Turn
from finale.expr.errors import ExpressionError
from finale.expr.program import compile_expression

__all__ = ["handler_settled", "is_settled", "waive", "work_ended"]


def is_settled(node: Node) -> bool:
    """Whether the work is over and nothing that belongs to it is open or owed: the only leave to go past a node."""
    site = node.site
    return node.finished_ns != 0 and (site is None or (not site.open and site.exit not in ("owed", "running")))


def work_ended(turn: Turn, node: Node) -> None:
    """The node is fulfilled, or something its site waited for is done: start the handler, or settle the node."""
    site = node.site
    if site is None:
        turn.state.agenda.append(Pending("settled", node.id))
        return
    if site.open:
        return
    if site.exit == "owed":
        _begin(turn, node)
    if site.exit != "running":
        turn.state.agenda.append(Pending("settled", node.id))


def _begin(turn: Turn, node: Node) -> None:
    """Decide the one handler of this node: waive it for Argo's reasons, or start it."""
    state = turn.state
    site = node.site
    assert site is not None
    hook = exit_hook_of(turn, node)
    if node.phase not in COMPLETED and node.role != "root":
        waive(turn, node, f"the work was {node.phase}")
        return
    if state.shutdown == "Terminate" and not turn.plan.always_exits:
        waive(turn, node, "the run was terminated")
        return
    request = CallRequest(f"{node.name}.onExit", node.id, "exit", on_exit=True)
    if hook.expression and node.role != "root":
        try:
            scope = own_scope(turn, node, {"status": node.phase})
            if not compile_expression(hook.expression).evaluate_bool(scope.environment(), turn.surroundings(node.name)):
                waive(turn, node, f"its expression is false: {hook.expression}")
                return
        except ExpressionError as error:
            request.error = error.brief
    site.exit = "running"
    state.debts[handler_id(turn, node.name)].phase = "running"
    request_node(turn, handler_request(turn, node, hook, request))
    watch_handler(turn, handler_id(turn, node.name))


def waive(turn: Turn, node: Node, reason: str) -> None:
    """The handler will not run; why is kept (G2)."""
    assert node.site is not None
    node.site.exit = "waived"
    debt = turn.state.debts[handler_id(turn, node.name)]
    debt.phase, debt.reason = "waived", reason
    turn.state.changed.add(node.id)


def handler_settled(turn: Turn, work: Node, handler: Node) -> None:
    """A hook or the exit handler of `work` is done."""
    site = work.site
    assert site is not None
    if handler.role == "exit":
        site.exit = "paid"
        turn.state.debts[handler.id].phase = "paid"
        turn.cancel_timer(f"exit-limit:{handler.id}")
    else:
        site.open -= 1
    if work.finished_ns:
        work_ended(turn, work)
