"""Tables of settings as they are written: a TOML file, another laid over it, variables over both."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final, cast

from catalogue_app.domain.errors import ConfigurationError

PREFIX: Final = "CATALOGUE_"
_PLACES: Final = frozenset({"CATALOGUE_CONFIG", "CATALOGUE_CONFIG_DIR"})
_BOOLEANS: Final[Mapping[str, bool]] = {"true": True, "false": False}

Table = dict[str, object]


def read_toml(path: Path) -> Table:
    """Read a file of settings.

    Raises:
        ConfigurationError: it cannot be read.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError("settings_unreadable", file=str(path), why=str(error)) from error


def overlay(base: Table, over: Table, place: str) -> Table:
    """Return settings with those of another place over them.

    Raises:
        ConfigurationError: one of them is unknown.
    """
    merged = dict(base)
    for name, value in over.items():
        if name not in base:
            raise ConfigurationError("setting_unknown", place=place, setting=name, known=", ".join(sorted(base)))
        below = base[name]
        if isinstance(below, dict):
            merged[name] = overlay(below, _section(value, name, place), f"{place}: {name}")
        else:
            merged[name] = value
    return merged


def _section(value: object, name: str, place: str) -> Table:
    if not isinstance(value, dict):
        raise ConfigurationError("setting_mistyped", place=place, setting=name, value=value, wanted="table")
    return value


def from_environment(environment: Mapping[str, str], defaults: Table) -> Table:
    """Return the settings that variables name, each of the type of its default.

    Raises:
        ConfigurationError: a variable names none, or has no such value.
    """
    names = _variable_names(defaults)
    read: Table = {}
    for variable, text in environment.items():
        if not variable.startswith(PREFIX) or variable in _PLACES:
            continue
        if variable not in names:
            raise ConfigurationError(
                "setting_unknown", place="environment", setting=variable, known=", ".join(sorted(names))
            )
        section, key, default = names[variable]
        target = cast("Table", read.setdefault(section, {})) if section else read
        target[key] = _convert(text, default, variable)
    return read


def _variable_names(defaults: Table) -> dict[str, tuple[str, str, object]]:
    names: dict[str, tuple[str, str, object]] = {}
    for name, value in defaults.items():
        if isinstance(value, dict):
            names |= {f"{PREFIX}{name}_{key}".upper(): (name, key, default) for key, default in value.items()}
        else:
            names[f"{PREFIX}{name}".upper()] = ("", name, value)
    return names


def _convert(text: str, default: object, variable: str) -> object:
    try:
        match default:
            case list():
                return [part.strip() for part in text.split(",") if part.strip()]
            case bool():
                return _BOOLEANS.get(text.lower(), text)
            case int() | float():
                return int(text) if text.lstrip("+-").isdigit() else float(text)
    except ValueError as error:
        raise ConfigurationError("setting_mistyped", setting=variable, value=text, wanted="number") from error
    return text
