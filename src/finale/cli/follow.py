"""Follow one run until it has ended, whatever happens to the engine meanwhile.

The engine may be killed and started again (by its keeper, or by us when we look for it): the watch is taken up again and
the run's current state comes first. Who shows it must therefore accept repeats.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeVar

from finale.cli.session import Session
from finale.cli.show.summary import troubles
from finale.cli.show.verdict import is_finished
from finale.client.api import Api
from finale.client.http import NoListener
from finale.errors import NotFound, Unavailable

__all__ = ["Sight", "follow", "follow_logs", "insist", "resolve_name"]

_TRIES = 30
"""Attempts to reach a server again, a second apart. A watch that has brought something starts the count anew."""

_Found = TypeVar("_Found")


def resolve_name(api: Api, name: str) -> str:
    """The run that ``@latest`` means, or the name itself."""
    if name != "@latest":
        return name
    return str(api.get(name, fields="metadata.name")["metadata"]["name"])


class Sight(NamedTuple):
    """The run as it is now; `changed` are the nodes that are new or different since the sight before, by id."""

    workflow: dict[str, Any]
    changed: dict[str, dict[str, Any]]


def follow(session: Session, api: Api, name: str, *, fields: str = "") -> Iterator[Sight]:
    """The run now and after each change; the last one is finished. `fields` prunes what is watched, not what is first.

    The nodes of all sights are one dictionary, so that a change costs time in proportion to what has changed.
    Raises `NotFound` when there is no such run or it is deleted, `Unavailable` when the server stays away.
    """
    workflow = insist(session, name, lambda: api.get(name))
    nodes = _nodes(workflow)
    told = _tell_troubles(session, workflow, [])
    yield Sight(workflow, nodes)
    contact = _Contact(session, name)
    while not is_finished(workflow):
        try:
            for event in api.watch(name, fields=fields):
                contact.heard()
                if event.get("type") == "DELETED":
                    raise NotFound(f"the run {name} was deleted")
                workflow = event["object"]
                told = _tell_troubles(session, workflow, told)
                changed = _nodes(workflow)
                if event.get("type") == "ADDED" or session.is_remote:
                    nodes = changed
                else:
                    nodes.update(changed)
                yield Sight({**workflow, "status": {**(workflow.get("status") or {}), "nodes": nodes}}, changed)
                if is_finished(workflow):
                    return
        except NoListener as error:
            contact.lost(error)
        contact.restore()


class _Contact:
    """What is done about a server that is not there any more: said once, then looked for until it is back."""

    def __init__(self, session: Session, name: str) -> None:
        self._session = session
        self._name = name
        self._silences = 0
        self._is_told = False

    def heard(self) -> None:
        """The server has sent something."""
        self._silences = 0
        self._is_told = False

    def lost(self, error: NoListener) -> None:
        """The connection broke, or could not be made."""
        if not self._is_told:
            self._session.output.notice(f"{error}; looking for it again (the run is not affected)")
            self._is_told = True

    def restore(self) -> None:
        """See to it that the server can be asked again: ours is started if need be, a remote one is waited for."""
        self._silences += 1
        if self._silences >= _TRIES:
            raise Unavailable(f"the server stays away; come back with: {self._session.way_back(self._name)}")
        if self._silences > 1:
            time.sleep(1.0)
        try:
            self._session.reach()
        except Unavailable as error:
            raise Unavailable(
                f"{error}\nThe run is kept; come back with: {self._session.way_back(self._name)}"
            ) from error


def insist(session: Session, name: str, ask: Callable[[], _Found]) -> _Found:
    """What `ask` gives, asked anew when the server dies over it. Raises `Unavailable` when the server stays away."""
    contact = _Contact(session, name)
    while True:
        try:
            return ask()
        except NoListener as error:
            contact.lost(error)
        contact.restore()


def _tell_troubles(session: Session, workflow: dict[str, Any], told: list[str]) -> list[str]:
    """Say what holds the run up since it was last looked at, and when nothing does any more."""
    now = troubles(workflow)
    for trouble in now:
        if trouble not in told:
            session.output.say(f"warning: {trouble}")
    if told and not now:
        session.output.say("notice: the run goes on")
    return now


def _nodes(workflow: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return dict((workflow.get("status") or {}).get("nodes") or {})


def follow_logs(session: Session, api: Api, name: str) -> Iterator[dict[str, Any]]:
    """Every line of every pod, once, until the run has ended. After a break the lines that were given are passed over."""
    given: dict[str, int] = {}
    contact = _Contact(session, name)
    while True:
        known = dict(given)
        try:
            for entry in api.logs(name, {"logOptions.container": "main", "logOptions.follow": "true"}):
                contact.heard()
                pod = str(entry.get("podName"))
                if known.get(pod):
                    known[pod] -= 1
                    continue
                given[pod] = given.get(pod, 0) + 1
                yield entry
        except NoListener as error:
            contact.lost(error)
        else:
            return
        contact.restore()
