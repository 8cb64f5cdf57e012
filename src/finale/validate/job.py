"""One validation's working state: the options it was asked with, the workflow's variables, what has been visited.

Rules that reach other templates are generators: they yield a `Visit`, and the driver (`finale.validate.visit`) comes back
when that template and all it reaches have been seen. So a chain of templates may be longer than Python's stack is deep,
and the order is Argo's, on which it depends which global outputs are known where.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from finale.spec.generated.argo import Arguments, Template
from finale.validate.findings import Findings
from finale.validate.outputs import attributes_of
from finale.validate.references import Holder, Library, Target
from finale.validate.scope import Globals

__all__ = ["Job", "Options", "Visit", "Visits"]


@dataclass(frozen=True, slots=True)
class Options:
    """How strict to be. `submitted`: every argument must have a value now. `commands_required`: the tasks run as plain
    processes, so a container must say its command unless its image is one of `known_images`."""

    submitted: bool = False
    is_template: bool = False
    commands_required: bool = False
    known_images: Collection[str] = ()

    @property
    def allows_empty(self) -> bool:
        """Whether the workflow's own parameters may lack a value."""
        return not self.submitted


@dataclass(frozen=True, slots=True)
class Visit:
    """Ask for a template's body to be checked. `arguments`: those it is really called with, where that is known."""

    target: Target
    arguments: Arguments | None = None


Visits = Iterator[Visit]


@dataclass(slots=True)
class Job:
    """The state.

    `arguments` and `volumes` are the workflow's own; handlers get the arguments by default. `later` collects the
    handlers of steps and tasks; `certain` the calls that nothing but a failure prevents, by keys of templates.
    `is_reached`: what is visited now is called from somewhere.
    """

    found: Findings
    options: Options
    library: Library
    local: Holder
    arguments: Arguments
    globals: Globals
    volumes: set[str]
    is_reached: bool = True
    seen: set[str] = field(default_factory=set)
    later: list[Target] = field(default_factory=list)
    certain: dict[str, dict[str, str]] = field(default_factory=dict)
    """Caller → called → the path of the call."""
    _attributes: dict[tuple[int, bool], frozenset[str]] = field(default_factory=dict)

    def attributes(self, template: Template | None, *, aggregate: bool) -> frozenset[str]:
        """What can be read of a node that runs `template` (None: not known before the run)."""
        key = (id(template), aggregate)
        found = self._attributes.get(key)
        if found is None:
            found = self._attributes[key] = attributes_of(template, aggregate=aggregate)
        return found
