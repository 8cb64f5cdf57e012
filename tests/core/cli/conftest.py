"""A home folder with a fake engine, and a way to call the command line inside the test's process."""

import io
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from core.cli.fake_server import FakeServer
from finale.cli.main import main
from finale.home import Home

__all__ = ["Called", "Finale"]


class Called(NamedTuple):
    """What a call of the command line came to."""

    code: int
    out: str
    err: str


Finale = Callable[..., Called]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    for name in ("ARGO_SERVER", "ARGO_TOKEN", "ARGO_SECURE", "ARGO_BASE_HREF", "NO_COLOR", "FINALE_NAMESPACE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FINALE_HOME", str(tmp_path / "home"))
    return Home(tmp_path / "home")


@pytest.fixture
def engine(home: Home) -> Iterator[FakeServer]:
    with FakeServer(home.engine_socket) as server:
        yield server


@pytest.fixture
def finale(home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Finale:
    def call(*words: str, stdin: str = "") -> Called:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        code = main(list(words))
        captured = capsys.readouterr()
        return Called(code, captured.out, captured.err)

    return call
