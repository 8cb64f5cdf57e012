"""``logs``: what a run's tasks have written."""

import re
from collections.abc import Iterator
from typing import Any

import click

from finale.cli.follow import follow_logs, resolve_name
from finale.cli.options import flag, option, verb
from finale.cli.session import Session
from finale.cli.show.logs import log_line
from finale.cli.show.tree import pod_name_of
from finale.client.api import Api
from finale.errors import BadRequest, NotFound
from finale.problems import did_you_mean
from finale.units import SECOND, parse_duration, parse_time

__all__ = ["command", "pods_of"]


@verb(help="Print what the tasks of a run have written. A NODE is a pod's name, or a node's name, id or display name.")
@click.argument("name", metavar="NAME")
@click.argument("node", metavar="[NODE]", required=False)
@option("-c", "--container", default="main", show_default=True, help="The container of each pod.")
@flag("-f", "--follow", help="Go on until the run has ended.")
@option("--grep", metavar="REGEXP", help="Only lines that match.")
@flag("-p", "--previous", help="Of the attempt before. Finale keeps one log for each attempt, a node of its own.")
@option("-l", "--selector", metavar="SELECTOR", help="Only pods with these labels.")
@option("--since", metavar="DURATION", help="Only lines of the last 5s, 2m or 3h.")
@option("--since-time", metavar="TIME", help="Only lines since this time, RFC 3339.")
@option("--tail", type=int, default=-1, metavar="NUMBER", help="Only so many last lines of each pod.")
@flag("--timestamps", help="With the time of each line.")
def command(session: Session, name: str, node: str | None, **flags: Any) -> None:
    query = _query(flags)
    api = session.api()
    name = resolve_name(api, name)
    for entry in _entries(session, api, name, node, query):
        session.output.line(log_line(entry, session.output.palette))


def _entries(
    session: Session, api: Api, name: str, node: str | None, query: dict[str, str]
) -> Iterator[dict[str, Any]]:
    if (
        node is None
        and set(query) == {"logOptions.container", "logOptions.follow"}
        and query["logOptions.container"] == "main"
    ):
        yield from follow_logs(session, api, name)
    elif node is None:
        yield from api.logs(name, query)
    else:
        for pod in pods_of(api.get(name), node):
            yield from api.logs(name, {**query, "podName": pod})


def _query(flags: dict[str, Any]) -> dict[str, str]:
    if flags["since"] and flags["since_time"]:
        raise BadRequest("--since-time and --since cannot be used together")
    query = {
        "logOptions.container": flags["container"],
        "grep": flags["grep"] or "",
        "selector": flags["selector"] or "",
    }
    if flags["grep"]:
        try:
            re.compile(flags["grep"])
        except re.error as error:
            raise BadRequest(f'--grep "{flags["grep"]}": {error}') from None
    for name in ("follow", "previous", "timestamps"):
        query[f"logOptions.{name}"] = "true" if flags[name] else ""
    if flags["tail"] >= 0:
        query["logOptions.tailLines"] = str(flags["tail"])
    try:
        if flags["since"]:
            query["logOptions.sinceSeconds"] = str(parse_duration(flags["since"]) // SECOND)
        if flags["since_time"]:
            query["logOptions.sinceTime.seconds"] = str(parse_time(flags["since_time"]) // SECOND)
    except ValueError as error:
        raise BadRequest(str(error)) from None
    return {key: value for key, value in query.items() if value}


def pods_of(workflow: dict[str, Any], word: str) -> list[str]:
    """The pods that a word means: a pod, a node, or every pod below a node. Raises `NotFound`."""
    run = workflow["metadata"]["name"]
    nodes: dict[str, dict[str, Any]] = (workflow.get("status") or {}).get("nodes") or {}
    pods = {node_id: pod_name_of(run, node) for node_id, node in nodes.items() if node.get("type") == "Pod"}
    if word in pods.values():
        return [word]
    meant = [
        node_id
        for node_id, node in nodes.items()
        if word in (node_id, node.get("name"), node.get("displayName"), str(node.get("name")).removeprefix(f"{run}."))
    ]
    if not meant:
        known = [*pods.values(), *(str(node.get("displayName")) for node in nodes.values())]
        raise NotFound(f'the run {run} has no pod or node "{word}". {did_you_mean(word, known)}'.rstrip())
    found = [pod for node_id in meant for pod in _below(node_id, nodes, pods)]
    return list(dict.fromkeys(found))


def _below(node_id: str, nodes: dict[str, dict[str, Any]], pods: dict[str, str]) -> Iterator[str]:
    """The pod of a node, else those of the nodes it encloses: attempts, loop items, what its template runs."""
    waiting, seen = [node_id], {node_id}
    while waiting:
        here = waiting.pop(0)
        if here in pods:
            yield pods[here]
            continue
        kind = nodes[here].get("type")
        inside = [child for child, node in nodes.items() if node.get("boundaryID") == here]
        if kind in ("Retry", "TaskGroup", "StepGroup"):
            inside += [child for child in nodes[here].get("children") or () if child in nodes]
        waiting += [child for child in inside if child not in seen]
        seen.update(inside)
