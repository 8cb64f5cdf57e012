"""Start one process the way a task needs it: own session, log and standard input in place, in the right folder.

`posix_spawn` (vfork and exec inside the C library) is what makes this cheap: 0.12 ms here, whatever the keeper's
size, against 1.8 ms and more with a Python function between fork and exec. It cannot change the folder, the mounts or
the control group of the child alone; so the keeper, which has one thread, changes its own, spawns, and changes back.
"""

import os
import resource
import signal
import stat
from collections.abc import Mapping, Sequence

__all__ = ["COMMAND_FAULT", "CommandFault", "allow_many_files", "find_program", "open_log", "spawn"]

_FILES = resource.getrlimit(resource.RLIMIT_NOFILE)
"""What we were started with, (soft, hard): what our tasks get."""

COMMAND_FAULT = 64
"""Exit code of a task whose command cannot be run, as Argo's emissary gives it."""


class CommandFault(Exception):
    """The user's command cannot be run; the text is Argo's (Go's os/exec, behind the emissary's prefix)."""


def open_log(path: str) -> int:
    """Descriptor of an empty log; every write goes to its end, whoever else writes."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC, 0o600)


def find_program(name: str, environment: Mapping[str, str]) -> str:
    """Path of the program `name`, seen from the current root and folder.

    Raises CommandFault with the words of Go's ``exec.LookPath`` (os/exec/lp_unix.go).
    """
    if "/" in name:
        fault = _why_not(name)
        if fault:
            raise CommandFault(f'failed to find name in PATH: exec: "{name}": {fault}')
        return name
    for folder in environment.get("PATH", "").split(":"):
        path = f"{folder or '.'}/{name}"
        if not _why_not(path):
            return path
    raise CommandFault(f'failed to find name in PATH: exec: "{name}": executable file not found in $PATH')


def _why_not(path: str) -> str:
    try:
        mode = os.stat(path).st_mode
    except OSError as error:
        return f"stat {path}: {os.strerror(error.errno or 0).lower()}"
    except ValueError:
        return f"stat {path}: invalid argument"
    if stat.S_ISDIR(mode):
        return "is a directory"
    return "" if mode & 0o111 and os.access(path, os.X_OK) else "permission denied"


def spawn(
    program: str, argv: Sequence[str], environment: Mapping[str, str], stdin: int, stdout: int, stderr: int
) -> int:
    """Pid of a new process in a session of its own. Raises CommandFault if the program cannot be executed."""
    if _FILES[0] != _FILES[1]:
        resource.setrlimit(resource.RLIMIT_NOFILE, _FILES)
    try:
        return os.posix_spawn(
            program,
            list(argv),
            environment,
            file_actions=[
                (os.POSIX_SPAWN_DUP2, stdin, 0),
                (os.POSIX_SPAWN_DUP2, stdout, 1),
                (os.POSIX_SPAWN_DUP2, stderr, 2),
            ],
            setsid=True,
            # Python ignores these two signals and a child would inherit that: a shell pipeline must die of SIGPIPE.
            setsigdef=(signal.SIGPIPE, signal.SIGXFSZ),
            setsigmask=(),
        )
    except (OSError, ValueError) as error:
        reason = os.strerror(error.errno or 0).lower() if isinstance(error, OSError) else "invalid argument"
        raise CommandFault(f"fork/exec {program}: {reason}") from error
    finally:
        allow_many_files()


def allow_many_files() -> None:
    """The keeper holds up to five descriptors a task, so it takes what the system gives; tasks keep the usual limit."""
    if _FILES[0] != _FILES[1]:
        resource.setrlimit(resource.RLIMIT_NOFILE, (_FILES[1], _FILES[1]))
