"""``submit``: run the workflows of files, or one from a stored definition."""

from collections.abc import Callable
from typing import Any

import click

from finale.cli.attend import log_run, wait_for, watch_run
from finale.cli.manifests import naming, notices, placed, read_documents, read_map, require_kind
from finale.cli.options import flag, option, verb
from finale.cli.parameters import Overrides, parse_labels, parse_parameters, read_parameter_file
from finale.cli.selection import keeps
from finale.cli.session import Session
from finale.cli.show.summary import summary_lines
from finale.cli.show.verdict import ending_line, judge, worse_code
from finale.cli.submit_flags import origin_of, refuse_combinations
from finale.client.api import Api
from finale.errors import BadRequest
from finale.spec.load import Document

__all__ = ["command"]

Keep = Callable[[dict[str, Any]], bool] | None
Submitted = tuple[Api, dict[str, Any]]
"""A run, and where to ask for it: a manifest may name its own namespace."""


@verb(
    help="Run the workflows of files (- is standard input), or one from a stored definition. Exit code with --watch, --wait"
    " or --log: 1 if a run did not succeed, 4 if it did but an exit handler did not."
)
@click.argument("files", metavar="[FILE...]", nargs=-1)
@flag("--dry-run", help="Print the workflow as it would be sent, and send nothing; needs -o.")
@option("--entrypoint", metavar="TEMPLATE", help="Begin with this template.")
@option("--from", "origin", metavar="KIND/NAME", help="Run a stored definition, as in workflowtemplate/build.")
@option("--generate-name", metavar="PREFIX", help="Name the run by this and five random letters.")
@option("-l", "--labels", metavar="A=B,C=D", help="Further labels of the run.")
@flag("--log", help="Print what the run writes, until it ends.")
@option("--name", help="The run's name.")
@option("--node-field-selector", metavar="SELECTOR", help="With --watch: show only these nodes.")
@option(
    "-o",
    "--output",
    type=click.Choice(["name", "json", "yaml", "wide"]),
    help="Another form; with --wait the finished run.",
)
@option("-p", "--parameter", "parameters", multiple=True, metavar="NAME=VALUE", help="A parameter.")
@option("-f", "--parameter-file", metavar="FILE", help="Parameters from a YAML or JSON map.")
@option("--priority", type=int, help="The run's priority.")
@option("--scheduled-time", metavar="TIME", help="With --from cronwf/...: the time it stands for, RFC 3339.")
@flag("--server-dry-run", help="Have the engine check the workflow and name the run, but not run it.")
@option("--serviceaccount", metavar="NAME", help="The service account of the run.")
@option("--status", metavar="PHASE", help="With --watch: show only nodes in this phase.")
@flag("--strict/--no-strict", default=True, help="Refuse unknown fields. Finale always does.")
@flag("-w", "--wait", help="Wait until the run has ended.")
@flag("--watch", help="Follow the run until it ends.")
def command(session: Session, files: tuple[str, ...], **flags: Any) -> int:
    refuse_combinations(files, flags)
    keep = keeps(flags["status"], flags["node_field_selector"])
    values = _parameter_file(flags["parameter_file"]) | parse_parameters(flags["parameters"])
    overrides = Overrides(
        parameters=values,
        labels=parse_labels(flags["labels"] or ""),
        name=flags["name"],
        generate_name=flags["generate_name"],
        entrypoint=flags["entrypoint"],
        service_account=flags["serviceaccount"],
        priority=flags["priority"],
    )
    if not flags["strict"]:
        session.output.notice("--strict=false has no effect: Finale refuses unknown fields always")
    if flags["origin"]:
        api = session.api()
        runs = [(api, _submit_from(api, flags, overrides))]
        _announce(session, runs[0][1], flags)
    else:
        documents = _workflows(session, files, flags, overrides)
        if flags["dry_run"]:
            for document in documents:
                _print(session, overrides.made_to(document.body), flags["output"])
            return 0
        api = session.api()
        runs = []
        for document in documents:
            runs.append(_submit(session, api, document, overrides, flags))
            _announce(session, runs[-1][1], flags)
    return _attend(session, runs, flags, keep)


