"""Refusals: one line what is wrong, one how to mend it, the code of the exit, and never a trace."""

import ast
import json
import shutil
import sqlite3

import pytest

from catalogue_app.cli.main import catalogue as every_command
from catalogue_app.cli.refusals import WORDS
from tests.architecture.tree import modules
from tests.cli.commands import Catalogue
from tests.servers import Answer, serving
from tests.shared import ROOT

COMMANDS = [
    ("init",),
    ("demo", "load"),
    ("organs", "list"),
    ("sources", "list"),
    ("harvest", "--all"),
    ("harvest", "cancel", "01a2", "--by", "王芳"),
    ("index", "status"),
    ("index", "rebuild"),
    ("index", "verify"),
    ("findings", "evaluate"),
    ("findings", "list"),
    ("search", "幼儿园"),
    ("serve",),
]
"""One form of each command, by which a broken start is tried."""


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_broken_setting_refuses_every_command(catalogue: Catalogue, command: tuple[str, ...]) -> None:
    refusal = catalogue(*command, web_prot="80").refusal()
    assert refusal["code"] == "setting_unknown"
    assert "CATALOGUE_WEB_PROT" in refusal["message"]
    assert "CATALOGUE_WEB_PORT" in refusal["mend"]
    assert not (catalogue.folder / "var").exists()


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_broken_table_refuses_every_command(catalogue: Catalogue, command: tuple[str, ...]) -> None:
    config = catalogue.folder / "config"
    shutil.copytree(ROOT / "config", config)
    table = config / "vocabularies" / "update_cycle.csv"
    table.write_text(table.read_text("utf-8").replace("monthly", "yearly", 1), encoding="utf-8")
    refusal = catalogue(*command, config_dir=str(config)).refusal()
    assert "vocabularies/update_cycle.csv, row" in refusal["message"]


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"web_port": "eighty"}, ("CATALOGUE_WEB_PORT", "eighty", "number")),
        ({"web_port": "70000"}, ("web.port", "70000", "65535")),
        ({"tier_ceiling": "secret"}, ("tier_ceiling", "secret", "portal, extranet, intranet")),
        ({"log_level": "loud"}, ("log.level", "loud", "debug")),
        ({"jobs_poll_s": "0"}, ("jobs.poll_s", "0")),
        ({"search_url": "127.0.0.1:9200"}, ("search_url", "127.0.0.1:9200", "embedded", "http(s)://host:port")),
        ({"search_prefix": "Catalogue"}, ("search.prefix", "Catalogue")),
        ({"data_dir": ""}, ("data_dir", "folder")),
        ({"config": "none.toml"}, ("none.toml",)),
        ({"config_dir": "nowhere"}, ("nowhere", "default.toml")),
        ({"database_url": "no url"}, ("database_url",)),
        ({"database_url": "nosuch://x/y"}, ("database_url", "nosuch")),
        ({"data_dir": "/proc/nowhere/var"}, ("data directory", "/proc/nowhere/var", "CATALOGUE_DATA_DIR")),
        ({"data_dir": "taken"}, ("data directory", "taken")),
        ({"database_url": "sqlite:///nowhere/at/all.sqlite3"}, ("database", "at/all.sqlite3")),
    ],
    ids=str,
)
def test_a_start_that_cannot_be_is_refused_in_words(
    catalogue: Catalogue, variables: dict[str, str], words: tuple[str, ...]
) -> None:
    catalogue.write("taken", "a file where a folder should be")
    refusal = catalogue("sources", "list", **variables).refusal()
    said = refusal["message"] + refusal["mend"]
    assert [word for word in words if word not in said] == []


@pytest.mark.parametrize("text", ["[web]\nprot = 1\n", "web = 3\n", "port = \n", "[web]\nport = '80'\n", "\x00"])
def test_a_broken_settings_file_is_refused(catalogue: Catalogue, text: str) -> None:
    path = catalogue.write("own.toml", text)
    assert catalogue("sources", "list", config=str(path)).refusal()


@pytest.mark.embedded
def test_a_database_that_is_none_is_refused(catalogue: Catalogue) -> None:
    (catalogue.folder / "var").mkdir()
    (catalogue.folder / "var" / "catalogue.sqlite3").write_bytes(b"not a database at all" * 100)
    refusal = catalogue("sources", "list").refusal()
    assert refusal["code"] == "database_unusable"
    assert "catalogue.sqlite3" in refusal["message"]


@pytest.mark.embedded
def test_a_database_of_a_newer_version_is_left_alone(catalogue: Catalogue) -> None:
    catalogue("init").answer()
    with sqlite3.connect(catalogue.folder / "var" / "catalogue.sqlite3") as database:
        database.execute("UPDATE alembic_version SET version_num = 'from_the_future'")
    database.close()
    refusal = catalogue("sources", "list").refusal()
    assert refusal["code"] == "database_of_another_version"
    assert "from_the_future" in refusal["message"]


