"""The promises, over random workflows with random endings (style.md §7).

``FINALE_EXAMPLES=10000`` is the long mode.
"""

import os
from random import Random
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.engine.random_runs import World, workflows
from finale.engine import decide, new_state
from finale.engine.invariants import broken_rules
from finale.engine.state import RunState

LONG = settings(
    max_examples=int(os.environ.get("FINALE_EXAMPLES", "200")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
SEEDS = st.integers(0, 2**32)
LONGEST = 20_000
"""Events after which a run counts as endless."""


def to_the_end(world: World, chance: Random, cut: int = -1) -> None:
    """Drive a run until it has ended; after `cut` events the engine dies and comes back."""
    while not world.state.finished:
        assert len(world.events) < LONGEST, "the run does not end"
        if len(world.events) == cut:
            saved = msgspec.msgpack.encode(world.state)
            world.restart(msgspec.msgpack.decode(saved, type=RunState))
        world.happen(chance)
        if len(world.state.nodes) < 200 or len(world.events) % 50 == 0:  # the rules cost as much as there are nodes
            assert broken_rules(world.state) == []
    assert broken_rules(world.state) == []


@LONG
@given(workflows(), SEEDS)
def test_every_run_ends_with_every_debt_paid_or_waived(workflow: dict[str, Any], seed: int) -> None:
    world = World(workflow)
    to_the_end(world, Random(seed))
    assert {debt.phase for debt in world.state.debts.values()} <= {"paid", "waived"}


@LONG
@given(workflows(), SEEDS, st.integers(1, 60))
def test_cut_anywhere_the_run_still_pays_and_starts_nothing_twice(
    workflow: dict[str, Any], seed: int, cut: int
) -> None:
    world = World(workflow)
    to_the_end(world, Random(seed), cut)
    assert len(world.launches) == len(set(world.launches))
    assert {debt.phase for debt in world.state.debts.values()} <= {"paid", "waived"}


@LONG
@given(workflows(), SEEDS)
def test_replaying_the_events_gives_the_same_state(workflow: dict[str, Any], seed: int) -> None:
    world = World(workflow)
    to_the_end(world, Random(seed))
    again = new_state()
    for event in world.events:
        decide(again, event)
    assert again == world.state
