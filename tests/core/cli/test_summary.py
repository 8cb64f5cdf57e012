"""The lines above the tree, and the table of `list`, compared with argo-cli-transcripts.md."""

import time
from collections.abc import Iterator
from textwrap import dedent
from typing import Any

import pytest

from core.cli.workflows import NOW_NS, nightly, node, run
from finale.cli.show.columns import align
from finale.cli.show.moments import long_duration, moment, short_duration, utc_text
from finale.cli.show.runs import in_order, run_table
from finale.cli.show.summary import status_text, summary_lines


@pytest.fixture(autouse=True)
def _utc() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


SUMMARY = """\
    Name:                nightly
    Namespace:           argo
    ServiceAccount:      unset (will run with the default ServiceAccount)
    Status:              Failed
    Conditions:
     PodRunning          False
     Completed           True
    Created:             Fri Nov 20 21:16:10 +0000 (3 seconds ago)
    Started:             Fri Nov 20 21:16:10 +0000 (3 seconds ago)
    Finished:            Fri Nov 20 21:16:13 +0000 (now)
    Duration:            3 seconds
    Progress:            4/6
    ResourcesDuration:   0s*(1 cpu),2s*(100Mi memory)
"""

SUBMITTED = """\
    Name:                hello-6
    Namespace:           argo
    ServiceAccount:      unset (will run with the default ServiceAccount)
    Status:              Pending
    Created:             Fri Nov 20 21:16:13 +0000 (now)
    Progress:
    Parameters:
      nope:              1
      who:               world
"""


def test_the_recorded_run_is_summed_up_as_argo_did() -> None:
    assert summary_lines(nightly(), NOW_NS) == dedent(SUMMARY).splitlines()


def test_a_new_run_shows_its_parameters() -> None:
    parameters = [{"name": "nope", "value": "1"}, {"name": "who", "value": "world"}, {"name": "later"}]
    workflow = {
        "metadata": {"name": "hello-6", "namespace": "argo", "creationTimestamp": "2026-11-20T21:16:13Z"},
        "spec": {"arguments": {"parameters": parameters}},
        "status": {"startedAt": None, "finishedAt": None},
    }
    assert summary_lines(workflow, NOW_NS) == dedent(SUBMITTED).splitlines()


def test_outputs_of_the_run_come_last() -> None:
    outputs = {
        "parameters": [{"name": "answer", "value": "42"}],
        "artifacts": [{"name": "report", "path": "/tmp/r", "s3": {"key": "runs/report.tgz"}}],
    }
    lines = summary_lines(run("o", "Succeeded", node("o"), outputs=outputs), NOW_NS)
    assert lines[-4:] == [
        "Output Parameters:",
        "  answer:            42",
        "Output Artifacts:",
        "  report:            runs/report.tgz",
    ]


@pytest.mark.parametrize(
    ("phase", "spec", "nodes", "expected"),
    [
        ("", {}, [], "Pending"),
        ("Running", {}, [node("a", "Running")], "Running"),
        ("Running", {"suspend": True}, [], "Running (Suspended)"),
        ("Running", {}, [node("a", "Running", kind="Suspend")], "Running (Suspended)"),
        ("Failed", {"shutdown": "Stop"}, [], "Failed (Terminated)"),
        ("Error", {"shutdown": "Stop"}, [], "Error"),
    ],
)
def test_the_status_says_what_the_phase_does_not(
    phase: str, spec: dict[str, Any], nodes: list[dict[str, Any]], expected: str
) -> None:
    assert status_text({**run("a", phase, *nodes), "spec": spec}) == expected


LIST = """\
    NAME      STATUS                AGE   DURATION   PRIORITY   MESSAGE
    slow      Running               3s    3s         0
    nightly   Failed                3s    3s         0
    long      Failed (Terminated)   3s    2s         5          Stopped with strategy 'Stop'
"""


def listed() -> list[dict[str, Any]]:
    long = run("long", "Failed", message="Stopped with strategy 'Stop'", finishedAt="2026-11-20T21:16:12Z")
    long["spec"] = {"shutdown": "Stop", "priority": 5}
    return [long, nightly(), run("slow", "Running")]


def test_the_list_has_argos_columns_and_order() -> None:
    assert run_table(in_order(listed()), now_ns=NOW_NS) == dedent(LIST).splitlines()


def test_the_list_without_titles_is_laid_out_by_its_own_cells() -> None:
    assert run_table([nightly()], headers=False, now_ns=NOW_NS) == ["nightly   Failed   3s   3s   0"]


def test_the_wide_list_counts_leaves_and_names_parameters() -> None:
    workflow = nightly()
    long_text = "x" * 40 + "y" * 40
    workflow["spec"]["arguments"] = {"parameters": [{"name": "a", "value": "1"}, {"name": "b", "value": long_text}]}
    titles, row = run_table([workflow], wide=True, namespaces=True, now_ns=NOW_NS)
    assert titles.split() == [
        "NAMESPACE",
        "NAME",
        "STATUS",
        "AGE",
        "DURATION",
        "PRIORITY",
        "MESSAGE",
        "P/R/C",
        "PARAMETERS",
    ]
    assert row.split() == ["argo", "nightly", "Failed", "3s", "3s", "0", "0/0/6", f"a=1,b={'x' * 32}...{'y' * 15}"]


def test_times_are_told_as_argo_tells_them() -> None:
    assert moment("2026-11-20T21:16:13Z", NOW_NS) == "Fri Nov 20 21:16:13 +0000 (now)"
    assert moment("2026-11-20T21:00:00Z", NOW_NS) == "Fri Nov 20 21:00:00 +0000 (16 minutes ago)"
    assert moment("2026-11-20T22:00:00Z", NOW_NS) == "Fri Nov 20 22:00:00 +0000 (43 minutes from now)"
    assert utc_text("2026-11-20T21:16:13Z") == "2026-11-20 21:16:13 +0000 UTC"
    assert short_duration("2026-11-20T19:16:13Z", None, NOW_NS) == "2h"
    assert short_duration(None, None, NOW_NS) == ""
    assert long_duration("2026-11-20T21:15:08Z", "2026-11-20T21:16:13Z") == "1 minute 5 seconds"


def test_columns_end_where_a_row_does_not_reach_them() -> None:
    rows = [["a", "wide cell", "x"], ["b", "c", "y"], ["only one"], ["d", "e", "z"]]
    assert ["".join(row) for row in align(rows, 2)] == ["a  wide cell  x", "b  c          y", "only one", "d  e  z"]
