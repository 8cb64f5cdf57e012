"""Print docs/variables.md from the one table of variables (src/finale/expr/scope.py); ``--check`` compares instead."""

import sys
from pathlib import Path

from finale.expr.scope import Place, Variable, variables_at

PAGE = Path(__file__).resolve().parent.parent / "docs" / "variables.md"


def _table(variables: tuple[Variable, ...]) -> str:
    rows = (f"| `{v.pattern}` | {v.meaning} | {v.kind} |" for v in variables)
    return "\n".join(["| variable | meaning | type |", "| --- | --- | --- |", *rows])


def page() -> str:
    """The whole page."""
    everywhere = [v for v in variables_at(Place.WORKFLOW) if v in variables_at(Place.BODY)]
    sections = []
    for place in Place:
        own = tuple(v for v in variables_at(place) if v not in everywhere)
        sees_workflow = everywhere[0] in variables_at(place)
        note = "And the variables of the workflow." if sees_workflow else "Nothing else: no variable of the workflow."
        body = f"{_table(own)}\n\n{note}" if own else "The variables of the workflow."
        sections.append(f"## {place.value}\n\n{body}")
    return (
        f"""# Variables

`{{{{name}}}}` puts a variable into a text, `{{{{=expression}}}}` the value of an expression; fields that are expressions read the
same names without braces. In a pattern, words in angle brackets stand for a name. Names with a hyphen need brackets in
expressions: `steps['a-b'].outputs.result`. Values are text unless the type says otherwise, so compare numbers with `asInt(…)`.

A variable that is not there stays in the text as it is written, except under `steps.` and `tasks.`, where it is an error; an
output that its node did not leave (skipped or omitted, no default) is an error as a tag and nil in an expression.

## The workflow, in nearly every place

{_table(tuple(everywhere))}

"""
        + "\n\n".join(sections)
        + "\n"
    )


def main() -> int:
    """0, or 1 if the page on disk is not the one of the table."""
    if "--check" in sys.argv:
        return int(not PAGE.exists() or PAGE.read_text() != page())
    PAGE.write_text(page())
    return 0


if __name__ == "__main__":
    sys.exit(main())
