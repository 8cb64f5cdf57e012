"""The phase table: which moves exist, which phases are final. Argo's phases and Argo's split of them (§1.5)."""

__all__ = ["COMPLETED", "FULFILLED", "MOVES", "is_bad"]

COMPLETED = frozenset({"Succeeded", "Failed", "Error"})
"""The work was done or tried."""

FULFILLED = COMPLETED | {"Skipped", "Omitted"}
"""Nothing more will happen to the node itself (its handlers may still run)."""

MOVES = {
    "": frozenset({"Pending", "Running", *FULFILLED}),
    "Pending": frozenset({"Running", *COMPLETED}),
    "Running": COMPLETED,
    **{phase: frozenset[str]() for phase in FULFILLED},
}
"""From each phase the phases it may move to; a final phase moves nowhere."""


def is_bad(phase: str) -> bool:
    """Failed or Error."""
    return phase in ("Failed", "Error")
