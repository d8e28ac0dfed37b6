"""Uploading a table without script: looked at, errors beside the cells, taken, given back, refused in words."""

import io
import re
import socket
import time
from collections.abc import Callable
from dataclasses import replace

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from catalogue_app.container import Container
from catalogue_app.domain.account import Role
from catalogue_app.domain.upload import UploadId, UploadState
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.services.accounts import NewAccount
from catalogue_app.web.context import services
from tests.accounts.people import PASSWORD, form_token, send, sign_in
from tests.accounts.test_uploads import EDU, a_row, a_table
from tests.stack import Stack, chosen

PATIENCE_S = 60


def posted(client: FlaskClient, body: bytes, name: str = "目录.csv") -> TestResponse:
    """Send a file by the form of the page."""
    return sent(client, form_token(client, "/workspace/uploads"), body, name)


def sent(client: FlaskClient, token: str, body: bytes, name: str) -> TestResponse:
    parts = [
        f'--xx\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token}\r\n'.encode(),
        f'--xx\r\nContent-Disposition: form-data; name="table"; filename="{name}"\r\n\r\n'.encode(),
        body + b"\r\n--xx--\r\n",
    ]
    return client.post("/workspace/uploads", data=b"".join(parts), content_type="multipart/form-data; boundary=xx")


def text_once_done(client: FlaskClient, path: str) -> str:
    """Look at an upload until nothing works on it; where work is shared out, no worker but this one is there."""
    until = time.monotonic() + PATIENCE_S
    while "data-watch" in (text := client.get(path).get_data(as_text=True)):
        if chosen() is Stack.SERVER:
            with client.application.app_context():
                services().uploads.take_up()
        assert time.monotonic() < until
        time.sleep(0.05)
    return text


def test_a_table_is_looked_at_taken_and_given_back(signed_in: Callable[[Role], FlaskClient]) -> None:
    organ = signed_in(Role.ORGAN_EDITOR)
    answer = posted(organ, a_table(a_row("网页上传登记表"), a_row("网页错误登记表", 更新周期="有时")))
    assert answer.status_code == 303
    path = answer.location
    text = text_once_done(organ, path)
    assert "已核对，等待选择" in text
    assert "第3行" in text
    assert "row 3" not in text
    assert "row 3" in organ.get(f"/en{path}").get_data(as_text=True)
    assert re.search(r"更新周期</strong>：.*有时", text)
    only_bad = organ.get(f"{path}?verdict=bad").get_data(as_text=True)
    assert "网页错误登记表" in only_bad
    assert "网页上传登记表" not in only_bad
    returned = organ.get(f"{path}/file")
    assert returned.headers["Content-Disposition"].startswith("attachment;")
    assert "问题 problems" in returned.get_data().decode("utf-8-sig")
    whole = send(organ, f"{path}/take", shown_on=path, rows="all", then="draft")
    assert whole.status_code == 422
    assert "还有 1 行有错误" in whole.get_data(as_text=True)
    assert send(organ, f"{path}/take", shown_on=path, rows="good", then="draft").status_code == 303
    assert "已采用1行，共1行" in text_once_done(organ, path)
    assert "网页上传登记表" in organ.get("/workspace").get_data(as_text=True)
    assert "1 of 1 rows taken" in organ.get(f"/en{path}").get_data(as_text=True)


def test_what_cannot_be_read_is_told_in_words(signed_in: Callable[[Role], FlaskClient]) -> None:
    organ = signed_in(Role.ORGAN_EDITOR)
    assert "没有选择文件" in posted(organ, b"").get_data(as_text=True)
    text = text_once_done(organ, posted(organ, b"%PDF-1.7 x", "<script>alert(1)</script>.csv").location)
    assert "无法读取" in text
    assert "<script>alert" not in text


def test_a_larger_body_is_taken_from_an_editor_alone(
    browser: FlaskClient, signed_in: Callable[[Role], FlaskClient]
) -> None:
    large = a_table(a_row("大表登记表", 信息资源摘要="长" * (2 << 20)))
    organ, desk = signed_in(Role.ORGAN_EDITOR), signed_in(Role.DESK_REVIEWER)
    assert posted(organ, large).status_code == 303
    for client, shown_on in ((browser, "/sign-in"), (desk, "/account/password")):
        assert sent(client, form_token(client, shown_on), large, "x.csv").status_code == 413


def test_no_organ_sees_the_uploads_of_another(
    staffed: Container, browser: FlaskClient, signed_in: Callable[[Role], FlaskClient]
) -> None:
    path = posted(signed_in(Role.ORGAN_EDITOR), a_table(a_row("本机关登记表"))).location
    told = NewAccount(name="civil.uploader", role=Role.ORGAN_EDITOR, organ="civil", person="民政编目员")
    staffed.accounts.create(told, password=PASSWORD, actor="test")
    assert sign_in(browser, "civil.uploader").status_code == 303
    for rest in ("", "/file"):
        assert browser.get(f"{path}{rest}").status_code == 404
    assert "目录.csv" not in browser.get("/workspace/uploads").get_data(as_text=True)
    for act in ("take", "discard", "resume"):
        assert send(browser, f"{path}/{act}", shown_on="/workspace/uploads").status_code == 404


def test_an_upload_that_was_cut_off_is_gone_on_with_by_a_button(
    staffed: Container, signed_in: Callable[[Role], FlaskClient]
) -> None:
    organ = signed_in(Role.ORGAN_EDITOR)
    editor, by_portal = staffed.accounts.by_name("organ.editor.one"), replace(EDU, tier=Tier.PORTAL)
    upload = staffed.uploads.receive(editor, "断.csv", io.BytesIO(a_table(a_row("中断登记表"))), by_portal)
    with staffed.uow() as work:
        work.uploads.keep(replace(upload, holder=f"{socket.gethostname()}/999999999/1"))
        work.commit()
    path = f"/workspace/uploads/{upload.id}"
    assert "处理中断了" in organ.get(path).get_data(as_text=True)
    assert send(organ, f"{path}/resume", shown_on=path).status_code == 303
    assert "已核对，等待选择" in text_once_done(organ, path)
    assert staffed.uploads.read(editor, UploadId(upload.id), EDU).state is UploadState.CHECKED


def test_the_organs_own_table_is_there_to_take_away(signed_in: Callable[[Role], FlaskClient]) -> None:
    organ = signed_in(Role.ORGAN_EDITOR)
    for form, head in (("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK")):
        answer = organ.get(f"/workspace/catalogue.{form}")
        assert answer.get_data().startswith(head)
        assert answer.headers["Cache-Control"] == "private, no-store"
    assert organ.get("/workspace/catalogue.exe").status_code == 404