@pytest.mark.embedded
def test_what_nobody_foresaw_is_one_line_and_a_code_of_its_own(catalogue: Catalogue) -> None:
    catalogue("init").answer()
    with sqlite3.connect(catalogue.folder / "var" / "catalogue.sqlite3") as database:
        database.execute("ALTER TABLE source RENAME TO elsewhere")
    database.close()
    refusal = catalogue("sources", "list").refusal(70)
    assert "no such table: source" in refusal["message"]
    assert "CATALOGUE_LOG_LEVEL=debug" in refusal["mend"]
    told = catalogue.told("sources", "list")
    assert (told.code, told.out, len(told.err.splitlines())) == (70, "", 2)
    assert "Traceback" in catalogue.told("sources", "list", log_level="debug").err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), ("Usage",)),
        (("harvset",), ("No such command", "harvset")),
        (("harvest",), ("name sources, or --all",)),
        (("harvest", "--everything"), ("--everything",)),
        (("search",), ("TEXT",)),
        (("search", "x", "--audience", "intranet"), ("intranet", "portal", "extranet")),
        (("search", "x", "--limit", "0"), ("0", "1<=x<=100")),
        (("findings", "list", "--as-of", "tomorrow"), ("tomorrow", "%Y-%m-%d")),
        (("findings", "list", "--as-of", "2026-02-30"), ("2026-02-30",)),
        (("serve", "--port", "http"), ("http",)),
        (("organs", "import"), ("FILE",)),
    ],
    ids=str,
)
def test_words_that_are_off_are_a_matter_of_usage(
    catalogue: Catalogue, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    said = catalogue.told(*arguments)
    assert (said.code, said.out) == (2, "")
    assert [word for word in words if word not in said.err] == []
    assert "Traceback" not in said.err


@pytest.mark.parametrize("question", ["", "   ", "\udcff", "\x01", "(", '"', "a" * 5000, "title:", "*", "NOT"])
def test_no_question_is_too_odd_to_be_answered(catalogue: Catalogue, question: str) -> None:
    said = catalogue.told("search", "--json", "--", question)
    assert (said.code, said.json) == (0, {"total": 0, "items": []})


def test_usage_is_answered_in_json_too(catalogue: Catalogue) -> None:
    refusal = catalogue("search", "x", "--audience", "intranet").refusal(2)
    assert refusal["code"] == "usage"
    assert "portal" in refusal["message"]


@pytest.mark.parametrize(("given", "code"), [("no-id", "not_a_source_id"), (str(9**38), "not_a_source_id")])
def test_what_is_no_source_is_refused(catalogue: Catalogue, given: str, code: str) -> None:
    assert catalogue("harvest", given).refusal()["code"] == code


def test_an_unknown_source_is_refused_before_any_other_is_harvested(catalogue: Catalogue) -> None:
    known = catalogue.add(catalogue.write("data.json", json.dumps({"dataset": [{"identifier": "a", "title": "甲"}]})))
    unknown = "0199aaaa-0000-7000-8000-000000000000"
    refusal = catalogue("harvest", known, unknown).refusal()
    assert (refusal["code"], unknown in refusal["message"]) == ("source_not_found", True)
    assert catalogue("search", "甲", "--audience", "extranet").answer()["total"] == 0


def test_a_search_may_look_like_an_option(catalogue: Catalogue) -> None:
    said = catalogue.told("search", "--", "--json")
    assert (said.code, said.out) == (0, "0 entries\n")


def codes_of_refusals() -> set[str]:
    """Return the codes with which the start is refused anywhere in the code."""
    calls = [node for module in modules() for node in ast.walk(module.tree) if isinstance(node, ast.Call)]
    raised = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "ConfigurationError"]
    return {ast.literal_eval(call.args[0]) for call in raised}


def test_every_refusal_to_start_has_its_words() -> None:
    assert set(WORDS) == codes_of_refusals()


def test_every_command_that_answers_takes_json() -> None:
    paths = dict(leaves())
    streams, silent = {"export", "organs export"}, {"worker", "scheduler"}
    assert {name for name, options in paths.items() if "--json" not in options} == streams | silent


def leaves() -> list[tuple[str, list[str]]]:
    """Return each command by its words, with its options."""
    found = []
    for name, command in every_command.commands.items():
        below = getattr(command, "commands", None)
        for path, leaf in (
            {f"{name} {sub}": leaf for sub, leaf in below.items()}.items() if below else [(name, command)]
        ):
            found.append((path, [option for parameter in leaf.params for option in parameter.opts]))
    return found


@pytest.mark.parametrize("address", ["http://xn--/", "https://xn--i-7iq.ws/data.json", "http://a:b/", "ftp://a.cn/"])
def test_an_address_that_leads_nowhere_is_refused_when_its_source_is_added(catalogue: Catalogue, address: str) -> None:
    catalogue("init").answer()
    refusal = catalogue("sources", "add", "--organ", "data", "--kind", "data_json", "--address", address).refusal()
    assert refusal["code"] in {"invalid_address", "address_not_http"}
    assert refusal["mend"]


def test_one_source_nobody_foresaw_keeps_no_other_from_being_read(catalogue: Catalogue) -> None:
    table = catalogue.write("list.csv", "信息资源名称,信息资源代码\n图书馆名录,307/1\n")
    with serving(lambda _: Answer(status=302, headers={"Location": "http://xn--/"})) as server:
        odd = catalogue.add(server.address("/data.json"), kind="data_json")
        good = catalogue.add(table, kind="sheet")
        runs = {run["source"]: run for run in catalogue("harvest", "--all", allowed_private_hosts=server.host).answer()}
    assert (runs[odd]["state"], runs[good]["state"]) == ("aborted", "complete")
