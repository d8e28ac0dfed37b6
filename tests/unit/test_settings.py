"""Settings are read strictly: what is misspelt or mistyped refuses the start and is named."""

from pathlib import Path

import pytest

from catalogue_app.domain.errors import ConfigurationError
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.settings import load_settings


def test_defaults_stand_alone(tmp_path: Path) -> None:
    settings = load_settings({"CATALOGUE_DATA_DIR": str(tmp_path)})
    assert settings.database_url == f"sqlite:///{tmp_path}/catalogue.sqlite3"
    assert settings.tier_ceiling is Tier.EXTRANET
    assert settings.allowed_private_hosts == ()


def test_variables_win_over_the_operators_file(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('tier_ceiling = "portal"\n[web]\nport = 9000\nthreads = 2\n', encoding="utf-8")
    settings = load_settings(
        {
            "CATALOGUE_CONFIG": str(own),
            "CATALOGUE_WEB_PORT": "9001",
            "CATALOGUE_HARVEST_DEADLINE_S": "0.5",
            "CATALOGUE_ALLOWED_PRIVATE_HOSTS": "127.0.0.1:8080, intranet.example",
        }
    )
    assert (settings.web.port, settings.web.threads, settings.tier_ceiling) == (9001, 2, Tier.PORTAL)
    assert settings.allowed_private_hosts == ("127.0.0.1:8080", "intranet.example")
    assert settings.harvest.deadline_s == 0.5


@pytest.mark.parametrize(
    ("variable", "value", "named"),
    [
        ("CATALOGUE_DATADIR", "x", "CATALOGUE_DATADIR"),
        ("CATALOGUE_WEB_PORT", "http", "CATALOGUE_WEB_PORT"),
        ("CATALOGUE_WEB_PORT", "80.5", "web.port"),
        ("CATALOGUE_HARVEST_DEADLINE_S", "nan", "harvest.deadline_s"),
        ("CATALOGUE_WEB_PORT", "70000", "web.port"),
        ("CATALOGUE_TIER_CEILING", "secret", "tier_ceiling"),
        ("CATALOGUE_WEB_TIER", "intranet", "web.tier"),
        ("CATALOGUE_MUNICIPALITY_CODE_PREFIX", "T1", "municipality.code_prefix"),
        ("CATALOGUE_JOBS_EVALUATE_AT", "25:00", "jobs.evaluate_at"),
    ],
)
def test_a_wrong_variable_is_named(variable: str, value: str, named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        load_settings({variable: value})


@pytest.mark.parametrize(
    "text", ["[web]\nprot = 1\n", "colour = 1\n", "web = 3\n", "port = \n", "[web]\nport = '80'\n"]
)
def test_a_wrong_file_is_refused(tmp_path: Path, text: str) -> None:
    own = tmp_path / "own.toml"
    own.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError):
        load_settings({"CATALOGUE_CONFIG": str(own)})
