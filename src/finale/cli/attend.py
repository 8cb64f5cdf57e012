"""Stay with a run until it ends: ``--watch``, ``--wait`` and ``--log`` of `submit`, and the verbs of those names.

Each gives the exit code that `finale.cli.show.verdict` derives. Ctrl-C leaves the run alone and says how to come back.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from finale.cli.follow import follow, follow_logs, insist
from finale.cli.session import Session
from finale.cli.show.changes import Changes
from finale.cli.show.engine import engine_text
from finale.cli.show.logs import log_line
from finale.cli.show.tree import Layout, draw_tree
from finale.cli.show.verdict import is_finished, judge, verdict_lines
from finale.client.api import Api

__all__ = ["log_run", "wait_for", "watch_run"]

Keep = Callable[[dict[str, Any]], bool] | None

_ENOUGH_TO_WAIT = (
    "result.type,result.object.metadata,result.object.status.phase,result.object.status.finishedAt,"
    "result.object.status.conditions"
)
"""Of a watched run, what tells whether it has ended; the nodes of a large one are megabytes."""


def watch_run(session: Session, api: Api, name: str, keep: Keep = None) -> int:
    """Show the run while it goes on: a live tree on a terminal, else a line for each change; then the summary."""
    output = session.output
    output.line(_first_line(session, api, name))
    with _leaving_it_alone(session, name):
        if output.is_terminal:
            workflow = _watch_live(session, api, name, Layout(output.palette, keep=keep))
        else:
            workflow = _watch_lines(session, api, name, keep)
    output.line()
    output.lines(verdict_lines(workflow, output.palette))
    return judge(workflow).exit_code


def _watch_live(session: Session, api: Api, name: str, layout: Layout) -> dict[str, Any]:
    from finale.cli.show.live import LiveTree  # noqa: PLC0415  (start-up time: rich, and only on a terminal)

    workflow: dict[str, Any] = {}
    with LiveTree(layout) as tree:
        for sight in follow(session, api, name):
            workflow = sight.workflow
            tree.show(*sight)
    session.output.lines(draw_tree(workflow, layout))
    return workflow


def _watch_lines(session: Session, api: Api, name: str, keep: Keep) -> dict[str, Any]:
    changes = Changes(session.output.palette, keep)
    workflow: dict[str, Any] = {}
    for sight in follow(session, api, name):
        workflow = sight.workflow
        for text in changes.take(name, sight.changed):
            session.output.line(text)
    return workflow


def wait_for(session: Session, api: Api, name: str) -> dict[str, Any]:
    """The Workflow object once the run has ended."""
    with _leaving_it_alone(session, name):
        changes = follow(session, api, name, fields=_ENOUGH_TO_WAIT)
        workflow = next(changes).workflow
        for _ in changes:
            pass
    return workflow if is_finished(workflow) else insist(session, name, lambda: api.get(name))


def log_run(session: Session, api: Api, name: str) -> int:
    """Print what the run writes, until it has ended."""
    with _leaving_it_alone(session, name):
        for entry in follow_logs(session, api, name):
            session.output.line(log_line(entry, session.output.palette))
    return judge(wait_for(session, api, name)).exit_code


@contextmanager
def _leaving_it_alone(session: Session, name: str) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        session.output.say(f"\n{name} goes on; come back with: {session.way_back(name)}")
        raise click.Abort from None


def _first_line(session: Session, api: Api, name: str) -> str:
    return f"Argo Server: {api.address}" if session.is_remote else engine_text(insist(session, name, api.engine))
