"""Start a keeper: ``python -I -S …/finale/keeper/__main__.py FOLDER SOCKET``.

FOLDER holds its lock, records and log. Returns when the keeper listens (exit code 0), or when another one already does
(0 as well: the lock says so), or when it cannot (1 and a line on standard error).
"""

import os
import sys
import types

# The package is loaded by hand, without finale/__init__.py and without site-packages on the path: the keeper starts in
# 25 ms, needs nothing but the standard library, and no module of that name lying about can take the place of one.
_HERE = os.path.dirname(os.path.abspath(__file__))
_PARENT = types.ModuleType("finale")
_PARENT.__path__ = [os.path.dirname(_HERE)]
sys.modules.setdefault("finale", _PARENT)

from finale.keeper.start import start  # noqa: E402

if __name__ == "__main__":
    sys.exit(start(sys.argv[1], sys.argv[2]))
