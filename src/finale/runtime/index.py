"""Which runs there are: their names, and of each the summary that lists are made of.

A name is taken from the moment somebody asks for it, so two submissions at once cannot both get it.
"""

from collections.abc import Iterator

from finale.errors import Conflict, NotFound
from finale.journal.contract import RunSummary

__all__ = ["LATEST", "RunIndex"]

LATEST = "@latest"
"""Stands for the newest run of a namespace wherever a name is accepted (argo-workflows server/workflow, latestAlias)."""


class RunIndex:
    """All runs of the home folder, by uid and by namespace and name."""

    def __init__(self) -> None:
        self._uids: dict[tuple[str, str], str] = {}
        self._summaries: dict[str, RunSummary] = {}

    def __len__(self) -> int:
        return len(self._summaries)

    def __contains__(self, uid: str) -> bool:
        return uid in self._summaries

    def __iter__(self) -> Iterator[RunSummary]:
        return iter(self._summaries.values())

    def is_taken(self, namespace: str, name: str) -> bool:
        """Whether a run of that name exists."""
        return (namespace, name) in self._uids

    def add(self, summary: RunSummary) -> None:
        """A new run. Raises `Conflict` with Kubernetes' text when its name is taken."""
        key = (summary.namespace, summary.name)
        if key in self._uids:
            raise Conflict(f'workflows.argoproj.io "{summary.name}" already exists')
        self._uids[key] = summary.run
        self._summaries[summary.run] = summary

    def update(self, summary: RunSummary) -> None:
        """News of a run that is known."""
        if summary.run in self._summaries:
            self._summaries[summary.run] = summary

    def remove(self, uid: str) -> None:
        """Forget a run; its name is free again."""
        summary = self._summaries.pop(uid, None)
        if summary is not None:
            del self._uids[summary.namespace, summary.name]

    def summary(self, uid: str) -> RunSummary:
        """The summary of a run. Raises `NotFound`."""
        try:
            return self._summaries[uid]
        except KeyError:
            raise NotFound(f'workflows.argoproj.io "{uid}" not found') from None

    def find(self, namespace: str, name: str) -> str:
        """The uid of a run. Raises `NotFound` with Kubernetes' text."""
        if name == LATEST:
            mine = [summary for summary in self if not namespace or summary.namespace == namespace]
            if mine:
                return max(mine, key=lambda summary: summary.created_ns).run
        uid = self._uids.get((namespace, name))
        if uid is None:
            raise NotFound(f'workflows.argoproj.io "{name}" not found')
        return uid
