"""Pages that are printed from tables say what the tables say."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("script", ["generate_settings.py", "generate_support.py", "generate_variables.py"])
def test_the_page_is_that_of_the_table(script: str) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / script, "--check"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, f"run scripts/{script}\n{done.stdout}{done.stderr}"
