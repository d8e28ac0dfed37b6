"""The frame of every page sets names of its own; a page that set one of them would show what the frame means by it."""

import re

from tests.shared import ROOT

TEMPLATES = ROOT / "catalogue_app" / "web" / "templates"
SET = re.compile(r"\{%-?\s*set (\w+)\s*=")


def test_no_page_sets_a_name_of_the_frame() -> None:
    frame = set(SET.findall((TEMPLATES / "base.html").read_text("utf-8")))
    assert frame
    pages = [path for path in TEMPLATES.rglob("*.html") if path.name != "base.html"]
    taken = {path.name: frame & set(SET.findall(path.read_text("utf-8"))) for path in pages}
    assert {name: names for name, names in taken.items() if names} == {}
