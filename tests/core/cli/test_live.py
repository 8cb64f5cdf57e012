"""The window that a terminal shows of a large tree."""

import pytest

from core.cli.workflows import node, run
from finale.cli.show.live import LiveTree, window
from finale.cli.show.tree import Layout, Line

HEADER = Line("STEP")


def tree(count: int, working: int | None = None) -> list[Line]:
    return [HEADER, *(Line(f"row {index}", index == working) for index in range(count))]


def test_a_tree_that_fits_is_shown_whole() -> None:
    assert window(tree(9), 10) == ["STEP", *(f"row {index}" for index in range(9))]


@pytest.mark.parametrize("height", [5, 6, 10, 24])
@pytest.mark.parametrize("count", [24, 30, 1000])
@pytest.mark.parametrize("working", [None, 0, 1, 2, 5, 12, 20, 22, 23, 29, 500, 998, 999])
def test_a_window_is_never_too_high_shows_what_works_and_counts_the_rest(
    height: int, count: int, working: int | None
) -> None:
    lines = window(tree(count, working), height)
    assert lines[0] == "STEP"
    assert len(lines) <= height
    rows = [line for line in lines if line.startswith("row")]
    left_out = [int(line.split()[1]) for line in lines if "more" in line]
    assert len(rows) + sum(left_out) == count
    if working is not None and working < count:
        assert f"row {working}" in rows


def test_a_picture_of_a_running_run_names_it_and_what_holds_it_up() -> None:
    blocked = [{"type": "JournalBlocked", "status": "True", "message": "the disk is full"}]
    workflow = run("a", "Running", node("a", "Running"), conditions=blocked, progress="0/1")
    lines = LiveTree(Layout())._lines(workflow, 24)
    assert lines[:2] == ["Name:                a", "Status:              Running"]
    assert "Trouble:             the disk is full" in lines
    assert lines[-1].startswith(" ● a")
