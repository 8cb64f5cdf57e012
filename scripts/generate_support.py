"""Write `docs/support.md` from the table in `finale.spec.support`.

    python scripts/generate_support.py [--check]

``--check`` only compares and exits 1 when the committed page differs.
"""

import argparse
import sys
from itertools import groupby
from pathlib import Path

from finale.spec.support import RULES, Decision, decided_fields

PAGE = Path(__file__).resolve().parent.parent / "docs" / "support.md"

HEADER = """\
# What becomes of every field

Printed by `scripts/generate_support.py` from the table in `src/finale/spec/support.py`; do not edit.

Every field of Argo's schema that a `Workflow`, `WorkflowTemplate`, `ClusterWorkflowTemplate`, `CronWorkflow` or
`WorkflowEventBinding` can hold is in exactly one of these lists. Fields are written with the object of the schema they
belong to: `Template.retryStrategy`. What stands inside a field that is not supported shares its fate and is not listed.
A misspelt or unknown field is always an error.
"""

SECTIONS: tuple[tuple[Decision, str, str], ...] = (
    ("refused", "Refused", "A manifest that uses one of these is not accepted, for it could not do what it says."),
    (
        "later",
        "Not yet supported",
        "A manifest may use these, and gets a notice that names the first place. They have no effect so far.",
    ),
    (
        "ignored",
        "Ignored",
        "These make sense on a cluster only. A manifest may use them and gets a notice, except for what an engine itself "
        "writes into objects (the last rows).",
    ),
)


def page() -> str:
    """The whole text of the page."""
    decided = list(decided_fields())
    parts = [HEADER]
    for decision, title, words in SECTIONS:
        parts.append(f"## {title}\n\n{words}\n\n| field | why |\n| --- | --- |")
        rows = sorted((rule for rule in RULES if rule.decision == decision), key=lambda rule: rule.quiet)
        for rule in rows:
            names = ", ".join(sorted(f"`{struct}.{field}`" for struct, field, found in decided if found is rule))
            parts[-1] += f"\n| {names} | {rule.reason} |"
    supported = sorted((struct, field) for struct, field, rule in decided if rule.decision == "supported")
    parts.append("## Supported\n\nEverything else:\n\n| object | fields |\n| --- | --- |")
    for struct, fields in groupby(supported, key=lambda pair: pair[0]):
        parts[-1] += f"\n| {struct} | {', '.join(f'`{field}`' for _, field in fields)} |"
    parts.append("`ConfigMap` and `Secret` are stored with all their fields.")
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def main(arguments: list[str]) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    text = page()
    if parser.parse_args(arguments).check:
        same = PAGE.exists() and PAGE.read_text() == text
        print("same" if same else f"{PAGE} differs; run scripts/generate_support.py")
        return 0 if same else 1
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
