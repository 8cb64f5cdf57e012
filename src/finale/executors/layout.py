"""Where a task's files lie and how it is told: the order for the keeper, with a sandbox and without one.

With a sandbox the paths in a manifest are true inside the task's own view and nothing is changed. Without one, each path
that the template *declares* (outputs, input artifacts, volume mounts, files we place) is moved below the task's private
folder, and the same path is replaced where it stands, whole, in command, arguments, source and environment.
"""

import base64
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from finale.executors.command import PROGRESS_FILE, SCRIPT_FILE, CannotRun, main_command
from finale.executors.contract import LeafTask
from finale.executors.outputs import Memo, declared_outputs
from finale.executors.view import View

__all__ = ["Mount", "Sandbox", "make_order"]

MARK = "FINALE_TASK"
"""The keeper's mark on a task's processes (finale/keeper/processes.py); it survives in the environment they inherit."""


@dataclass(frozen=True, slots=True)
class Mount:
    """`source` on this machine appears at `path` in the task's view."""

    source: str
    path: str
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class Sandbox:
    """`kind` is "overlay", "binds", or empty for none; `binds` are writable (or read-only) in every task."""

    kind: str = ""
    binds: tuple[Mount, ...] = ()


@dataclass(slots=True)
class _Rewrite:
    """Replaces declared paths by private ones in text, only where a path stands alone or leads a longer one."""

    by_path: dict[str, str] = field(default_factory=dict)

    def __call__(self, text: str) -> str:
        if not self.by_path or "/" not in text:
            return text
        paths = "|".join(re.escape(path) for path in sorted(self.by_path, key=len, reverse=True))
        return re.sub(rf"(?<![\w./-])(?:{paths})(?![\w.-])", lambda match: self.by_path[match.group()], text)


def make_order(task: LeafTask, sandbox: Sandbox, base: Mapping[str, str]) -> tuple[dict[str, Any], Memo]:
    """(the keeper's order without its memo, what to remember for the outcome). Raises CannotRun."""
    command = main_command(task.template)
    root = f"{task.folder}/view/root"
    mounts = _mounts(task, command.container)
    in_sandbox = bool(sandbox.kind)
    if in_sandbox:
        mounts += [mount for mount in sandbox.binds if mount.path not in {other.path for other in mounts}]
    view = View(
        root=root,
        mounts={mount.path: mount.source for mount in mounts},
        behind="/" if sandbox.kind else "",
        is_real=in_sandbox,
    )
    outputs = declared_outputs(task.template)
    files = dict(task.files)
    argv = command.argv
    if command.source is not None:
        files[SCRIPT_FILE] = command.source.encode()
        argv = (*argv, SCRIPT_FILE)
    own = {"HOSTNAME": task.pod_name, "ARGO_PROGRESS_FILE": PROGRESS_FILE}
    environment = {**base, **own, **task.environment, MARK: task.key}
    working_dir = command.working_dir or "/"
    declared = [output.path for output in outputs]
    declared += [artifact["path"] for artifact in _artifacts(task.template) if artifact.get("path")]
    if not in_sandbox:
        rewrite = _Rewrite({path: view.host_path(path) for path in {*declared, *files, *view.mounts, PROGRESS_FILE}})
        argv = tuple(map(rewrite, argv))
        environment = {
            name: value if name in ("ARGO_TEMPLATE", MARK) else rewrite(value) for name, value in environment.items()
        }
        if environment.get("TMPDIR") == "/tmp":
            environment["TMPDIR"] = f"{root}/tmp"
        files = {path: _rewritten(rewrite, data) if path == SCRIPT_FILE else data for path, data in files.items()}
        working_dir = _outside_working_dir(working_dir, view)
    entries: list[tuple[str, str, int, str | None]] = [(root, "tmp", 0o1777, None)]
    entries += _parents(declared, view)
    for path, data in files.items():
        base_folder, inside = _split(path, view)
        entries.append((base_folder, inside, _mode(task, path), base64.b64encode(data).decode()))
    memo = Memo(folder=str(task.folder), view=view, outputs=outputs, capture=task.capture_result)
    order = {
        "key": task.key,
        "argv": argv,
        "environment": environment,
        "folder": str(task.folder),
        "root": root,
        "name": "main",
        "cwd": working_dir,
        "files": entries,
        "view": None,
        "capture": task.capture_result,
        "limits": {},
        "deadline_ns": task.deadline_ns,
        "grace_s": task.grace_s,
        "memo": msgspec.to_builtins(memo),
    }
    return order, memo


def _mounts(task: LeafTask, container: Mapping[str, Any]) -> list[Mount]:
    """The container's volume mounts; a hostPath volume may also stand in the template itself."""
    in_template = {volume["name"]: volume for volume in task.template.get("volumes") or ()}
    found = []
    for mount in container.get("volumeMounts") or ():
        name = mount["name"]
        if name in task.volumes:
            folder, read_only = task.volumes[name]
        elif host_path := (in_template.get(name, {}).get("hostPath") or {}).get("path"):
            folder, read_only = Path(host_path), False
        else:
            raise CannotRun(f"volume '{name}' not found in workflow spec")
        source = os.path.normpath(folder / (mount.get("subPath") or "").lstrip("/"))
        if source != str(folder) and not source.startswith(f"{folder}/"):
            raise CannotRun(f"volume mount '{name}': subPath leaves the volume")
        found.append(
            Mount(source, os.path.normpath("/" + mount["mountPath"]), read_only or bool(mount.get("readOnly")))
        )
    return found


def _artifacts(template: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    for side in ("inputs", "outputs"):
        yield from (template.get(side) or {}).get("artifacts") or ()


def _parents(declared: Iterable[str], view: View) -> list[tuple[str, str, int, str | None]]:
    """The folders that declared paths lie in, as far as the task would not find them."""
    entries: list[tuple[str, str, int, str | None]] = []
    for path in declared:
        parent = os.path.dirname(os.path.normpath(path))
        if parent in ("/", "/tmp") or (view.behind and os.path.isdir(parent)):
            continue
        base_folder, inside = _split(parent, view)
        if inside:
            entries.append((base_folder, inside, 0o755, None))
    return entries


def _split(path: str, view: View) -> tuple[str, str]:
    """(folder that is surely ours, path below it) of a place in the view."""
    path = os.path.normpath("/" + path.lstrip("/"))
    for point in sorted(view.mounts, key=len, reverse=True):
        if path == point or path.startswith(point.rstrip("/") + "/"):
            return view.mounts[point], path[len(point) :].lstrip("/")
    return view.root, path.lstrip("/")


def _mode(task: LeafTask, path: str) -> int:
    """Permissions of a placed file: the input artifact's `mode`, else readable by all; the script may also be run."""
    for artifact in (task.template.get("inputs") or {}).get("artifacts") or ():
        if artifact.get("path") == path and artifact.get("mode") is not None:
            return int(artifact["mode"]) & 0o7777
    return 0o755 if path == SCRIPT_FILE else 0o644


def _rewritten(rewrite: _Rewrite, source: bytes) -> bytes:
    return rewrite(source.decode()).encode()


def _outside_working_dir(path: str, view: View) -> str:
    """Without a sandbox: a folder of a volume, or of this machine if it exists, else one of the task's own."""
    if path == "/":
        return view.root
    moved = view.host_path(path)
    return path if moved.startswith(view.root) and os.path.isdir(path) else moved
