"""Pruning of answers by the `fields` parameter, with Argo's semantics (argo-workflows util/fields, ``Cleaner``).

``metadata.name,status.phase`` keeps only these and what is below; a minus before the first excludes instead. Lists are
passed through, so ``items.metadata.name`` is about each item. What Go prints always comes back empty afterwards: it reads
the pruned text into its structs again.
"""

from typing import Any

__all__ = ["ALL_FIELDS", "Fields", "restore_workflow"]


class Fields:
    """A parsed `fields` parameter; `prefix` (``result.object.``) is taken off first, for streams."""

    def __init__(self, text: str = "", prefix: str = "") -> None:
        self.excludes = text.startswith("-")
        given = [part for part in text[1 if self.excludes else 0 :].split(",") if part]
        self._paths = tuple(part[len(prefix) :] for part in given if part.startswith(prefix))
        self._is_everything = not self._paths

    def wants(self, path: str) -> bool:
        """Whether anything at or below `path` is kept."""
        if self._is_everything:
            return True
        if self.excludes:
            return not any(path == given or path.startswith(f"{given}.") for given in self._paths)
        return any(
            path == given or path.startswith(f"{given}.") or given.startswith(f"{path}.") for given in self._paths
        )

    def prune(self, value: dict[str, Any]) -> dict[str, Any]:
        """A copy with what is kept; the value itself when that is everything."""
        return value if self._is_everything else self._pruned(value, "")

    def _pruned(self, value: Any, path: str) -> Any:
        if isinstance(value, list):
            return [self._pruned(item, path) for item in value]
        if not isinstance(value, dict):
            return value
        kept = {}
        for key, inner in value.items():
            at = f"{path}.{key}" if path else key
            if self.wants(at):
                kept[key] = inner if self._is_whole(at) else self._pruned(inner, at)
        return kept

    def _is_whole(self, path: str) -> bool:
        """Whether everything below a path that is kept is kept too."""
        if self.excludes:
            return not any(given.startswith(f"{path}.") for given in self._paths)
        return any(path == given or path.startswith(f"{given}.") for given in self._paths)


ALL_FIELDS = Fields()


def restore_workflow(pruned: dict[str, Any]) -> dict[str, Any]:
    """The fields of a Workflow that Go prints always."""
    return {
        **pruned,
        "metadata": pruned.get("metadata") or {},
        "spec": {"arguments": {}, **(pruned.get("spec") or {})},
        "status": {"finishedAt": None, "startedAt": None, **(pruned.get("status") or {})},
    }
