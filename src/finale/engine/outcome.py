"""How one attempt of a leaf ended, as a value. An executor makes it, the engine derives phases from it."""

from typing import Literal

import msgspec

__all__ = ["Artifact", "Outcome"]

Artifact = dict[str, object]
"""An artifact in Argo's JSON shape: ``{"name": …, "path": …, "s3": {…}}``."""


class Outcome(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", forbid_unknown_fields=True):
    """`phase` is Failed when the user's own process ended badly and Error for everything else that stopped it.

    `message` is Argo's text (``main: Error (exit code 1)``), empty on success. `exit_code` is that of the main
    container (128 + n for signal n) and None for leaves without a process. `parameters` holds the output parameters
    that were produced, by name; a declared one that is missing was not produced. `result` is the captured standard
    output. `ended_by_us` is true when the process ended after a KillLeaf or a deadline of the leaf; `lost` when
    neither a process nor its exit record could be found.
    """

    phase: Literal["Succeeded", "Failed", "Error"]
    message: str = ""
    exit_code: int | None = None
    parameters: dict[str, str] = {}
    result: str | None = None
    artifacts: tuple[Artifact, ...] = ()
    ended_by_us: bool = False
    lost: bool = False
    progress: str = ""
