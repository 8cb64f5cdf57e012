"""Find the engine of a home folder, or start it.

The engine is a process of its own session, so that closing the terminal does not end it; what it prints goes to the
home's engine.log. It is ready when its socket accepts. Only one engine can own a home (it holds a lock), so starting one
too many is harmless: the second ends at once and we talk to the first. One that was killed while it started is started
again; what else keeps an engine from starting is said in a sentence, and engine.log has the rest.
"""

import fcntl
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from finale.client.http import Address, is_listening
from finale.errors import BadRequest, FinaleError, Unavailable
from finale.home import Home

__all__ = ["ENGINE", "engine_address", "ensure_engine"]

ENGINE = (sys.executable, "-P", "-m", "finale.engine_process")
"""``-P``: what lies in the home folder, our working directory, must not be imported."""

_STEP_S = 0.005
"""Between two looks whether a starting engine listens; a cold start takes some 300 ms."""
_PATIENCE_S = 60.0
"""For an engine that has started and does not listen yet: it may have to recover large runs."""
_GRACE_S = 2.0
"""After the engine we started has ended well: another one, started by the keeper or by hand, was quicker."""
_TAIL_BYTES = 4000
_TRIES = 3
"""Starts of an engine that a signal ends each time, as when memory is short."""


def engine_address(home: Home) -> Address:
    """Where the engine of a home listens, running or not. Raises `Unavailable`."""
    try:
        return Address(socket_path=str(home.engine_socket))
    except OSError as error:
        raise Unavailable(f"cannot use the home folder {home.path}: {error}") from error


def ensure_engine(home: Home, variables: Mapping[str, str] | None = None, *, program: Sequence[str] = ENGINE) -> bool:
    """See to it that the home's engine runs; True when it had to be started.

    `variables` are added to the environment of an engine that is started; `program` is what is started, followed by
    ``--home PATH``. Raises `Unavailable` with what the engine said when it cannot start.
    """
    address = engine_address(home)
    if is_listening(address):
        return False
    try:
        home.prepare()
    except OSError as error:
        raise Unavailable(
            f"cannot use the home folder {home.path}: {error.strerror or error};"
            " set FINALE_HOME to a folder that you can write"
        ) from error
    with _one_at_a_time(home):
        if is_listening(address):
            return False
        _start(home, address, variables or {}, program)
    return True


@contextmanager
def _one_at_a_time(home: Home) -> Iterator[None]:
    """Commands that come together shall start one engine, not one each."""
    try:
        file = os.open(home.path / "engine.start", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise Unavailable(f"cannot write in the home folder {home.path}: {error.strerror or error}") from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)


def _start(home: Home, address: Address, variables: Mapping[str, str], program: Sequence[str]) -> None:
    for tries_left in reversed(range(_TRIES)):
        said_before, exit_code = _try(home, address, variables, program)
        if said_before is None:
            return
        if exit_code is None or exit_code >= 0 or not tries_left:
            raise _refusal(home, said_before, exit_code)


def _try(
    home: Home, address: Address, variables: Mapping[str, str], program: Sequence[str]
) -> tuple[int | None, int | None]:
    """Start an engine and wait until one listens: (None, None). Else where its log begins, and its exit code."""
    import subprocess  # noqa: PLC0415  (start-up time: only a cold home needs it)

    try:
        with home.engine_log.open("ab") as log:
            said_before = log.tell()
            engine = subprocess.Popen(
                [*program, "--home", str(home.path)],
                cwd=home.path,
                env={**os.environ, **variables},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
    except OSError as error:
        raise Unavailable(f"cannot start the engine of {home.path}: {error}") from error
    patience = time.monotonic() + _PATIENCE_S
    ended = False
    while not is_listening(address):
        if not ended and engine.poll() is not None:
            ended = True
            patience = time.monotonic() + (_GRACE_S if engine.returncode == 0 else 0)
        if time.monotonic() > patience:
            return said_before, engine.returncode
        time.sleep(_STEP_S)
    if engine.poll() is None and _holder(home) not in (None, engine.pid):
        engine.terminate()  # another engine was first (the keeper's); ours would take the home when that one ends
    engine.returncode = engine.poll() or 0  # it outlives us: Popen shall not warn about that
    return None, None


def _holder(home: Home) -> int | None:
    """Process id of the engine that owns the home, as its lock file says."""
    try:
        words = home.engine_lock.read_text().split()
    except OSError:
        return None
    return int(words[1]) if len(words) > 1 and words[1].isdigit() else None


def _refusal(home: Home, said_before: int, exit_code: int | None) -> FinaleError:
    """What the engine said before it ended. Its log lines are JSON, the reason why it cannot start is plain text."""
    with home.engine_log.open("rb") as log:
        log.seek(said_before)
        lines = log.read()[-_TAIL_BYTES:].decode(errors="replace").splitlines()
    told = [line for line in lines if line.strip() and not line.startswith("{")]
    said = "\n".join(told).strip()
    if exit_code == BadRequest.exit_code and said:
        return BadRequest(said)
    if exit_code == Unavailable.exit_code and said:
        return Unavailable(f"cannot start the engine of {home.path}: {said}")
    if exit_code is None:
        reason = f"it did not answer within {_PATIENCE_S:.0f} s"
    elif exit_code < 0:
        reason = f"it was ended by signal {-exit_code}, {_TRIES} times"
    else:
        # Most likely a traceback: its last line is the exception.
        reason = told[-1].strip() if told else f"it ended with exit code {exit_code}"
    return Unavailable(f"cannot start the engine of {home.path}: {reason}; its log is {home.engine_log}")