def _parameter_file(file: str | None) -> dict[str, str]:
    if not file:
        return {}
    return read_parameter_file(file, read_map(file))


def _workflows(session: Session, files: tuple[str, ...], flags: dict[str, Any], overrides: Overrides) -> list[Document]:
    documents = read_documents(files)
    require_kind(documents, "Workflow")
    if len(documents) > 1 and (flags["watch"] or flags["log"]):
        verb_name = "watch" if flags["watch"] else "log"
        raise BadRequest(f"cannot {verb_name} more than one workflow; found {len(documents)} in the given files")
    if len(documents) > 1 and flags["name"]:
        raise BadRequest(f"--name cannot name more than one workflow; found {len(documents)} in the given files")
    for text in notices(documents):
        session.output.notice(text)
    for document in documents:
        for text in overrides.notices(document.body):
            session.output.notice(f"{document.source}: {text}")
    return documents


def _submit(session: Session, api: Api, document: Document, overrides: Overrides, flags: dict[str, Any]) -> Submitted:
    def path_in_file(path: str) -> str:
        return overrides.path_in_file(document.body, path)

    workflow = overrides.made_to(document.body)
    api = api.in_namespace(str((workflow.get("metadata") or {}).get("namespace") or ""))
    with naming(document, path_in_file):
        created = api.create(workflow, server_dry_run=flags["server_dry_run"])
    for problem in created.problems:
        session.output.notice(placed(problem, document, path_in_file).text())
    return api, created.object


def _submit_from(api: Api, flags: dict[str, Any], overrides: Overrides) -> dict[str, Any]:
    kind, name = origin_of(flags["origin"])
    options = {
        "name": overrides.name,
        "generateName": overrides.generate_name,
        "entryPoint": overrides.entrypoint,
        "serviceAccount": overrides.service_account,
        "labels": ",".join(f"{key}={value}" for key, value in overrides.labels.items()),
        "parameters": [f"{key}={value}" for key, value in overrides.parameters.items()],
        "priority": overrides.priority,
        "serverDryRun": flags["server_dry_run"],
    }
    if flags["scheduled_time"]:
        options["annotations"] = f"workflows.argoproj.io/scheduled-time={flags['scheduled_time']}"
    return api.submit_from(kind, name, {key: value for key, value in options.items() if value})


def _announce(session: Session, workflow: dict[str, Any], flags: dict[str, Any]) -> None:
    """What is printed as soon as the run is there; a watch begins with its own first line instead."""
    whole = flags["output"] in ("json", "yaml")
    if (whole and flags["wait"]) or (flags["watch"] and flags["output"] != "name"):
        return
    _print(session, workflow, flags["output"])


def _print(session: Session, workflow: dict[str, Any], form: str | None) -> None:
    match form:
        case "name":
            session.output.line(str(workflow["metadata"].get("name") or ""))
        case "json" | "yaml":
            session.output.object(workflow, "Workflow", form)
        case _:
            session.output.lines(summary_lines(workflow))


def _attend(session: Session, runs: list[Submitted], flags: dict[str, Any], keep: Keep) -> int:
    code = 0
    for api, workflow in [] if flags["server_dry_run"] else runs:
        name = workflow["metadata"]["name"]
        if flags["watch"]:
            return watch_run(session, api, name, keep)
        if flags["log"]:
            return log_run(session, api, name)
        if flags["wait"]:
            finished = wait_for(session, api, name)
            if flags["output"] in ("json", "yaml"):
                _print(session, finished, flags["output"])
            elif flags["output"] != "name":
                session.output.line(ending_line(finished))
            code = worse_code(code, judge(finished).exit_code)
    return code
