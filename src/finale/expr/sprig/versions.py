"""sprig's semantic versions: `semver` reads one, `semverCompare` checks one against a constraint.

Source: sprig semver.go; github.com/Masterminds/semver 3.5.
"""

import functools
import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass

from finale.expr.gonumber import quote
from finale.expr.gotext import as_bytes
from finale.expr.gotypes import go_type
from finale.expr.govalues import Function, Sized, Struct
from finale.expr.sprig.table import plain

__all__ = ["VERSIONS", "Uint64"]

_MAX_VERSION, _MAX_CONSTRAINT, _MAX_GROUPS = 256, 512, 32
_MAX_NUMBER = (1 << 64) - 1

_EXTRA = r"(?:-(?P<pre>[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+(?P<meta>[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?"
_VERSION = re.compile(rf"v?(?P<major>[0-9]+)(?:\.(?P<minor>[0-9]+))?(?:\.(?P<patch>[0-9]+))?{_EXTRA}")

# A version in a constraint may have x, X or * for a number; the library's pattern also takes |, which then fails.
_WILD = r"v?[0-9|xX*]+(?:\.[0-9|xX*]+)?(?:\.[0-9|xX*]+)?"
_WILD += r"(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
_SPACE = "\t\n\f\r "
_S = r"[\t\n\f\r ]"
_OPERATOR = r"(?:!=|>=|=>|<=|=<|~>|=|>|<|~|\^)?"
_ONE = re.compile(
    rf"(?P<operator>{_OPERATOR}){_S}*(?P<version>v?(?P<major>[0-9|xX*]+)(?:\.(?P<minor>[0-9|xX*]+))?"
    rf"(?:\.(?P<patch>[0-9|xX*]+))?(?P<pre>-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
    rf"(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?)"
)
_RANGE = re.compile(rf"{_S}*({_WILD}){_S}+-{_S}+({_WILD}){_S}*")


@dataclass(frozen=True, slots=True)
class _Version:
    major: int
    minor: int
    patch: int
    pre: str
    meta: str

    @property
    def numbers(self) -> tuple[int, int, int]:
        return self.major, self.minor, self.patch

    def text(self) -> str:
        pre = f"-{self.pre}" if self.pre else ""
        return f"{self.major}.{self.minor}.{self.patch}{pre}{f'+{self.meta}' if self.meta else ''}"


def _parse(text: str) -> _Version:
    if len(as_bytes(text)) > _MAX_VERSION:
        raise ValueError(f"version string is too long (max {_MAX_VERSION} bytes)")
    match = _VERSION.fullmatch(text)
    if match is None:
        raise ValueError("invalid semantic version")
    numbers = []
    for part in ("major", "minor", "patch"):
        number = int(match[part] or "0")
        if number > _MAX_NUMBER:
            raise ValueError(
                f"error parsing version segment: strconv.ParseUint: parsing {quote(match[part])}: value out of range"
            )
        numbers.append(number)
    for identifier in (match["pre"] or "").split("."):
        if identifier.isdigit() and len(identifier) > 1 and identifier[0] == "0":
            raise ValueError("version segment starts with 0")
    return _Version(numbers[0], numbers[1], numbers[2], match["pre"] or "", match["meta"] or "")


def _compared(a: _Version, b: _Version) -> int:
    """-1, 0 or 1; a version before its release is less than the release, and build metadata does not count."""
    if a.numbers != b.numbers:
        return -1 if a.numbers < b.numbers else 1
    if not a.pre or not b.pre:
        return bool(b.pre) - bool(a.pre)
    return _compared_pre(a.pre, b.pre)


def _compared_pre(a: str, b: str) -> int:
    left, right = a.split("."), b.split(".")
    width = max(len(left), len(right))
    for one, other in zip(left + [""] * (width - len(left)), right + [""] * (width - len(right)), strict=True):
        if one != other:
            return -1 if _rank(one) < _rank(other) else 1
    return 0


def _rank(identifier: str) -> tuple[int, int, str]:
    """Nothing, then numbers, then words."""
    if not identifier:
        return 0, 0, ""
    if identifier.isdigit() and int(identifier) <= _MAX_NUMBER:
        return 1, int(identifier), ""
    return 2, 0, identifier


@dataclass(frozen=True, slots=True)
class _Constraint:
    """`is_open` is where a wildcard stands or a number is missing: "" nowhere, else from ``major``, ``minor``, ``patch``."""

    operator: str
    version: _Version
    is_open: str

    def admits(self, version: _Version, takes_pre: bool) -> bool:
        return (takes_pre or not version.pre) and _CHECKS[self.operator](version, self)


def _constraint(match: re.Match[str]) -> _Constraint:
    numbers, is_open = [], ""
    for part in ("major", "minor", "patch"):
        number = match[part]
        if number is None or number in ("x", "X", "*"):
            is_open = part
            break
        numbers.append(number)
    numbers += ["0"] * (3 - len(numbers))
    try:
        # Go rewrites an open version without its build metadata.
        version = _parse(f"{'.'.join(numbers)}{match['pre'] or ''}" if is_open else match["version"])
    except ValueError:
        raise ValueError("constraint parser error") from None
    return _Constraint(match["operator"], version, is_open)


