"""Every setting once: name, default, unit, environment variable, meaning. Nothing else reads the environment.

A setting comes from the command line's flag if there is one, else from its variable, else the default. `docs/settings.md`
is printed from this table.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["SETTINGS", "Setting", "Settings", "read_settings"]


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table; `kind` says how the text of the variable is read."""

    name: str
    default: str
    kind: type
    meaning: str

    @property
    def variable(self) -> str:
        """The environment variable, ``FINALE_`` and the name in capitals."""
        return f"FINALE_{self.name.upper()}"


SETTINGS = (
    Setting("home", "", str, "folder of the journal, logs and sockets; default: the platform's data folder, …/finale"),
    Setting("namespace", "default", str, "namespace used where none is named"),
    Setting("executor", "auto", str, "what runs containers: auto, process or container"),
    Setting("sandbox", "auto", str, "isolation of process tasks: auto, on (refuse to run without) or off"),
    Setting("bind", "", str, "further paths of this machine that tasks may write, `PATH[:ro]`, separated by commas"),
    Setting(
        "idle_s", "60", float, "seconds without runs, timers and clients after which engine and keeper end; 0: never"
    ),
    Setting("grace_s", "30", float, "seconds between SIGTERM and SIGKILL where the template does not say"),
    Setting(
        "handler_limit_s",
        "86400",
        float,
        "seconds after which an exit handler is ended (annotation finale.dev/exit-limit)",
    ),
    Setting("parallelism", "0", int, "tasks of all runs that may run at once; 0: no limit"),
    Setting("snapshot_rows", "2000", int, "events of a run after which its state is saved, to keep recovery short"),
    Setting("log_level", "info", str, "what the engine writes to engine.log: debug, info, warning or error"),
)


class Settings:
    """The values in force, as attributes named like the rows of `SETTINGS`."""

    home: str
    namespace: str
    executor: str
    sandbox: str
    bind: str
    idle_s: float
    grace_s: float
    handler_limit_s: float
    parallelism: int
    snapshot_rows: int
    log_level: str

    def __init__(self, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            setattr(self, name, value)


def read_settings(environment: Mapping[str, str] | None = None, **flags: Any) -> Settings:
    """Settings from flags (None: not given), the environment and the defaults. Raises ``ValueError`` naming the variable."""
    source = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        if flags.get(setting.name) is not None:
            values[setting.name] = flags[setting.name]
            continue
        text = source.get(setting.variable) or setting.default
        try:
            values[setting.name] = setting.kind(text)
        except ValueError:
            raise ValueError(
                f"{setting.variable}={text}: expected {setting.kind.__name__}; {setting.meaning}"
            ) from None
    return Settings(values)
