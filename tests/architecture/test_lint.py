"""Lint rules that must stay on: each bad habit is shown to ruff, and ruff must name it."""

import json
import subprocess
import sys

import pytest

from tests.shared import ROOT


def complaints(code: str, file: str) -> set[str]:
    """Lint code as if it stood in `file`; return the codes of the rules it breaks."""
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--output-format=json",
        "--no-cache",
        "--stdin-filename",
        file,
        "-",
    ]
    answer = subprocess.run(command, input=code, cwd=ROOT, capture_output=True, text=True, check=False)
    return {complaint["code"] for complaint in json.loads(answer.stdout)}


HABITS = [
    ("DTZ001", "import datetime\n\nDAY = datetime.datetime(2026, 1, 1)\n", "catalogue_app/domain/calendar.py"),
    ("DTZ003", "import datetime\n\nNOW = datetime.datetime.utcnow()\n", "tests/unit/test_calendar.py"),
    ("DTZ011", "import datetime\n\nTODAY = datetime.date.today()\n", "harvesters/sheet.py"),
    ("TID251", "import datetime\n\nNOW = datetime.datetime.now(datetime.UTC)\n", "catalogue_app/services/search.py"),
    ("TID251", "import uuid\n\nID = uuid.uuid4()\n", "catalogue_app/persistence/entries.py"),
    ("TID251", "from xml.etree import ElementTree\n", "harvesters/sheet.py"),
    ("TID251", "from flask import g\n", "catalogue_app/web/portal/views.py"),
    ("PLC0415", "def late() -> None:\n    import os\n", "indexing/query.py"),
    ("B006", "def f(x: list[int] = []) -> None:\n    x.clear()\n", "catalogue_app/domain/diff.py"),
    ("BLE001", "try:\n    f()\nexcept Exception:\n    g()\n", "catalogue_app/services/harvesting.py"),
    ("B904", "try:\n    f()\nexcept KeyError:\n    raise ValueError\n", "harvesters/ckan.py"),
]


@pytest.mark.parametrize(("rule", "code", "file"), HABITS)
def test_a_bad_habit_is_named(rule: str, code: str, file: str) -> None:
    assert rule in complaints(code, file)


def test_chinese_punctuation_is_no_slip_of_the_pen() -> None:
    assert complaints('"""标题：市教委（幼儿园），“名录”；共三项！"""\n', "catalogue_app/domain/text.py") == set()
