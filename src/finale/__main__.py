"""``python -m finale`` and the ``finale`` script."""

import sys

from finale.cli.main import main as run_command

__all__ = ["main"]


def main() -> None:
    """Run the command and exit with its code."""
    sys.exit(run_command())


if __name__ == "__main__":
    main()
