"""docs/commands.md says of every command, option, exit code, source option and setting what the code says."""

import json
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from typing import Any

import click
import pytest

from catalogue_app.cli import main
from catalogue_app.domain.harvest import Outcome
from catalogue_app.domain.source import SourceKind
from harvesters.registry import options_of
from tests.shared import ROOT

DOCUMENT = ROOT / "docs" / "commands.md"
DEFAULTS = ROOT / "config" / "default.toml"


@cache
def sections() -> dict[str, str]:
    """Return heading to what stands below it."""
    parts = re.split(r"^#{2,3} (.+)$", DOCUMENT.read_text("utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def leaves(group: click.Group, *words: str) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from leaves(command, *words, name)
        elif words and name == words[-1]:  # what a group does without a further word
            yield " ".join(("catalogue", *words)), command
        else:
            yield " ".join(("catalogue", *words, name)), command


COMMANDS = dict(leaves(main.catalogue))


def option_row(option: click.Option) -> str:
    """Return the row of the table that describes an option."""
    names = " / ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    value = "" if option.is_flag else f" {option.make_metavar(click.Context(click.Command('x')))}"
    choice = f" One of: {', '.join(option.type.choices)}." if isinstance(option.type, click.Choice) else ""
    default = f" Default: {option.default}." if option.show_default else ""
    return f"| {names}{'' if choice else value.replace('|', ' or ')} | {option.help or ''}{choice}{default} |"


def setting_rows() -> Iterator[str]:
    """Yield the row of the table of each setting: name, variable, default and the comment that explains it."""
    defaults: dict[str, Any] = tomllib.loads(DEFAULTS.read_text("utf-8"))
    section = ""
    for line in DEFAULTS.read_text("utf-8").splitlines():
        if heading := re.fullmatch(r"\[(\w+)\]", line):
            section = heading[1]
        if setting := re.fullmatch(r"(\w+) = .+?\s+#\s(.+)", line):
            name = f"{section}.{setting[1]}" if section else setting[1]
            value = defaults[section][setting[1]] if section else defaults[setting[1]]
            variable = "CATALOGUE_" + name.replace(".", "_").upper()
            meaning = setting[2].partition("; CATALOGUE_")[0]
            yield f"| `{name}` | `{variable}` | `{json.dumps(value, ensure_ascii=False)}` | {meaning} |"


def test_every_command_has_its_section_and_no_other_has() -> None:
    assert {name.strip("`") for name in sections() if name.startswith("`catalogue ")} == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_described_as_it_describes_itself(name: str) -> None:
    command, said = COMMANDS[name], sections()[f"`{name}`"]
    described = " ".join((command.help or "").split())
    assert described in " ".join(said.split())
    assert [row for row in map(option_row, options(command)) if row not in said] == []
    arguments = [it for it in command.params if isinstance(it, click.Argument)]
    context = click.Context(command)
    assert [it for it in arguments if it.make_metavar(context) not in said] == []


def options(command: click.Command) -> list[click.Option]:
    return [it for it in command.params if isinstance(it, click.Option)]


@pytest.mark.parametrize("row", list(setting_rows()))
def test_a_setting_is_described_by_its_own_comment(row: str) -> None:
    assert row in sections()["Settings"]


def test_every_setting_has_a_comment() -> None:
    defaults = tomllib.loads(DEFAULTS.read_text("utf-8"))
    count = sum(len(value) if isinstance(value, dict) else 1 for value in defaults.values())
    assert len(list(setting_rows())) == count
    assert sections()["Settings"].count("| `CATALOGUE_") == count


def test_every_option_of_a_source_is_described() -> None:
    said = sections()["Options of a source"]
    families = {
        "code.*": "code.ELEMENT.VALUE",
        "field.*": "field.ELEMENT",
        "file.*": "file.MEMBER",
        "extension.*": "extension.NAME",
    }
    names = {families.get(option, option) for kind in SourceKind for option in options_of(kind)}
    assert set(re.findall(r"^\| `([\w.]+)=", said, re.MULTILINE)) == names


def test_every_exit_code_is_described() -> None:
    codes = {0, 2, main.REFUSED, main.INTERRUPTED, main.UNEXPECTED}
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", sections()["Exit codes"], re.MULTILINE)} == codes


def test_every_figure_of_a_harvest_is_described() -> None:
    said = sections()["`catalogue harvest`"]
    figures = {"gathered", "vanished", "restored", *Outcome}
    assert {name for name in figures if f"`{name}`" not in said} == set()


def test_examples_are_commands_that_there_are() -> None:
    examples = re.findall(r"^catalogue (.+?)(?:\s+#.*)?$", DOCUMENT.read_text("utf-8"), re.MULTILINE)
    assert examples
    for example in examples:
        words = " ".join(["catalogue", *example.split()])
        name = next(name for name in sorted(COMMANDS, key=len, reverse=True) if words.startswith(name))
        flags = set(re.findall(r"--[\w-]+", example))
        assert flags <= {opt for it in options(COMMANDS[name]) for opt in (*it.opts, *it.secondary_opts)}, example


def test_the_document_is_reached_from_the_readme() -> None:
    assert "docs/commands.md" in (ROOT / "README.md").read_text("utf-8")
