"""Puts Finale among the peers: ``PEERS_EXTRA=$PWD/bench/peers_extra.py python3 …/bench/peers/run_peers.py all``.

`finale` runs tasks in its sandbox, `finale-bare` without one, as every other peer does. This checkout is installed
editable, so that what is measured is what is in it.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["peers"]

_HERE = Path(__file__).resolve().parent
_NOT_YET = "function tasks come with Python components"


def peers(make: Callable[..., Any]) -> list[Any]:
    """The entries for the driver's registry; `make` is its class of a peer."""
    script = str(_HERE / "peer_finale.py")
    pins = (("--editable", str(_HERE.parent)),)
    cannot = {"W3": _NOT_YET, "W4": _NOT_YET}
    kills = "the engine process (the keeper starts it again)"
    return [
        make("finale", script, venv="finale", pins=pins, dist="finale", cannot=cannot, kills=kills),
        make(
            "finale-bare", script, venv="finale", pins=pins, dist="finale", variant="bare", cannot=cannot, kills=kills
        ),
    ]