def _not_equal(version: _Version, constraint: _Constraint) -> bool:
    wanted = constraint.version
    if not constraint.is_open:
        return _compared(version, wanted) != 0
    if version.major != wanted.major:
        return True
    if constraint.is_open == "minor":
        return False
    if version.minor != wanted.minor:
        return True
    if constraint.is_open == "patch":
        return bool(version.pre or wanted.pre) and _compared_pre(version.pre, wanted.pre) != 0
    return version.patch != wanted.patch or _compared(version, wanted) != 0


def _greater(version: _Version, constraint: _Constraint) -> bool:
    wanted = constraint.version
    if not constraint.is_open:
        return _compared(version, wanted) > 0
    if version.major != wanted.major:
        return version.major > wanted.major
    if constraint.is_open == "minor":
        return False
    if constraint.is_open == "patch":
        return version.minor > wanted.minor
    return _compared(version, wanted) > 0


def _at_most(version: _Version, constraint: _Constraint) -> bool:
    wanted = constraint.version
    if not constraint.is_open:
        return _compared(version, wanted) <= 0
    if version.major > wanted.major:
        return False
    return constraint.is_open == "minor" or version.major != wanted.major or version.minor <= wanted.minor


def _tilde(version: _Version, constraint: _Constraint) -> bool:
    wanted = constraint.version
    if _compared(version, wanted) < 0:
        return False
    if wanted.numbers == (0, 0, 0) and constraint.is_open not in ("minor", "patch"):
        return True
    return version.major == wanted.major and (constraint.is_open == "minor" or version.minor == wanted.minor)


def _equal(version: _Version, constraint: _Constraint) -> bool:
    return _tilde(version, constraint) if constraint.is_open else _compared(version, constraint.version) == 0


def _caret(version: _Version, constraint: _Constraint) -> bool:
    wanted = constraint.version
    if _compared(version, wanted) < 0:
        return False
    if version.major != wanted.major or wanted.major > 0 or constraint.is_open == "minor":
        return version.major == wanted.major
    if wanted.minor > 0 or constraint.is_open == "patch":
        return version.minor == wanted.minor
    return version.minor == 0 and version.patch == wanted.patch


_CHECKS: dict[str, Callable[[_Version, _Constraint], bool]] = {
    "": _equal,
    "=": _equal,
    "!=": _not_equal,
    ">": _greater,
    "<": lambda version, constraint: _compared(version, constraint.version) < 0,
    ">=": lambda version, constraint: _compared(version, constraint.version) >= 0,
    "=>": lambda version, constraint: _compared(version, constraint.version) >= 0,
    "<=": _at_most,
    "=<": _at_most,
    "~": _tilde,
    "~>": _tilde,
    "^": _caret,
}


def _groups(text: str) -> list[list[_Constraint]]:
    """Constraints that must all hold, in groups of which one must."""
    if len(as_bytes(text)) > _MAX_CONSTRAINT:
        raise ValueError(f"constraint string is too long (max {_MAX_CONSTRAINT} bytes)")
    for range_ in list(_RANGE.finditer(text)):
        text = text.replace(range_[0], f">= {range_[1]}, <= {range_[2]} ", 1)
    parts = text.split("||")
    if len(parts) > _MAX_GROUPS:
        raise ValueError(f"too many constraint groups (max {_MAX_GROUPS})")
    return [[_constraint(one) for one in _ones(part)] for part in parts]


def _ones(group: str) -> list[re.Match[str]]:
    """The single constraints of a group; between them stand white space or a comma, nothing else."""
    found = list(_ONE.finditer(group))
    # A version without an operator has taken the white space before it.
    gaps = [
        group[before.end() : after.end()][: -len(after[0].lstrip(_SPACE))]
        for before, after in itertools.pairwise(found)
    ]
    ends = group[: found[0].start()] + group[found[-1].end() :] if found else "?"
    if ends.strip(_SPACE) or any(not gap or gap.strip(_SPACE) not in ("", ",") for gap in gaps):
        raise ValueError(f"improper constraint: {quote(group)}")
    return found


def _satisfies(constraint: str, text: str) -> bool:
    groups = _groups(constraint)
    version = _parse(text)
    # A version before its release only fits where the constraint names such a version too.
    return any(all(one.admits(version, any(other.version.pre for other in group)) for one in group) for group in groups)


class Uint64(Sized):
    """``uint64``"""

    go_type = go_type("uint64")


_TYPE = go_type("*semver.Version")


def _semver(text: str) -> Struct:
    version = _parse(text)
    methods = {
        "Major": ("() uint64", Uint64(version.major)),
        "Minor": ("() uint64", Uint64(version.minor)),
        "Patch": ("() uint64", Uint64(version.patch)),
        "Prerelease": ("() string", version.pre),
        "Metadata": ("() string", version.meta),
        "Original": ("() string", text),
        "String": ("() string", version.text()),
    }
    bound = dict(
        plain(name, signature, functools.partial(_given, value)) for name, (signature, value) in methods.items()
    )
    return Struct(_TYPE, {}, version.text(), methods=bound, is_text_in_json=True)


def _given(value: object) -> object:
    return value


VERSIONS: tuple[tuple[str, Function], ...] = (
    plain("semver", "(string) (*semver.Version, error)", _semver),
    plain("semverCompare", "(string, string) (bool, error)", _satisfies),
)
