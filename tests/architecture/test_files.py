"""Files: name plates, sizes, typed packages, decisions on one page."""

import ast
from statistics import median

import pytest

from tests.architecture.tree import PACKAGES, Module, modules
from tests.shared import ROOT

LONGEST_FILE = 400
LONGEST_FUNCTION = 60
USUAL_FUNCTION = 9
PAGE_LINES, PAGE_WORDS = 60, 600
ROOMS = [module for module in modules() if module.path.name == "__init__.py"]


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count a function's lines from its `def` to its end, its docstring left out."""
    last = function.end_lineno or function.lineno
    first = function.body[0]
    is_documented = ast.get_docstring(function, clean=False) is not None
    return last - function.lineno + 1 - ((first.end_lineno or 0) - first.lineno + 1 if is_documented else 0)


@pytest.mark.parametrize("room", ROOMS, ids=str)
def test_a_package_opens_with_its_name_plate_and_nothing_else(room: Module) -> None:
    assert len(room.tree.body) == 1
    plate = ast.get_docstring(room.tree)
    assert plate is not None
    assert len(plate.splitlines()) == 1


def test_every_folder_of_code_is_a_package() -> None:
    folders = {module.path.parent for module in modules()}
    assert {folder for folder in folders if not (ROOT / folder / "__init__.py").exists()} == set()


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_ships_its_types(package: str) -> None:
    assert (ROOT / package / "py.typed").exists()


@pytest.mark.parametrize("module", modules(*PACKAGES, "tests", "bench"), ids=str)
def test_a_file_has_one_job_and_a_bearable_length(module: Module) -> None:
    assert len(module.text.splitlines()) <= LONGEST_FILE
    assert not module.text or ast.get_docstring(module.tree), "its first line names its job"


@pytest.mark.parametrize("module", modules(), ids=str)
def test_no_function_is_longer_than_a_screen(module: Module) -> None:
    assert {f.name: lines_of(f) for f in module.functions() if lines_of(f) > LONGEST_FUNCTION} == {}


def test_the_usual_function_is_short() -> None:
    assert median(lines_of(function) for module in modules() for function in module.functions()) <= USUAL_FUNCTION


def test_every_decision_fits_one_page() -> None:
    texts = {path.name: path.read_text("utf-8") for path in (ROOT / "docs" / "decisions").glob("*.md")}
    too_long = {
        name for name, text in texts.items() if len(text.splitlines()) > PAGE_LINES or len(text.split()) > PAGE_WORDS
    }
    assert texts, "decisions are written down"
    assert too_long == set()
