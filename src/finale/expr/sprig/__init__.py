"""sprig's generic functions, which Argo offers in expressions as ``sprig.trim(x)``: all of v3.3 but ``env`` and ``expandenv``.

`FUNCTIONS` maps each name to a `Function` of the value model: its Go type, by which the evaluator checks and converts the
arguments before the call, and `call(run, *arguments)`. Every function is given the run first: it pays for its work there
(`run.spend`, `run.grow`) and finds time (`run.surroundings.now_ns`) and chance (`run.chance`) there, and nowhere else. It
refuses arguments with ``ValueError`` in Go's words; the evaluator adds the place.

    strings.py words.py               text and words as Go knows them
    numbers.py                        conversion, integers that wrap, exact decimals, ranges
    lists.py dicts.py defaults.py     collections; defaults, JSON, types
    dates.py paths.py urls.py         dates by Go's layouts, paths, URLs
    regexes.py versions.py            RE2 patterns, semantic versions
    encodings.py secrets.py aes.py    base64, sums, AES, derived passwords; what is refused
    chance.py flow.py                 random values, fail

What differs from sprig: bcrypt, htpasswd, private keys and certificates are refused, for they would need a library of
their own; getHostByName is refused, for an expression does no I/O; keys and values come sorted; set, unset and merge leave
their argument as it was.

Source: github.com/Masterminds/sprig v3.3.0, functions.go; argo-workflows util/expr/env/env.go.
"""

from collections.abc import Mapping

from finale.expr.govalues import Function
from finale.expr.sprig.chance import CHANCE
from finale.expr.sprig.dates import DATES
from finale.expr.sprig.defaults import DEFAULTS
from finale.expr.sprig.dicts import DICTS
from finale.expr.sprig.encodings import ENCODINGS
from finale.expr.sprig.flow import FLOW
from finale.expr.sprig.lists import LISTS
from finale.expr.sprig.numbers import NUMBERS
from finale.expr.sprig.paths import PATHS
from finale.expr.sprig.regexes import REGEXES
from finale.expr.sprig.secrets import SECRETS
from finale.expr.sprig.strings import STRINGS
from finale.expr.sprig.urls import URLS
from finale.expr.sprig.versions import VERSIONS

__all__ = ["FUNCTIONS"]

_TABLES = (
    STRINGS,
    NUMBERS,
    LISTS,
    DICTS,
    DEFAULTS,
    DATES,
    PATHS,
    URLS,
    REGEXES,
    VERSIONS,
    ENCODINGS,
    SECRETS,
    CHANCE,
    FLOW,
)

FUNCTIONS: Mapping[str, Function] = dict(entry for table in _TABLES for entry in table)
"""Every function by its name under ``sprig``."""
