"""``node set``: give suspend nodes what they wait for."""

import json

import click

from finale.cli.options import option, verb
from finale.cli.parameters import parse_parameters
from finale.cli.session import Session
from finale.errors import BadRequest
from finale.problems import did_you_mean

__all__ = ["command"]


@verb(help="ACTION is set: give values to the suspend nodes of a run, or end them in a phase.")
@click.argument("action", metavar="ACTION")
@click.argument("name", metavar="NAME")
@option("-m", "--message", default="", metavar="TEXT", help="The nodes' message.")
@option("--node-field-selector", default="", metavar="SELECTOR", help="Which nodes, as in displayName=gate.")
@option("-p", "--output-parameter", multiple=True, metavar="NAME=VALUE", help="The value of an output parameter.")
@option("--phase", type=click.Choice(["Succeeded", "Failed", "Error"]), help="End the nodes in this phase.")
def command(
    session: Session,
    action: str,
    name: str,
    message: str,
    node_field_selector: str,
    output_parameter: tuple[str, ...],
    phase: str | None,
) -> None:
    if action != "set":
        raise BadRequest(f'unknown action "{action}"; there is only set. {did_you_mean(action, ["set"])}'.rstrip())
    if not node_field_selector:
        raise BadRequest("'set' currently only targets suspend nodes, use a node field selector to target them")
    values = parse_parameters(output_parameter)
    session.api().act(
        name,
        "set",
        nodeFieldSelector=node_field_selector,
        message=message,
        phase=phase,
        outputParameters=json.dumps(values, ensure_ascii=False) if values else "",
    )
    session.output.line("workflow values set")
