"""Find the engine of a home folder, or start it.

The engine is a process of its own session, so that closing the terminal does not end it; what it prints goes to the
home's engine.log. It is ready when its socket accepts. Only one engine can own a home (it holds a lock), so starting one
too many is harmless: the second ends at once and we talk to the first.
"""

import fcntl
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from finale.client.http import Address, is_listening
from finale.errors import Unavailable
from finale.home import Home

__all__ = ["engine_address", "ensure_engine"]

_STEP_S = 0.005
"""Between two looks whether a starting engine listens; a cold start takes some 300 ms."""
_PATIENCE_S = 60.0
"""For an engine that has started and does not listen yet: it may have to recover large runs."""
_GRACE_S = 2.0
"""After the engine we started has ended: another one, started by the keeper or somebody else, may have been quicker."""
_TAIL_BYTES = 4000


def engine_address(home: Home) -> Address:
    """Where the engine of a home listens, running or not."""
    return Address(socket_path=str(home.engine_socket))


def ensure_engine(home: Home, variables: Mapping[str, str] | None = None) -> Address:
    """The address of the home's engine, which runs when this returns. `variables` are added to a new engine's environment.

    Raises `Unavailable` with what the engine said when it cannot start.
    """
    address = engine_address(home)
    if is_listening(address):
        return address
    try:
        home.prepare()
    except OSError as error:
        raise Unavailable(
            f"cannot use the home folder {home.path}: {error.strerror or error}; set FINALE_HOME to a folder that you can write"
        ) from error
    with _one_at_a_time(home):
        if not is_listening(address):
            _start(home, address, variables or {})
    return address


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


def _start(home: Home, address: Address, variables: Mapping[str, str]) -> None:
    import subprocess  # noqa: PLC0415  (start-up time: only a cold home needs it)

    with home.engine_log.open("ab") as log:
        said_before = log.tell()
        engine = subprocess.Popen(
            [sys.executable, "-P", "-m", "finale.engine_process", "--home", str(home.path)],
            cwd=home.path,
            env={**os.environ, **variables},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    patience = time.monotonic() + _PATIENCE_S
    ended = False
    while not is_listening(address):
        if not ended and engine.poll() is not None:
            ended = True
            patience = time.monotonic() + _GRACE_S
        if time.monotonic() > patience:
            raise Unavailable(_why(home, said_before, engine.returncode))
        time.sleep(_STEP_S)
    engine.returncode = engine.poll() or 0  # it outlives us: Popen shall not warn about that


def _why(home: Home, said_before: int, exit_code: int | None) -> str:
    with home.engine_log.open("rb") as log:
        log.seek(said_before)
        said = log.read()[-_TAIL_BYTES:].decode(errors="replace").strip()
    what = (
        f"the engine did not answer within {_PATIENCE_S:.0f} s"
        if exit_code is None
        else f"the engine ended with exit code {exit_code}"
    )
    return f"cannot start the engine of {home.path}: {said or what}"
