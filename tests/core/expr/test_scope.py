"""The table of variables: what each place sees, and how a message says so."""

import pytest

from finale.expr.scope import VARIABLES, Place, can_exist, in_scope_text, variables_at


@pytest.mark.parametrize(
    ("place", "name"),
    [
        (Place.WORKFLOW, "workflow.failures"),
        (Place.WORKFLOW, "workflow.parameters.a-b"),
        (Place.BODY, "workflow.labels.app.kubernetes.io/name"),
        (Place.LEAF_BODY, "outputs.artifacts.logs.path"),
        (Place.STEP, "steps.build.outputs.parameters.version"),
        (Place.TASK_HOOK, "tasks.build.status"),
        (Place.LOOP, "item.name"),
        (Place.RETRY, "lastRetry.exitCode"),
        (Place.CRON, "cronworkflow.failed"),
        (Place.METRICS, "inputs.parameters.x"),
    ],
)
def test_a_place_sees_what_belongs_there(place: Place, name: str) -> None:
    assert can_exist(place, name)


@pytest.mark.parametrize(
    ("place", "name"),
    [
        (Place.BODY, "workflow.failures"),
        (Place.BODY, "steps.build.outputs.result"),
        (Place.STEP, "tasks.build.status"),
        (Place.TASK, "item"),
        (Place.RETRY, "workflow.name"),
        (Place.RETRY, "inputs.parameters.x"),
        (Place.HTTP_CONDITION, "inputs.parameters.x"),
        (Place.WORKFLOW, "inputs.parameters.x"),
        (Place.CRON, "workflow.name"),
        (Place.STEP, "steps.build"),
        (Place.WORKFLOW, "workflow.nam"),
    ],
)
def test_a_place_does_not_see_what_belongs_elsewhere(place: Place, name: str) -> None:
    assert not can_exist(place, name)


def test_a_message_names_what_is_nearest_first() -> None:
    assert (
        in_scope_text(Place.STEP, ["build", "test"])
        == "in scope here: steps.build.*, steps.test.*, inputs.*, workflow.*"
    )
    assert in_scope_text(Place.TASK) == "in scope here: tasks.*, inputs.*, workflow.*"
    assert in_scope_text(Place.RETRY) == "in scope here: retries, lastRetry.*"
    assert in_scope_text(Place.DATA) == "in scope here: data"


def test_every_place_sees_something_and_no_variable_is_listed_twice_for_one_place() -> None:
    for place in Place:
        patterns = [variable.pattern for variable in variables_at(place)]
        assert patterns
        assert len(patterns) == len(set(patterns)), place
    assert all(variable.places for variable in VARIABLES)
