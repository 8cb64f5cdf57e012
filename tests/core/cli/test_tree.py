"""The tree of `get`, compared with what the real `argo` printed (argo-cli-transcripts.md)."""

import re
from textwrap import dedent

import pytest

from core.cli.workflows import NOW_NS, nightly, node, run
from finale.cli.selection import keeps
from finale.cli.show.symbols import Palette
from finale.cli.show.tree import Layout, draw_tree

NIGHTLY = """\
    STEP               TEMPLATE  PODNAME                   DURATION  MESSAGE
     ✖ nightly         main
     ├─✔ build         ok        nightly-ok-3124277516     1s
     ├─✔ flaky         flaky
     │ ├─✖ flaky(0)    flaky     nightly-flaky-1336319040  1s        main: Error (exit code 1)
     │ └─✔ flaky(1)    flaky     nightly-flaky-2074387181  0s
     ├─✖ test          bad       nightly-bad-836244296     0s        main: Error (exit code 3)
     ├─✔ test.onExit   ok        nightly-ok-2002772091     1s

     ✔ nightly.onExit  bye
     └─┬─✔ tell        ok        nightly-ok-3550427874     1s
       └─○ cheer       ok                                            when 'Failed == Succeeded' evaluated false
"""

SHORT = """\
    STEP               TEMPLATE  PODNAME                   DURATION  MESSAGE                                     NODENAME
     ✖ nightly         main
     ├─✔ build         ok        nightly-ok-3124277516     1s
     ├─✔ flaky         flaky
     │ ├─✖ flaky(0)    flaky     nightly-flaky-1336319040  1s        main: Error (exit code 1)
     │ └─✔ flaky(1)    flaky     nightly-flaky-2074387181  0s
     ├─✖ test          bad       nightly-bad-836244296     0s        main: Error (exit code 3)
     ├─✔ test.onExit   ok        nightly-ok-2002772091     1s

     ✔ nightly.onExit  bye
     └─┬─✔ tell        ok        nightly-ok-3550427874     1s
       └─○ cheer       ok                                            when 'Failed == Succeeded' evaluated false
"""

FAILED_ONLY = """\
    STEP           TEMPLATE  PODNAME                   DURATION  MESSAGE
     ✖ nightly     main
     ├─✖ flaky(0)  flaky     nightly-flaky-1336319040  1s        main: Error (exit code 1)
     ├─✖ test      bad       nightly-bad-836244296     0s        main: Error (exit code 3)
"""

WIDE = """\
    STEP               TEMPLATE  PODNAME                   DURATION  ARTIFACTS  MESSAGE                    RESOURCESDURATION             NODENAME
     ✖ nightly         main                                                                                0s*(1 cpu),0s*(100Mi memory)
     ├─✔ build         ok        nightly-ok-3124277516     1s                                              0s*(1 cpu),0s*(100Mi memory)
     ├─✔ flaky         flaky                                                                               0s*(1 cpu),0s*(100Mi memory)
     │ ├─✖ flaky(0)    flaky     nightly-flaky-1336319040  1s                   main: Error (exit code 1)  0s*(1 cpu),0s*(100Mi memory)
     │ └─✔ flaky(1)    flaky     nightly-flaky-2074387181  0s                                              0s*(1 cpu),0s*(100Mi memory)
     ├─✖ test          bad       nightly-bad-836244296     0s                   main: Error (exit code 3)  0s*(1 cpu),0s*(100Mi memory)
     ├─✔ test.onExit   ok        nightly-ok-2002772091     1s                                              0s*(1 cpu),0s*(100Mi memory)

     ✔ nightly.onExit  bye                                                                                                  0s*(1 cpu),0s*(100Mi memory)
     └─┬─✔ tell        ok        nightly-ok-3550427874     1s                                                               0s*(1 cpu),0s*(100Mi memory)
       └─○ cheer       ok                                                       when 'Failed == Succeeded' evaluated false
"""  # noqa: E501


def drawn(workflow: dict[str, object], layout: Layout) -> str:
    return "".join(f"{line}\n" for line in draw_tree(workflow, layout))


@pytest.mark.parametrize(
    ("layout", "expected"),
    [
        (Layout(now_ns=NOW_NS), NIGHTLY),
        (Layout(output="short", now_ns=NOW_NS), SHORT),
        (Layout(output="wide", now_ns=NOW_NS), WIDE),
        (Layout(keep=keeps("Failed", None), now_ns=NOW_NS), FAILED_ONLY),
        (Layout(keep=keeps(None, "phase=Failed"), now_ns=NOW_NS), FAILED_ONLY),
    ],
    ids=["get", "short", "wide", "status", "selector"],
)
def test_the_recorded_run_is_drawn_as_argo_drew_it(layout: Layout, expected: str) -> None:
    assert drawn(nightly(), layout) == dedent(expected)


def steps(workflow: dict[str, object], layout: Layout | None = None) -> list[str]:
    """The first column, without its title."""
    header, *lines = draw_tree(workflow, layout or Layout())
    width = header.index("TEMPLATE")
    return [line[:width].rstrip() for line in lines]


