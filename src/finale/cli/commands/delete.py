"""``delete``: remove runs and all that is kept of them."""

import click

from finale.cli.commands.list_runs import label_query, parse_age
from finale.cli.follow import resolve_name
from finale.cli.options import flag, option, verb
from finale.cli.session import Session
from finale.cli.show.moments import parse_moment
from finale.errors import BadRequest, NotFound

__all__ = ["command"]

_FIELDS = "metadata,items.metadata,items.status.phase,items.status.startedAt,items.status.finishedAt"


@verb(help="Remove runs, their nodes and logs. A run that goes on is ended first, without its exit handlers.")
@click.argument("names", metavar="NAME...", nargs=-1)
@flag("--all", "everything", help="All runs of the namespace.")
@flag("-A", "--all-namespaces", help="In all namespaces.")
@flag("--completed", help="Those that have ended.")
@flag("--dry-run", help="Only name what would be deleted.")
@option("--field-selector", metavar="SELECTOR", help="As in metadata.name=build.")
@flag("--force", help="Also what a finalizer holds.")
@option("--older", metavar="AGE", help="Those that ended longer ago, as in 10m or 3d.")
@option("--prefix", metavar="TEXT", help="Those whose name begins so.")
@option("--query-chunk-size", type=click.IntRange(min=0), default=0, hidden=True)
@flag("--resubmitted", help="Those that were submitted again.")
@option("-l", "--selector", metavar="SELECTOR", help="Those with these labels.")
@option("--status", multiple=True, metavar="PHASE[,PHASE]", help="Those in these phases.")
def command(
    session: Session,
    names: tuple[str, ...],
    everything: bool,
    all_namespaces: bool,
    completed: bool,
    dry_run: bool,
    field_selector: str | None,
    force: bool,
    older: str | None,
    prefix: str | None,
    query_chunk_size: int,
    resubmitted: bool,
    selector: str | None,
    status: tuple[str, ...],
) -> None:
    chooses = bool(everything or completed or older or prefix or resubmitted or selector or status or field_selector)
    if not names and not chooses:
        raise BadRequest(
            "no run is named; expected names, @latest, --all, --completed, --older, --prefix, --status or -l"
        )
    ended_before = parse_age("--older", older)
    api = session.api(all_namespaces=all_namespaces)
    found = [(session.settings.namespace, name) for name in names]
    if chooses:
        answer = api.runs(
            labels=label_query(selector, status, completed, False, resubmitted),
            selector=field_selector or "",
            fields=_FIELDS,
        )
        for run in answer.get("items") or ():
            finished = parse_moment((run.get("status") or {}).get("finishedAt"))
            is_meant = ended_before is None or 0 < finished < ended_before
            if is_meant and run["metadata"]["name"].startswith(prefix or ""):
                found.append((str(run["metadata"].get("namespace") or api.namespace), str(run["metadata"]["name"])))
    for namespace, name in found:
        where = api.in_namespace(namespace)
        try:
            name = resolve_name(where, name)
            if not dry_run:
                where.delete(name, force=force)
        except NotFound:
            session.output.line(f"Workflow '{name}' not found")
        else:
            session.output.line(f"Workflow '{name}' deleted{' (dry-run)' if dry_run else ''}")
