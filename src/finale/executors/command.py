"""What a container or script template runs: arguments, script, working folder. Pure: JSON in, values out.

Source: spec/argo-semantics.md §7.7.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from finale.engine.outcome import Outcome
from finale.executors.images import entrypoint_of

__all__ = ["PROGRESS_FILE", "SCRIPT_FILE", "CannotRun", "Command", "main_command"]

SCRIPT_FILE = "/argo/staging/script"
"""Where a script's source lies in the task's view, as in Argo's pods."""

PROGRESS_FILE = "/tmp/argo-progress"
"""Where a task may write ``N/M``; told by ARGO_PROGRESS_FILE."""

_NOT_YET = {
    "initContainers": "init containers",
    "sidecars": "sidecars",
    "daemon": "daemon templates",
}


class CannotRun(Exception):
    """The task cannot be started as it is; `outcome` says why, in Argo's words where Argo has some."""

    def __init__(self, message: str) -> None:
        self.outcome = Outcome(phase="Error", message=message)
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Command:
    """`argv` without the script's path; `source` of the script or None; `working_dir` or empty."""

    container: dict[str, Any]
    argv: tuple[str, ...]
    source: str | None
    working_dir: str


def main_command(template: Mapping[str, Any]) -> Command:
    """The main container's command. Raises CannotRun."""
    for field, name in _NOT_YET.items():
        if template.get(field):
            raise CannotRun(
                f'the process executor cannot run {name} yet (template "{template.get("name", "")}", field {field})'
            )
    container = template.get("container") or template.get("script")
    if container is None:
        kind = next((name for name in _KINDS if name in template), "empty")
        raise CannotRun(f"the process executor cannot run {kind} templates; it runs container and script")
    source = container.get("source") or None if "script" in template else None
    command, arguments = tuple(container.get("command") or ()), tuple(container.get("args") or ())
    if not command:
        image = container.get("image", "")
        known = entrypoint_of(image)
        if known is None:
            raise CannotRun(
                f'failed to look-up entrypoint/cmd for image "{image}", you must either explicitly specify the command, '
                "or list the image's command in the index: "
                "https://argo-workflows.readthedocs.io/en/latest/workflow-executors/#emissary-emissary: "
                "the process executor asks no registry"
            )
        entrypoint, default = known
        command = entrypoint
        if not arguments and (source is None or not entrypoint):
            arguments = default
        if not command and not arguments:
            raise CannotRun(f'the image "{image}" has no command of its own; specify one')
    return Command(container, command + arguments, source, container.get("workingDir") or "")


_KINDS = ("containerSet", "data", "http", "plugin", "resource", "suspend", "steps", "dag")
