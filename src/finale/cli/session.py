"""One call of the command line: its global flags, where it prints, and the server it talks to.

Without ``--argo-server`` that is the engine of the home folder, which is started when none runs.
"""

import os
import shlex
from collections.abc import Iterator
from typing import Any

from finale.cli.output import Output
from finale.client.api import Api
from finale.client.http import Address
from finale.client.start import engine_address, ensure_engine
from finale.errors import BadRequest, Conflict
from finale.home import Home
from finale.settings import Settings, read_settings
from finale.units import SECOND, parse_duration

__all__ = ["Session"]

_ENGINE_FLAGS = ("executor", "sandbox", "bind")
"""Global flags that an engine takes when it starts; they reach it as environment variables."""


class Session:
    """Global flags by their names in `finale.cli.options`; those that were not given are absent."""

    def __init__(self, **given: Any) -> None:
        self.given = given
        self.verbose = bool(given.get("verbose")) or given.get("loglevel") == "debug"
        self.output = Output(no_color=bool(given.get("no_color")), no_utf8=bool(given.get("no_utf8")))
        self._settings: Settings | None = None

    @property
    def settings(self) -> Settings:
        """The settings in force. Raises `BadRequest` for a variable that cannot be read."""
        if self._settings is None:
            flags = {name: self.given.get(name) for name in ("home", "namespace", *_ENGINE_FLAGS)}
            if flags["bind"]:
                flags["bind"] = ",".join(map(_absolute, flags["bind"]))
            try:
                self._settings = read_settings(**flags)
            except ValueError as error:
                raise BadRequest(str(error)) from error
        return self._settings

    @property
    def home(self) -> Home:
        """The home folder."""
        return Home(self.settings.home)

    @property
    def is_remote(self) -> bool:
        """The server is an Argo Server that somebody named, not the engine of the home folder."""
        return bool(self.given.get("server"))

    def way_back(self, name: str) -> str:
        """The command that takes up the watch of a run, with the flags that say where it is."""
        words = ["finale", "watch", name]
        for flag, key in (("-n", "namespace"), ("--home", "home"), ("--argo-server", "server")):
            if self.given.get(key):
                words += [flag, str(self.given[key])]
        return shlex.join(words)

    def api(self, *, all_namespaces: bool = False) -> Api:
        """The server, which answers when this returns if it is our own."""
        self.reach()
        return self.api_if_running(all_namespaces=all_namespaces)

    def reach(self) -> None:
        """Start the engine of the home folder if it does not run; an Argo Server is left to itself.

        Raises `Conflict` when an engine runs that was started with other settings than the flags ask for.
        """
        if self.is_remote:
            return
        wanted = {name: str(getattr(self.settings, name)) for name in _ENGINE_FLAGS if self.given.get(name)}
        started = ensure_engine(self.home, {f"FINALE_{name.upper()}": value for name, value in wanted.items()})
        if wanted and not started:
            self._compare(wanted)

    def _compare(self, wanted: dict[str, str]) -> None:
        in_force = self.api_if_running().engine().get("settings") or {}
        for name, value in wanted.items():
            if str(in_force.get(name, "")) != value:
                raise Conflict(
                    f"--{name} {value}: the engine of {self.home.path} was started without it; end that one first with"
                    " finale server stop (unfinished runs are kept and go on)"
                )

    def api_if_running(self, *, all_namespaces: bool = False) -> Api:
        """The server, without starting an engine when none runs."""
        try:
            timeout = parse_duration(self.given.get("request_timeout") or "0", bare_seconds=True) / SECOND
        except ValueError as error:
            raise BadRequest(f"--request-timeout: {error}") from None
        return Api(
            self._remote() if self.is_remote else engine_address(self.home),
            namespace="" if all_namespaces else self.settings.namespace,
            headers=dict(self._headers()),
            timeout_s=timeout or None,
            tell=self.output.say if self.verbose else None,
        )

    def _remote(self) -> Address:
        return Address.parse(
            self.given["server"],
            secure=self.given.get("secure", True),
            verify=not self.given.get("insecure_skip_verify"),
            base=self.given.get("argo_base_href") or "",
        )

    def _headers(self) -> Iterator[tuple[str, str]]:
        token = self.given.get("token")
        if token and self.is_remote:
            yield "Authorization", token if token.startswith(("Bearer ", "Basic ")) else f"Bearer {token}"
        for header in self.given.get("header") or ():
            name, colon, value = header.partition(":")
            if not colon:
                raise BadRequest(f'--header "{header}": expected NAME: VALUE')
            yield name.strip(), value.strip()


def _absolute(bind: str) -> str:
    """``PATH[:ro]`` with the path as seen from here: the engine's working directory is another."""
    path, colon, mode = bind.rpartition(":")
    return f"{os.path.abspath(path)}:{mode}" if colon and mode in ("ro", "rw") else os.path.abspath(bind)
