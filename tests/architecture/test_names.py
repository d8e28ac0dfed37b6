"""Names and imports: nouns of the field, no cupboards, one door to each untyped library."""

import re

import pytest

from tests.architecture.tree import Module, modules, project

CUPBOARDS = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "handler"}
# Nothing is said by "entry data"; a data bureau and a data type are things of the field.
EMPTY_HEADS = {"data", "info"}
# Names that the world outside has fixed: a source kind, a setting, what SQLAlchemy calls on a column type and
# httpcore on a connection.
FIXED_OUTSIDE = re.compile(r"(?i:data_?json|data_dir)|process_(?:bind_param|result_value)|get_extra_info")
SUBJECTS = modules("catalogue_app", "harvesters", "indexing", "bench")


def words(name: str) -> list[str]:
    """Split a name at underscores and humps: `HTTPHandler_of` gives http, handler, of."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", name)
    return [part.lower() for part in parts]


def is_forbidden(name: str) -> bool:
    """Tell whether a name says nothing about the field."""
    own = FIXED_OUTSIDE.sub("", name)
    spoken = words(own)
    is_order = own.lstrip("_").startswith(("do_", "process_"))
    return is_order or bool(CUPBOARDS.intersection(spoken) or EMPTY_HEADS.intersection(spoken[-1:]))


@pytest.mark.parametrize(
    "name", ["text_utils", "DataManager", "do_harvest", "_process_row", "handler", "ROW_INFO", "data"]
)
def test_a_name_without_meaning_is_known(name: str) -> None:
    assert is_forbidden(name)


@pytest.mark.parametrize(
    "name",
    ["EntryMetadata", "data_json", "DataJsonHarvester", "domain", "data_dir", "process_bind_param", "DATA_BUREAU"],
)
def test_a_noun_of_the_field_is_free(name: str) -> None:
    assert not is_forbidden(name)


@pytest.mark.parametrize("module", SUBJECTS, ids=str)
def test_names_are_nouns_of_the_field(module: Module) -> None:
    assert [name for name in module.defined_names() if is_forbidden(name)] == []


@pytest.mark.parametrize("module", SUBJECTS, ids=str)
def test_exports_are_listed_in_ports_alone(module: Module) -> None:
    assert module.path.name == "port.py" or "__all__" not in set(module.defined_names())


def untyped_libraries() -> list[str]:
    """Return the libraries that mypy is told to take as they are."""
    overrides = project()["tool"]["mypy"]["overrides"]
    lists = [entry["module"] for entry in overrides if entry.get("ignore_missing_imports")]
    return sorted(name.removesuffix(".*") for names in lists for name in names)


@pytest.mark.parametrize("library", untyped_libraries())
def test_an_untyped_library_has_one_door(library: str) -> None:
    doors = [str(module) for module in modules() if library in module.imported()]
    assert len(doors) <= 1, doors
