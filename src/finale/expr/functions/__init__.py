"""The language's own functions, in tables by theme.

    table.py     what an entry of a table is: its types, or how it judges its arguments, and what it does
    strings.py   trim, split, replace …
    numbers.py   abs, round, int, max, mean, bitand …
    lists.py     len, first, sort, uniq, keys, toPairs …
    times.py     now, date, duration, timezone
    encodings.py toJSON, fromJSON, toBase64, fromBase64

Those that take a predicate (`filter`, `map`, `reduce` …) are not here: they are part of the language and the compiler knows
them. A function gets the run first, which gives it time, chance and a budget, then its arguments; it refuses them with
``ValueError`` in Go's words.

Source: expr-lang/expr builtin.
"""

from finale.expr.functions.encodings import ENCODINGS
from finale.expr.functions.lists import LISTS
from finale.expr.functions.numbers import NUMBERS
from finale.expr.functions.strings import STRINGS
from finale.expr.functions.table import Entry
from finale.expr.functions.times import TIMES

__all__ = ["FUNCTIONS"]

FUNCTIONS: dict[str, Entry] = {entry.name: entry for entry in (*STRINGS, *NUMBERS, *LISTS, *TIMES, *ENCODINGS)}
"""Every builtin without a predicate, by name."""
