"""Step 2 filled in from a sample file: items added with guessed types, flaws told, what is there kept."""

import io
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from openpyxl import Workbook
from werkzeug.test import TestResponse

from catalogue_app.domain.account import Role
from tests.accounts.people import fill, form_token
from tests.accounts.registered import FORMS


def workbook() -> bytes:
    book, body = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    sheet.append(["学校名称", "在校人数"])
    sheet.append(["第一小学", 812])
    book.save(body)
    return body.getvalue()


SAMPLES = {
    "csv": "学校名称,在校人数\n第一小学,812\n".encode("gb18030"),
    "xlsx": workbook(),
    "json": '{"properties": {"学校名称": {"type": "string"}, "在校人数": {"type": "integer"}}}'.encode(),
    "sql": "create table school (学校名称 varchar(10), 在校人数 int);".encode(),
}


def begun(client: FlaskClient, title: str) -> str:
    """Begin a registration; returns the address of its second step."""
    answer = fill(client, "/workspace/entries/new", {**FORMS["what"], "title": title})
    assert answer.status_code == 303
    return str(answer.location)


def sampled(client: FlaskClient, path: str, body: bytes) -> TestResponse:
    version = client.get(path).get_data(as_text=True).partition('name="version" value="')[2].partition('"')[0]
    fields = {
        "csrf_token": form_token(client, path),
        "version": version,
        "item_name": "学校代码",
        "item_type": "C",
        "item_length": "10",
        "sample": "1",
        "sample_file": (io.BytesIO(body), "../../样例"),
    }
    return client.post(path, data=fields, content_type="multipart/form-data")


@pytest.mark.parametrize("kind", SAMPLES)
def test_items_are_read_from_a_sample_beside_those_typed(signed_in: Callable[[Role], FlaskClient], kind: str) -> None:
    organ = signed_in(Role.ORGAN_EDITOR)
    path = begun(organ, f"样例{kind}登记表")
    answer = sampled(organ, path, SAMPLES[kind])
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200
    names = re.findall(r'<input name="item_name"[^>]*value="([^"]+)"', text)
    assert names == ["学校代码", "学校名称", "在校人数"]
    chosen = re.findall(r'<option value="(\w)" selected', text)
    assert chosen[:3] == ["C", "C", "I"]
    again = re.findall(r'<input name="item_name"[^>]*value="([^"]+)"', organ.get(path).get_data(as_text=True))
    assert again == names, "they are kept"


@pytest.mark.parametrize("body", [b"", b"%PDF-1.7", b"PK\x03\x04 broken", b"{", b"<html><body>"], ids=repr)
def test_what_is_no_sample_is_told_beside_the_field(signed_in: Callable[[Role], FlaskClient], body: bytes) -> None:
    organ = signed_in(Role.ORGAN_EDITOR)
    answer = sampled(organ, begun(organ, f"坏样例{body[:4]!r}登记表"), body)
    text = answer.get_data(as_text=True)
    assert answer.status_code in {200, 422}
    assert (answer.status_code == 422) == ('href="#sample"' in text)
    assert 'value="学校代码"' in text
