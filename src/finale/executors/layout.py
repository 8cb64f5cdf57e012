"""Where a task's files lie and how it is told: the order for the keeper, with a sandbox and without one.

With a sandbox the paths in a manifest are true inside the task's own view and nothing is changed. Without one, each path
that the template *declares* (outputs, input artifacts, volume mounts, files we place) is moved below the task's private
folder, and the same path is replaced where it stands, whole, in command, arguments, source and environment.
"""

import base64
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from finale.executors.command import PROGRESS_FILE, SCRIPT_FILE, CannotRun, main_command
from finale.executors.contract import LeafTask
from finale.executors.outputs import Memo, declared_outputs
from finale.executors.sandbox import Mount, Sandbox
from finale.executors.view import Place, View, clean_path
from finale.units import parse_quantity

__all__ = ["make_order"]

MARK = "FINALE_TASK"
"""The keeper's mark on a task's processes (finale/keeper/processes.py); it survives in the environment they inherit."""

Entry = tuple[str, str, int, str | None]
"""Something to place before the start: base folder, path below it, permissions, base64 text or None for a folder."""


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
    """(the keeper's order, what to remember for the outcome). Raises CannotRun."""
    command = main_command(task.template)
    mounts = _mounts(task, command.container)
    outputs = declared_outputs(task.template)
    declared = [clean_path(output.path) for output in outputs]
    declared += [clean_path(artifact["path"]) for artifact in _artifacts(task.template) if artifact.get("path")]
    files = {clean_path(path): data for path, data in task.files.items()}
    argv = command.argv
    if command.source is not None:
        files[SCRIPT_FILE] = command.source.encode()
        argv = (*argv, SCRIPT_FILE)
    own = {"HOSTNAME": task.pod_name, "ARGO_PROGRESS_FILE": PROGRESS_FILE}
    environment = {**base, **own, **task.environment, MARK: task.key}
    working_dir = command.working_dir or "/"
    inside: dict[str, Any] | None = None
    if sandbox.kind:
        opens = _folders_to_open(declared, mounts, sandbox)
        view = _view_inside(str(task.folder), mounts, opens, sandbox)
        mounted = [(mount.source, mount.path, mount.read_only) for mount in mounts]
        inside = {"run": task.run_uid, "mounts": mounted, "opens": opens}
    else:
        view = View((*_mounted(mounts), Place("/", f"{task.folder}/root")), is_real=False)
        rewrite = _Rewrite({path: view.host_path(path) for path in _all_paths(declared, files, mounts)})
        argv = tuple(map(rewrite, argv))
        environment = {
            name: value if name in ("ARGO_TEMPLATE", MARK) else rewrite(value) for name, value in environment.items()
        }
        if environment.get("TMPDIR") == "/tmp":
            environment["TMPDIR"] = view.host_path("/tmp")
        if SCRIPT_FILE in files:
            files[SCRIPT_FILE] = rewrite(files[SCRIPT_FILE].decode()).encode()
        working_dir = _outside_working_dir(working_dir, view)
    memo = Memo(folder=str(task.folder), view=view, outputs=outputs, capture=task.capture_result)
    order = {
        "key": task.key,
        "argv": argv,
        "environment": environment,
        "folder": str(task.folder),
        "name": "main",
        "cwd": working_dir,
        "files": _entries(task, files, declared, view),
        "sandbox": inside,
        "capture": task.capture_result,
        "limits": _limits(command.container),
        "deadline_ns": task.deadline_ns,
        "grace_s": task.grace_s,
        "memo": msgspec.json.encode(memo).decode(),
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
        found.append(Mount(source, clean_path(mount["mountPath"]), read_only or bool(mount.get("readOnly"))))
    return found


def _limits(container: Mapping[str, Any]) -> dict[str, float]:
    """``resources.limits`` that the keeper can enforce: memory in bytes, cpu in CPUs. Raises CannotRun."""
    wanted = (container.get("resources") or {}).get("limits") or {}
    limits = {}
    for name in ("memory", "cpu"):
        if wanted.get(name) is not None:
            try:
                limits[name] = parse_quantity(str(wanted[name]))
            except ValueError as error:
                raise CannotRun(f"resources.limits.{name}: {error}") from error
    return {name: value for name, value in limits.items() if value > 0}


def _artifacts(template: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    for side in ("inputs", "outputs"):
        yield from (template.get(side) or {}).get("artifacts") or ()


def _all_paths(declared: Sequence[str], files: Iterable[str], mounts: Sequence[Mount]) -> set[str]:
    return {*declared, *files, *(mount.path for mount in mounts), PROGRESS_FILE}


def _mounted(mounts: Sequence[Mount]) -> list[Place]:
    return sorted((Place(mount.path, mount.source) for mount in mounts), key=lambda place: -len(place.point))


def _folders_to_open(declared: Sequence[str], mounts: Sequence[Mount], sandbox: Sandbox) -> list[str]:
    """Folders of the machine that declared paths lie in and that a task could only read otherwise."""
    points = [mount.path for mount in (*mounts, *sandbox.binds)] + ["/tmp"] + [sandbox.home] * bool(sandbox.home)
    opens = []
    for path in declared:
        if any(path == point or path.startswith(point + "/") for point in points):
            continue
        folder = os.path.dirname(path)
        while not os.path.isdir(folder):
            folder = os.path.dirname(folder)
        folder = os.path.realpath(folder)
        if any(folder == cover or folder.startswith(cover + "/") for cover in sandbox.covers) and folder not in opens:
            opens.append(folder)
    return opens


def _view_inside(folder: str, mounts: Sequence[Mount], opens: Sequence[str], sandbox: Sandbox) -> View:
    """The keeper moves what a task has written to these folders (finale/keeper/slots.py)."""
    places = [*_mounted((*mounts, *sandbox.binds)), Place("/tmp", f"{folder}/tmp")]
    places += [Place(path, f"{folder}/open-{number}", path) for number, path in enumerate(opens)]
    if sandbox.home:
        places.append(Place(sandbox.home, f"{folder}/home", sandbox.home))
    places.sort(key=lambda place: -len(place.point))
    return View((*places, Place("/", f"{folder}/root", "/")))


def _entries(task: LeafTask, files: Mapping[str, bytes], declared: Sequence[str], view: View) -> list[Entry]:
    """Files to place, and the folders that declared paths lie in as far as the task would not find them."""
    entries: list[Entry] = []
    for path in declared:
        parent = os.path.dirname(path)
        if parent in ("/", "/tmp") or (view.is_real and os.path.isdir(parent)):
            continue
        base, inside = _base(parent, view)
        if inside:
            entries.append((base, inside, 0o755, None))
    for path, data in files.items():
        base, inside = _base(path, view)
        if not inside:
            raise CannotRun(f"cannot place a file at {path}: a volume is mounted there")
        entries.append((base, inside, _mode(task, path), base64.b64encode(data).decode()))
    return entries


def _base(path: str, view: View) -> tuple[str, str]:
    """(folder that is surely ours, path below it) of a path in the view; the keeper places files from inside a sandbox."""
    if view.is_real:
        return "/", path
    place = view.place_of(path)
    return place.own, path.removeprefix(place.point).lstrip("/")


def _mode(task: LeafTask, path: str) -> int:
    """Permissions of a placed file: the input artifact's `mode`, else readable by all; the script may also be run."""
    for artifact in (task.template.get("inputs") or {}).get("artifacts") or ():
        if artifact.get("path") and clean_path(artifact["path"]) == path and artifact.get("mode") is not None:
            return int(artifact["mode"]) & 0o7777
    return 0o755 if path == SCRIPT_FILE else 0o644


def _outside_working_dir(path: str, view: View) -> str:
    """Without a sandbox: a folder of a volume, or of this machine if it exists, else one of the task's own."""
    moved = view.host_path(path)
    return path if path != "/" and view.place_of(path).point == "/" and os.path.isdir(path) else moved
