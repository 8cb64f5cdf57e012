"""Query parameters → the runtime's queries. All refusals are `BadRequest` with Argo's texts where it has such."""

from starlette.datastructures import QueryParams

from finale.errors import BadRequest
from finale.runtime.selectors import FieldSelector, LabelSelector, parse_fields, parse_labels
from finale.runtime.service import ListQuery, LogQuery, WatchQuery
from finale.server.fields import Fields
from finale.units import SECOND, parse_time

__all__ = ["list_query", "log_query", "watch_query"]

_FIELDS = frozenset({"metadata.name", "metadata.namespace"})
_NAME_FILTERS = ("", "Exact", "Prefix", "Contains")


def list_query(query: QueryParams, namespace: str, fields: Fields) -> ListQuery:
    """``listOptions.*``, ``nameFilter``, ``createdAfter``, ``finishedBefore``."""
    name_filter = query.get("nameFilter", "")
    if name_filter not in _NAME_FILTERS:
        raise BadRequest(f'nameFilter "{name_filter}" is unknown; expected Exact, Prefix or Contains')
    return ListQuery(
        namespace=namespace,
        labels=_labels(query),
        fields=_fields(query),
        name_filter=name_filter,
        created_after_ns=_time(query, "createdAfter"),
        finished_before_ns=_time(query, "finishedBefore"),
        limit=_int(query, "listOptions.limit"),
        offset=_int(query, "listOptions.continue"),
        with_nodes=fields.wants("items.status.nodes"),
    )


def watch_query(query: QueryParams, namespace: str) -> WatchQuery:
    """``listOptions.*``; version 0 is the same as none: then everything that is there comes first."""
    return WatchQuery(
        namespace=namespace,
        labels=_labels(query),
        fields=_fields(query),
        after_version=_int(query, "listOptions.resourceVersion"),
        only_changes=_bool(query, "onlyChanges"),
    )


def log_query(query: QueryParams, pod: str, now_ns: int) -> LogQuery:
    """``logOptions.*``, ``podName``, ``grep``, ``selector``."""
    since_s = _int(query, "logOptions.sinceSeconds")
    seconds = _int(query, "logOptions.sinceTime.seconds")
    since = now_ns - since_s * SECOND if since_s else seconds * SECOND + _int(query, "logOptions.sinceTime.nanos")
    if not since and query.get("logOptions.sinceTime"):
        since = _time(query, "logOptions.sinceTime")
    tail = query.get("logOptions.tailLines")
    selector = query.get("selector", "")
    return LogQuery(
        pod=pod or query.get("podName", ""),
        container=query.get("logOptions.container") or "main",
        follow=_bool(query, "logOptions.follow"),
        tail=_int(query, "logOptions.tailLines") if tail else None,
        since_ns=since,
        limit_bytes=_int(query, "logOptions.limitBytes"),
        timestamps=_bool(query, "logOptions.timestamps"),
        grep=query.get("grep", ""),
        labels=parse_labels(selector) if selector else None,
    )


def _labels(query: QueryParams) -> LabelSelector | None:
    text = query.get("listOptions.labelSelector", "")
    return parse_labels(text) if text else None


def _fields(query: QueryParams) -> FieldSelector:
    return parse_fields(query.get("listOptions.fieldSelector", ""), _FIELDS)


def _int(query: QueryParams, name: str) -> int:
    text = query.get(name) or "0"
    try:
        number = int(text)
    except ValueError:
        raise BadRequest(f"{name} must be int") from None
    if number < 0:
        raise BadRequest(f"{name} must not be negative")
    return number


def _bool(query: QueryParams, name: str) -> bool:
    text = query.get(name, "")
    if text.lower() not in ("", "true", "false", "1", "0"):
        raise BadRequest(f'{name} must be true or false, not "{text}"')
    return text.lower() in ("true", "1")


def _time(query: QueryParams, name: str) -> int:
    text = query.get(name, "")
    try:
        return parse_time(text) if text else 0
    except ValueError as error:
        raise BadRequest(f"{name}: {error}") from None
