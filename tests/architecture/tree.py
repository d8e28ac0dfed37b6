"""The project's own tree as the architecture tests see it: modules parsed once, what they define and import."""

import ast
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from tests.shared import ROOT

PACKAGES: Final = ("catalogue_app", "harvesters", "indexing")

FUNCTION: Final = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One source file: where it stands below the checkout, its text and its syntax tree."""

    path: Path
    text: str
    tree: ast.Module

    def __str__(self) -> str:
        return self.path.as_posix()

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        """Yield every function and method, nested ones too."""
        yield from (node for node in ast.walk(self.tree) if isinstance(node, FUNCTION))

    def defined_names(self) -> Iterator[str]:
        """Yield the names a reader meets: the file, its folders, classes, functions and module constants."""
        yield from self.path.with_suffix("").parts
        for node in ast.walk(self.tree):
            if isinstance(node, (*FUNCTION, ast.ClassDef)):
                yield node.name
        for statement in self.tree.body:
            targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
            yield from (target.id for target in targets if isinstance(target, ast.Name))

    def imported(self) -> set[str]:
        """Return the top-level names of all that is imported absolutely, anywhere in the file."""
        whole = {alias.name for node in ast.walk(self.tree) if isinstance(node, ast.Import) for alias in node.names}
        parts = {node.module for node in ast.walk(self.tree) if isinstance(node, ast.ImportFrom) and node.module}
        return {name.partition(".")[0] for name in whole | parts}


@cache
def modules(*folders: str) -> tuple[Module, ...]:
    """Parse every Python file below the named folders of the checkout; without a name, the three packages."""
    files = sorted(path for folder in folders or PACKAGES for path in (ROOT / folder).rglob("*.py"))
    texts = ((path, path.read_text("utf-8")) for path in files)
    return tuple(Module(path=path.relative_to(ROOT), text=text, tree=ast.parse(text)) for path, text in texts)


def project() -> dict[str, Any]:
    """Read pyproject.toml: a JSON-like edge, hence Any."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
