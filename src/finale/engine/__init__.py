"""The core: a pure state machine. See `decide`."""

from finale.engine.decide import decide, new_state, outstanding
from finale.engine.state import RunState
from finale.engine.verbs import refusal

__all__ = ["RunState", "decide", "new_state", "outstanding", "refusal"]
