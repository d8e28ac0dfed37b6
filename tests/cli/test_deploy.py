"""The files for an installation say what the code understands: settings, variables, commands, figures."""

import configparser
import re
from pathlib import Path

import click
import pytest

from catalogue_app.cli import main
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.settings import load_settings
from tests.shared import ROOT

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
OPERATIONS = (ROOT / "docs" / "operations.md").read_text("utf-8")


def variables() -> dict[str, str]:
    """Return the variables of the environment file, without the place of the settings on a real machine."""
    lines = (DEPLOY / "catalogue.env").read_text("utf-8").splitlines()
    named = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    return named | {"CATALOGUE_CONFIG": str(DEPLOY / "catalogue.toml")}


def test_the_settings_of_an_installation_are_understood() -> None:
    settings = load_settings(variables())
    assert settings.shares_work
    assert (settings.tier_ceiling, settings.web.tier) == (Tier.PORTAL, Tier.PORTAL)


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_a_unit_starts_a_command_that_there_is_and_is_hardened(unit: Path) -> None:
    read = configparser.ConfigParser(strict=False, interpolation=None)
    read.read_string(unit.read_text("utf-8"))
    service = {name.lower(): value for name, value in read["Service"].items()}
    words = service["execstart"].replace("%i", "8001").split()[1:]
    command = main.catalogue.commands[words[0]]
    assert isinstance(command, click.Command)
    command.make_context(words[0], words[1:], obj=None)
    assert (service["user"], service["nonewprivileges"], service["protectsystem"]) == ("catalogue", "yes", "strict")


def test_containers_run_commands_that_there_are() -> None:
    given = re.findall(r"^    command: \[([a-z]+)\]$", (DEPLOY / "compose.yaml").read_text("utf-8"), re.MULTILINE)
    assert set(given) == {"init", "web", "worker", "scheduler"}
    assert set(given) <= set(main.catalogue.commands)


def test_every_file_is_listed() -> None:
    listed = (DEPLOY / "README.md").read_text("utf-8")
    assert [it.name for it in DEPLOY.iterdir() if it.name not in listed and it.name != "README.md"] == []


def test_alerts_name_figures_that_are_given() -> None:
    code = "".join(path.read_text("utf-8") for path in (ROOT / "catalogue_app").rglob("*.py"))
    figures = {
        re.sub(r"_(bucket|total)$", "", name) for name in re.findall(r"catalogue_[a-z_]+(?=[{\[ )])", OPERATIONS)
    }
    assert figures
    assert [name for name in figures if f'"{name}"' not in code] == []
