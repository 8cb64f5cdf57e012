"""Which flags of ``submit`` cannot be meant together, and what ``--from`` says (argo-semantics.md §9.1)."""

from collections.abc import Sequence
from typing import Any

from finale.errors import BadRequest

__all__ = ["origin_of", "refuse_combinations"]

_KINDS = {
    "cronwf": "CronWorkflow",
    "cronworkflow": "CronWorkflow",
    "wftmpl": "WorkflowTemplate",
    "workflowtemplate": "WorkflowTemplate",
    "cwft": "ClusterWorkflowTemplate",
    "clusterworkflowtemplate": "ClusterWorkflowTemplate",
    "wf": "Workflow",
    "workflow": "Workflow",
}
"""What ``--from KIND/NAME`` may say."""


def refuse_combinations(files: Sequence[str], flags: dict[str, Any]) -> None:
    """Raise `BadRequest` with the first reason; `flags` by the names of the verb's parameters."""
    chosen = [name for name in ("watch", "wait", "log") if flags[name]]
    dry = "--dry-run" if flags["dry_run"] else "--server-dry-run" if flags["server_dry_run"] else ""
    refusals = [
        (flags["origin"] and files, "cannot combine --from with file arguments"),
        (flags["origin"] and flags["dry_run"], "--dry-run cannot be combined with --from; use --server-dry-run"),
        (
            not flags["origin"] and not files,
            "no file is named; expected files, - for standard input, or --from KIND/NAME",
        ),
        (len(chosen) > 1, f"--{chosen[-1] if chosen else ''} cannot be combined with --{chosen[0] if chosen else ''}"),
        (chosen and dry, f"--{chosen[0] if chosen else ''} cannot be combined with {dry}"),
        (flags["dry_run"] and not flags["output"], "--dry-run should have an output option, as in -o yaml"),
        (
            (flags["status"] or flags["node_field_selector"]) and not flags["watch"],
            "--status and --node-field-selector need --watch",
        ),
        (
            flags["watch"] and flags["output"] in ("json", "yaml"),
            f"--watch cannot be combined with -o {flags['output']}; use --wait",
        ),
        (
            flags["log"] and flags["output"] in ("json", "yaml"),
            f"--log cannot be combined with -o {flags['output']}; use --wait",
        ),
        (flags["scheduled_time"] and not flags["origin"], "--scheduled-time needs --from cronwf/NAME"),
        (flags["name"] and flags["generate_name"], "--name cannot be combined with --generate-name"),
    ]
    for holds, text in refusals:
        if holds:
            raise BadRequest(text)
    if flags["origin"]:
        origin_of(flags["origin"])


def origin_of(text: str) -> tuple[str, str]:
    """Kind and name of what ``--from`` means."""
    word, _, name = text.partition("/")
    if not name or word.lower() not in _KINDS:
        raise BadRequest(f'--from "{text}": expected KIND/NAME, where KIND is one of {", ".join(_KINDS)}')
    return _KINDS[word.lower()], name