def test_steps_of_a_group_hang_from_one_branch_and_a_single_step_from_a_plain_one() -> None:
    workflow = run(
        "hello",
        "Succeeded",
        node("hello", kind="Steps", children=["hello[0]"]),
        node("hello[0]", kind="StepGroup", boundaryID="hello", children=["hello[0].greet"]),
        node("hello[0].greet", boundaryID="hello", displayName="greet", children=["hello[1]"]),
        node(
            "hello[1]", kind="StepGroup", boundaryID="hello", children=["hello[1].each(0:one)", "hello[1].each(1:two)"]
        ),
        node("hello[1].each(1:two)", boundaryID="hello", displayName="each(1:two)"),
        node("hello[1].each(0:one)", boundaryID="hello", displayName="each(0:one)"),
    )
    assert steps(workflow) == [" ✔ hello", " ├───✔ greet", " └─┬─✔ each(0:one)", "   └─✔ each(1:two)"]


def test_a_waiting_suspend_node_has_its_own_sign() -> None:
    workflow = run(
        "approval",
        "Running",
        node("approval", "Running", kind="Steps"),
        node("approval[0]", "Running", kind="StepGroup", boundaryID="approval", children=["approval[0].gate"]),
        node("approval[0].gate", "Running", kind="Suspend", boundaryID="approval", displayName="gate"),
    )
    assert steps(workflow) == [" ● approval", " └───ǁ gate"]


def test_a_retry_node_with_one_attempt_gives_its_place_to_the_attempt() -> None:
    workflow = run(
        "r",
        "Succeeded",
        node("r", kind="DAG"),
        node("r.a", kind="Retry", children=["r.a(0)"]),
        node("r.a(0)"),
        node("r.b"),
    )
    assert steps(workflow) == [" ✔ r", " ├─✔ a(0)", " └─✔ b"]


def test_within_one_second_nodes_stand_in_the_order_of_their_edges_then_of_names_and_numbers() -> None:
    workflow = run(
        "o",
        "Succeeded",
        node("o", kind="DAG", children=["o.z"]),
        node("o.a", children=["o.items"]),
        node("o.z", children=["o.a", "o.b"]),
        node("o.b"),
        node("o.items", kind="TaskGroup", children=["o.items(10:x)", "o.items(9:x)"]),
        node("o.items(10:x)"),
        node("o.items(9:x)"),
    )
    assert steps(workflow) == [" ✔ o", " ├─✔ z", " ├─✔ a", " ├─✔ b", " ├─✔ items(9:x)", " └─✔ items(10:x)"]


def test_a_hook_of_the_run_stands_below_its_root() -> None:
    workflow = run("h", "Running", node("h", "Running", kind="DAG"), node("h.hooks.begin", boundaryID=""))
    assert steps(workflow) == [" ● h", " └─✔ hooks.begin"]


def test_a_boundary_that_is_not_there_hides_nothing() -> None:
    workflow = run(
        "h", "Running", node("h", "Running", kind="DAG"), node("h.x", boundaryID="h-404", children=["h-405"])
    )
    assert steps(workflow) == [" ● h", " └─✔ x"]


def test_without_utf8_signs_are_words_and_branches_ascii() -> None:
    workflow = run(
        "n",
        "Running",
        node("n", "Running", kind="Steps"),
        node("n[0]", kind="StepGroup", boundaryID="n", children=["n[0].a", "n[0].b"]),
        node("n[0].a", boundaryID="n", displayName="a"),
        node("n[0].b", "Running", kind="Suspend", boundaryID="n", displayName="b"),
    )
    assert steps(workflow, Layout(Palette(utf8=False))) == [" Running n", " `-+-Succeeded a", "   `-Suspend b"]


def test_colours_do_not_disturb_the_columns() -> None:
    plain = draw_tree(nightly(), Layout(now_ns=NOW_NS))
    coloured = draw_tree(nightly(), Layout(Palette(colour=True), now_ns=NOW_NS))
    assert coloured[1] == " \x1b[31m✖\x1b[0m" + plain[1][2:]
    assert [re.sub(r"\x1b\[\d+m", "", line) for line in coloured] == plain


def test_a_message_cannot_break_the_table_or_drive_the_terminal() -> None:
    workflow = run("m", "Failed", node("m", "Failed", message="one\ntwo\x1b[2J"))
    assert draw_tree(workflow, Layout())[1].endswith("one two�[2J")


def test_nothing_is_drawn_before_the_run_has_nodes() -> None:
    assert draw_tree(run("e", "Pending"), Layout()) == []


def test_two_thousand_levels_are_no_problem() -> None:
    chain = [node("d", kind="DAG")]
    for depth in range(2_000):
        chain.append(node(f"d.{depth}", kind="DAG", boundaryID=chain[-1]["id"]))
    assert len(draw_tree(run("d", "Succeeded", *chain), Layout())) == 2_002
