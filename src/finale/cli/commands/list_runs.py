"""``list``: runs, those that go on first."""

import time

import click

from finale.cli.options import flag, option, verb
from finale.cli.session import Session
from finale.cli.show.moments import parse_moment
from finale.cli.show.runs import in_order, run_table
from finale.errors import BadRequest
from finale.units import parse_duration

__all__ = ["command", "label_query", "parse_age"]

_FIELDS = (
    "metadata,items.metadata,items.spec,items.status.phase,items.status.message,items.status.startedAt,items.status.finishedAt,"
    "items.status.estimatedDuration,items.status.progress"
)
"""What the table shows, as `argo list` asks for it; the nodes, which are the most of it, only for ``-o wide`` and JSON."""

_RESUBMITTED = "workflows.argoproj.io/resubmitted-from-workflow"


def label_query(
    selector: str | None, statuses: tuple[str, ...], completed: bool, running: bool, resubmitted: bool
) -> str:
    """The label selector of the flags; Argo keeps phase and completion of a run in its labels."""
    terms = [selector] if selector else []
    phases = [phase.strip() for status in statuses for phase in status.split(",") if phase.strip()]
    if phases:
        terms.append(f"workflows.argoproj.io/phase in ({','.join(phases)})")
    if completed:
        terms.append("workflows.argoproj.io/completed=true")
    if running:
        terms.append("workflows.argoproj.io/completed!=true")
    if resubmitted:
        terms.append(_RESUBMITTED)
    return ",".join(terms)


def parse_age(flag_name: str, text: str | None) -> int | None:
    """Nanoseconds since the epoch that lie ``10m``, ``2h`` or ``3d`` back. Raises `BadRequest`."""
    if not text:
        return None
    try:
        days = text.removesuffix("d")
        age = parse_duration(f"{float(days) * 24}h" if days != text else text)
    except ValueError:
        raise BadRequest(f'{flag_name} "{text}": expected a duration, as in 10m, 2h or 3d') from None
    return time.time_ns() - age


@verb("list", help="List runs.")
@flag("-A", "--all-namespaces", help="In all namespaces.")
@option(
    "--chunk-size", type=click.IntRange(min=0), default=0, metavar="NUMBER", help="At most so many, without the rest."
)
@flag("--completed", help="Only those that have ended.")
@option("--field-selector", metavar="SELECTOR", help="As in metadata.name=build.")
@flag("--no-headers", help="Without the line of titles.")
@option("--older", metavar="AGE", help="Only those that ended longer ago, as in 10m or 3d.")
@option("-o", "--output", type=click.Choice(["name", "json", "yaml", "wide"]), help="Another form.")
@option("--prefix", metavar="TEXT", help="Only those whose name begins so.")
@flag("--resubmitted", help="Only those that were submitted again.")
@flag("--running", help="Only those that have not ended.")
@option("-l", "--selector", metavar="SELECTOR", help="Only those with these labels, as in team=blue.")
@option("--since", metavar="AGE", help="Only those created since, as in 1h.")
@option("--status", multiple=True, metavar="PHASE[,PHASE]", help="Only those in these phases.")
def command(
    session: Session,
    all_namespaces: bool,
    chunk_size: int,
    completed: bool,
    field_selector: str | None,
    no_headers: bool,
    older: str | None,
    output: str | None,
    prefix: str | None,
    resubmitted: bool,
    running: bool,
    selector: str | None,
    since: str | None,
    status: tuple[str, ...],
) -> None:
    ended_before, created_after = parse_age("--older", older), parse_age("--since", since)
    labels = label_query(selector, status, completed, running, resubmitted)
    answer = session.api(all_namespaces=all_namespaces).runs(
        labels=labels,
        selector=field_selector or "",
        name_prefix="" if field_selector else prefix or "",
        limit=chunk_size,
        fields="" if output in ("wide", "json", "yaml") else _FIELDS,
    )
    runs = in_order(answer.get("items") or ())
    if prefix:
        runs = [run for run in runs if run["metadata"]["name"].startswith(prefix)]
    if created_after is not None:
        runs = [run for run in runs if parse_moment(run["metadata"].get("creationTimestamp")) >= created_after]
    if ended_before is not None:
        runs = [run for run in runs if 0 < parse_moment((run.get("status") or {}).get("finishedAt")) < ended_before]
    match output:
        case "name":
            session.output.lines(run["metadata"]["name"] for run in runs)
        case "json":
            session.output.json(runs)
        case "yaml":
            session.output.yaml(*runs)
        case _ if not runs:
            session.output.line("No workflows found")
        case _:
            wide = output == "wide"
            session.output.lines(run_table(runs, wide=wide, headers=not no_headers, namespaces=all_namespaces))
