"""Print docs/settings.md from the one table of settings (src/finale/settings.py); ``--check`` compares instead."""

import sys
from pathlib import Path

from finale.settings import SETTINGS

PAGE = Path(__file__).resolve().parent.parent / "docs" / "settings.md"


def page() -> str:
    """The whole page."""
    rows = "\n".join(
        f"| `{setting.name}` | `{setting.variable}` | {f'`{setting.default}`' if setting.default else ''} | {setting.meaning} |"
        for setting in SETTINGS
    )
    return f"""# Settings

A setting comes from the command line's flag if there is one, else from its environment variable, else the default. The engine
reads them when it starts; `finale server stop` and the next command start it anew.

| setting | variable | default | meaning |
| --- | --- | --- | --- |
{rows}

Annotations of a workflow: `finale.dev/exit-policy: always` runs exit handlers on terminate too; `finale.dev/exit-limit: 10m` is
the longest that one exit handler may take.
"""


def main() -> int:
    """0, or 1 if the page on disk is not the one of the table."""
    if "--check" in sys.argv:
        return int(PAGE.read_text() != page())
    PAGE.write_text(page())
    return 0


if __name__ == "__main__":
    sys.exit(main())
