"""The environment that every task of the process executor starts from, before its own variables are put on top."""

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

__all__ = ["base_environment", "make_shims"]

_KEPT = (
    "LANG", "LANGUAGE", "TZ", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PYENV_VERSION",
)  # fmt: skip
"""What a task needs of this machine's settings; nothing else is inherited, so no secret of the engine's shell leaks."""

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def make_shims(folder: Path, search: str) -> Path:
    """Fill `folder`, which leads every task's PATH: ``python`` and ``python3`` where the machine has none of that name.

    They call the interpreter that Finale runs on (through a script: a link to a virtual environment's interpreter
    would lose the environment). Raises ``OSError``.
    """
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    for name in ("python", "python3"):
        shim = folder / name
        if shutil.which(name, path=search) is not None:
            shim.unlink(missing_ok=True)
            continue
        fresh = folder / f".{name}.{os.getpid()}"
        fresh.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
        fresh.chmod(0o755)
        fresh.replace(shim)
    return folder


def base_environment(machine: Mapping[str, str], shims: Path | None) -> dict[str, str]:
    """PATH, HOME, USER and the like, from this machine's environment `machine`."""
    home = machine.get("HOME") or str(Path.home())
    user = machine.get("USER") or machine.get("LOGNAME") or ("root" if os.getuid() == 0 else str(os.getuid()))
    search = machine.get("PATH") or _PATH
    base = {
        "HOME": home,
        "LOGNAME": user,
        "PATH": f"{shims}:{search}" if shims is not None else search,
        "SHELL": "/bin/sh",
        "TMPDIR": "/tmp",
        "USER": user,
    }
    base |= {name: machine[name] for name in machine if name in _KEPT or name.startswith("LC_")}
    return base
