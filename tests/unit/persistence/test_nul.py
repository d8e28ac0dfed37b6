"""NUL, which PostgreSQL cannot hold: replaced where it is meant, left where it only looks like it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue_app.persistence.base import storable_json, to_json
from catalogue_app.persistence.postgresql import INSTEAD, NUL, without_nul


@given(st.text(alphabet=[NUL, "\\", "u", "0", "名", '"'], max_size=30))
def test_json_keeps_everything_but_nul(text: str) -> None:
    assert json.loads(to_json([text])) == [text.replace(NUL, INSTEAD)]
    assert json.loads(storable_json(json.dumps({text: text}))) == {without_nul(text): without_nul(text)}


@pytest.mark.parametrize(("text", "stored"), [("a\x00b", "a\ufffdb"), ("ab", "ab"), ("", "")])
def test_text_keeps_everything_but_nul(text: str, stored: str) -> None:
    assert without_nul(text) == stored
