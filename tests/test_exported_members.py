"""What a module says it offers (`__all__`) against what is there, and what others take from it."""

import ast
import importlib
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src" / "finale"
GENERATED = "spec/generated"
FILES = sorted(path for path in SOURCE.rglob("*.py") if path.read_text().strip())


def is_private(name: str) -> bool:
    """Underscored, but not dunder."""
    return name.startswith("_") and not name.startswith("__")


def declared(tree: ast.Module) -> list[str] | None:
    """The names in `__all__`, parts added with ``+=`` included; None when there is none."""
    names: list[str] | None = None
    for node in tree.body:
        if not isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            continue
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        if isinstance(target, ast.Name) and target.id == "__all__":
            assert isinstance(node.value, ast.List | ast.Tuple), "__all__ is a plain list"
            names = [*(names or []), *(ast.literal_eval(item) for item in node.value.elts)]
    return names


def defined(tree: ast.Module) -> set[str]:
    """Public classes and functions that a module makes itself."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return {node.name for node in tree.body if isinstance(node, kinds) and not node.name.startswith("_")}


def module_name(path: Path) -> str:
    """``finale.engine.decide``."""
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def parsed(path: Path) -> ast.Module:
    """The tree of a file."""
    return ast.parse(path.read_text(), str(path))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_what_is_offered_is_there_and_what_is_made_is_offered(path: Path) -> None:
    tree = parsed(path)
    names = declared(tree)
    made = defined(tree)
    if names is None:
        assert not made, f"no __all__, though it makes {', '.join(sorted(made))}"
        return
    assert len(names) == len(set(names)), f"twice in __all__: {sorted(n for n in set(names) if names.count(n) > 1)}"
    assert not [name for name in names if is_private(name)], "private names are offered"
    assert not made - set(names), f"made but not in __all__: {', '.join(sorted(made - set(names)))}"
    if path.name == "__main__.py":
        return  # importing it would run the program
    try:
        module = importlib.import_module(module_name(path))
    except ModuleNotFoundError as error:
        if (error.name or "finale").startswith("finale"):
            raise
        pytest.skip(f"needs {error.name}, which an extra brings")
    missing = [name for name in names if not hasattr(module, name)]
    assert not missing, f"in __all__ but not there: {', '.join(missing)}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_only_offered_names_are_taken_from_other_modules(path: Path) -> None:
    taken: list[str] = []
    for node in ast.walk(parsed(path)):
        if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("finale."):
            continue
        base = SOURCE.joinpath(*(node.module or "").split(".")[1:])
        other = base.with_suffix(".py") if base.with_suffix(".py").exists() else base / "__init__.py"
        offered = declared(parsed(other)) or []
        submodules = {child.stem for child in base.iterdir()} if base.is_dir() else set()
        taken += [
            f"{path.name}:{node.lineno}: {alias.name} of {node.module}"
            for alias in node.names
            if alias.name not in offered and alias.name not in submodules
        ]
    assert not taken, "\n".join(taken)
