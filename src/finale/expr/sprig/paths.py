"""sprig's paths, with slashes. Source: Go's package path; on Unix, filepath is the same."""

from finale.expr.govalues import Function
from finale.expr.sprig.table import plain

__all__ = ["PATHS"]


def _clean(path: str) -> str:
    """The shortest path that means the same: no ``.``, no doubled slash, no ``..`` behind a name."""
    rooted = path.startswith("/")
    parts: list[str] = []
    for part in path.split("/"):
        if part in ("", "."):
            continue
        if part != "..":
            parts.append(part)
        elif parts and parts[-1] != "..":
            parts.pop()
        elif not rooted:
            parts.append(part)
    return ("/" if rooted else "") + "/".join(parts) or "."


def _base(path: str) -> str:
    if not path:
        return "."
    return path.rstrip("/").rpartition("/")[2] or "/"


def _dir(path: str) -> str:
    return _clean(path[: path.rfind("/") + 1])


def _ext(path: str) -> str:
    name = path.rpartition("/")[2]
    return name[name.rfind(".") :] if "." in name else ""


PATHS: tuple[tuple[str, Function], ...] = tuple(
    plain(name, f"(string) {result}", call)
    for plain_name, os_name, result, call in (
        ("base", "osBase", "string", _base),
        ("clean", "osClean", "string", _clean),
        ("dir", "osDir", "string", _dir),
        ("ext", "osExt", "string", _ext),
        ("isAbs", "osIsAbs", "bool", lambda path: path.startswith("/")),
    )
    for name in (plain_name, os_name)
)
