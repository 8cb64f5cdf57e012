"""Starting a call: the one way a node comes into being (argo-workflows operator.go, ``executeTemplate``; §0.3).

In order: limits (may defer), template, inputs, recursion depth, retry strategy. What the node then does follows from
the agenda (`decide`). A call that cannot be made becomes a node of type Skipped and phase Error, so that its failure is
seen, its exit handler is owed as for any failed work (D3), and nothing waits for a node that never comes.
"""

from finale.engine.bind import BindFailed, bind_artifacts, bind_parameters
from finale.engine.limits import admits
from finale.engine.nodes import create, link, outbound_of
from finale.engine.sites import new_site
from finale.engine.state import CallRequest, Node, Pending
from finale.engine.turn import Turn
from finale.plan.model import Kind
from finale.plan.plan import TemplateMissing

__all__ = ["attach", "open_node", "request_node", "skip_node"]

_DEEPEST = 100
_TOO_DEEP = "Maximum recursion depth exceeded. See https://argo-workflows.readthedocs.io/en/latest/scaling/#maximum-recursion-depth"


def request_node(turn: Turn, request: CallRequest) -> None:
    """Start a call now, or keep it until the limits allow it."""
    if admits(turn, request):
        open_node(turn, request)


def open_node(turn: Turn, request: CallRequest) -> Node:
    """Make the node of a call that may start."""
    if request.role == "attempt":
        return _open_attempt(turn, request)
    if request.error:
        return _fault(turn, request, request.error)
    try:
        template = (
            turn.plan.template(request.key) if request.inline is None else turn.plan.inline(request.key, request.inline)
        )
        inputs = bind_parameters(turn, template, request)
        artifacts = bind_artifacts(template, request)
    except (TemplateMissing, BindFailed) as error:
        return _fault(turn, request, str(error))
    owner = turn.state.nodes.get(request.owner)
    if owner is not None and owner.depth >= _DEEPEST - 1:
        return skip_node(turn, request, "Error", _TOO_DEEP)
    if template.kind is Kind.UNKNOWN:
        return _fault(turn, request, f"Template '{template.name}' missing specification")
    node_type = "Retry" if template.retry is not None else template.kind.node_type
    node = create(turn, request, node_type, _first_phase(node_type), site=new_site(turn, request))
    node.retried = node.hooked and template.retry is not None  # Argo shares one flag object between them
    node.inputs = inputs
    node.input_artifacts = artifacts
    attach(turn, request, node)
    turn.state.agenda.append(Pending("opened", node.id))
    return node


def _first_phase(node_type: str) -> str:
    return "Pending" if node_type in ("Pod", "HTTP", "Plugin", "Suspend") else "Running"


def _open_attempt(turn: Turn, request: CallRequest) -> Node:
    """One more try of a Retry node: the same template with the same inputs."""
    retry = turn.node(request.owner)
    node_type = turn.template(retry).kind.node_type
    node = create(turn, request, node_type, _first_phase(node_type))
    node.retried = True
    node.attempt = request.index
    node.index = -1
    node.inputs = retry.inputs
    node.input_artifacts = retry.input_artifacts
    link(turn, retry, node)
    turn.state.agenda.append(Pending("opened", node.id))
    return node


def skip_node(turn: Turn, request: CallRequest, phase: str, message: str) -> Node:
    """A node that does no work: Skipped, Omitted, or Error before it began."""
    site = new_site(turn, request) if phase == "Error" else None
    node = create(turn, request, "Skipped", phase, message, site=site)
    attach(turn, request, node)
    return node


def _fault(turn: Turn, request: CallRequest, message: str) -> Node:
    boundary = turn.state.nodes.get(request.boundary)
    if request.role in ("call", "item") and boundary is not None and boundary.type == "DAG":
        message = f"task '{request.name}' errored: {message}"
    node = skip_node(turn, request, "Error", message)
    node.fault = True
    return node


def attach(turn: Turn, request: CallRequest, node: Node) -> None:
    """Link a new node below what comes before it (§1.6)."""
    state = turn.state
    owner = state.nodes.get(request.owner)
    if owner is None or (request.role == "exit" and owner.role == "root"):
        return  # the run's exit handler is a second root of the tree
    if request.role != "call" or owner.type != "DAG":
        link(turn, owner, node)
        return
    task = turn.template(owner).tasks[request.call]
    if not task.dependencies:
        link(turn, owner, node)
    for name in task.dependencies:
        dependency = turn.below(owner, f".{name}")
        if dependency is not None:
            for parent in outbound_of(turn, dependency):
                link(turn, state.nodes[parent], node)
