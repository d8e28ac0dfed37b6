"""Accounts, tokens and the audit log from the command line."""

import os
import sqlite3
import subprocess
import sys

import pytest

from tests.cli.commands import Catalogue
from tests.shared import ROOT

TRIGGERS = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_event'"
"""What keeps the log insert-only; somebody who owns the file can take it away."""


def test_a_first_account_is_made_with_a_link_to_set_its_password(catalogue: Catalogue) -> None:
    made = catalogue("accounts", "create", "Wang.Li", "--role", "organ_editor", "--organ", "edu").answer()
    link = made.pop("link")
    assert link.startswith("http://127.0.0.1:8000/set-password/")
    assert made == {
        "name": "wang.li",
        "person": "wang.li",
        "role": "organ_editor",
        "organ": "edu",
        "clearance": "extranet",
        "email": "",
        "locked": False,
        "second_factor": False,
    }
    assert catalogue("accounts", "list").answer() == [made]
    assert catalogue("accounts", "link", "wang.li").answer()["link"] != link
    assert catalogue("accounts", "create", "WANG.LI", "--role", "auditor").refusal()["code"] == "account_name_taken"


def test_a_password_may_be_handed_in(catalogue: Catalogue) -> None:
    command = [sys.executable, "-m", "catalogue_app.cli.main", "accounts", "create", "zhao", "--role", "auditor"]
    ended = subprocess.run(
        [*command, "--password-stdin"],
        input="correct horse battery\n",
        text=True,
        capture_output=True,
        check=False,
        cwd=ROOT,
        env=os.environ | catalogue.variables,
    )
    assert ended.returncode == 0, ended.stderr
    assert "link" not in ended.stdout
    assert "horse" not in ended.stdout + ended.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("create", "x", "--role", "auditor"), "account_name_form"),
        (("create", "wang", "--role", "organ_editor"), "role_needs_organ"),
        (("create", "wang", "--role", "auditor", "--organ", "edu"), "role_has_no_organ"),
        (("create", "wang", "--role", "organ_editor", "--organ", "nobody"), "organ_not_found"),
        (("create", "wang", "--role", "auditor", "--email", "no address"), "mail_address_form"),
        (("create", "wang", "--role", "auditor", "--person", "长" * 81), "name_length"),
        (("lock", "nobody"), "account_not_found"),
        (("token", "nobody"), "account_not_found"),
    ],
)
def test_what_will_not_do_is_refused_in_words(catalogue: Catalogue, arguments: tuple[str, ...], code: str) -> None:
    assert catalogue("accounts", *arguments).refusal()["code"] == code


def test_a_token_is_printed_once_and_listed_by_its_prefix(catalogue: Catalogue) -> None:
    catalogue("accounts", "create", "sync", "--role", "operator").answer()
    made = catalogue("accounts", "token", "sync", "--scope", "sources", "--expires", "2126-03-05").answer()
    assert made["token"].startswith(made["prefix"] + "_")
    assert made["scopes"] == ["read", "sources"]
    assert made["expires_at"] == "2126-03-05T16:00:00+00:00"
    assert catalogue("accounts", "token", "sync", "--expires", "never").answer()["expires_at"] is None
    for when, code in (("soon", "token_expiry_form"), ("2020-01-01", "token_expires_in_the_past")):
        assert catalogue("accounts", "token", "sync", "--expires", when).refusal()["code"] == code
    listed = catalogue("accounts", "tokens", "sync").answer()
    assert listed[0]["prefix"] == made["prefix"]
    assert "token" not in listed[0]
    assert catalogue("accounts", "revoke", "sync", made["prefix"]).answer()["revoked"] is True
    assert catalogue("accounts", "tokens", "sync").answer()[0]["revoked_at"]
    assert catalogue("accounts", "revoke", "sync", "mct_nothing").refusal()["code"] == "token_not_found"


def test_locking_and_unlocking_are_told_and_audited(catalogue: Catalogue) -> None:
    catalogue("accounts", "create", "sun", "--role", "auditor").answer()
    assert catalogue("accounts", "lock", "sun").answer() == {"name": "sun", "locked": True}
    assert catalogue("accounts", "unlock", "sun").answer() == {"name": "sun", "locked": False}
    told = catalogue("audit", "list", "--subject", "account:sun").answer()
    assert [line["action"] for line in told] == ["account_unlocked", "account_locked", "account_created"]
    assert {line["actor"] for line in told} == {"operator"}
    assert [line["position"] for line in catalogue("audit", "list", "--limit", "2").answer()] == [92, 91]


def test_an_altered_line_of_the_log_is_named(catalogue: Catalogue) -> None:
    catalogue("init").answer()
    whole = catalogue("audit", "verify").answer()
    assert (whole["lines"], whole["broken_at"]) == (89, None)
    with sqlite3.connect(catalogue.folder / "var" / "catalogue.sqlite3") as connection:
        for (trigger,) in connection.execute(TRIGGERS).fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute("UPDATE audit_event SET actor = 'nobody' WHERE position = 7")
    connection.close()
    broken = catalogue("audit", "verify")
    assert (broken.code, broken.json["broken_at"]) == (1, 7)
