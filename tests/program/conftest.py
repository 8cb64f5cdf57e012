"""What tests of the real program share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from program.home import HomeFolder


@pytest.fixture
def home(tmp_path: Path) -> Iterator[HomeFolder]:
    """A fresh home folder; when the test is over no process of it may be left."""
    home = HomeFolder(tmp_path)
    yield home
    home.end()
