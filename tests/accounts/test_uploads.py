"""Whole tables of entries: looked at first, taken as chosen, given back with errors, exported without loss."""

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from openpyxl import load_workbook

from catalogue_app.container import Container
from catalogue_app.domain.account import Account, Role
from catalogue_app.domain.entry import EntryState
from catalogue_app.domain.errors import Conflict, InvalidInput, NotFound
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.metadata import EntryMetadata
from catalogue_app.domain.proposal import Proposal, ProposalKind, ProposalState
from catalogue_app.domain.selection import EntryFilter
from catalogue_app.domain.upload import Rows, Upload, UploadState, Verdict
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.services.accounts import NewAccount
from catalogue_app.services.organ_sheet_files import SheetForm
from catalogue_app.services.upload_files import write_returned
from catalogue_app.services.uploads import LARGEST_BYTES
from tests.accounts.people import NAMES, PASSWORD, begin_codes_after, hire
from tests.api.small_catalogue import INNER, fill
from tests.living import open_catalogue

EDU: Final = Audience(tier=Tier.EXTRANET, organs=frozenset({OrganId("edu")}))
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
HEADERS: Final = (
    "条目编码", "类", "项", "信息资源名称", "信息资源摘要", "信息资源格式类型", "信息项名称", "数据类型", "数据长度",
    "共享类型", "共享方式类型", "开放类型", "开放条件", "更新周期", "发布日期", "数据更新日期", "主题领域",
    "涉及个人信息", "联系电话", "网络层级",
)  # fmt: skip
STATEMENT: Final = "与已有条目的范围和用途都不同。"


def a_row(title: str, **rest: str) -> dict[str, str]:
    """Return a row without errors, unlike any other."""
    return {
        "类": "3",
        "项": "07",
        "信息资源名称": title,
        "信息资源摘要": f"收录{title}的名称、位置、管理单位和联系电话，供公众查询和部门调度使用。",
        "信息资源格式类型": "xlsx",
        "信息项名称": f"{title}编号",
        "数据类型": "字符型",
        "数据长度": "50",
        "共享类型": "无条件共享",
        "共享方式类型": "文件",
        "开放类型": "有条件开放",
        "开放条件": "向申请人说明用途后提供",
        "更新周期": "每月",
        "发布日期": "2026-01-05",
        "数据更新日期": "2026-11-01",
        "主题领域": "T05",
        "涉及个人信息": "否",
        "联系电话": "022-23456789",
        **rest,
    }


def a_table(*rows: Mapping[str, str]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, HEADERS, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Container:
    container = open_catalogue(tmp_path_factory.mktemp("uploads"))
    fill(container)
    begin_codes_after(container, 40)
    hire(container)
    return container


@pytest.fixture(scope="module")
def editor(place: Container) -> Account:
    return place.accounts.by_name(NAMES[Role.ORGAN_EDITOR])


def looked_at(
    place: Container, editor: Account, body: bytes, name: str = "目录.csv", audience: Audience = EDU
) -> Upload:
    return place.uploads.go_on(place.uploads.receive(editor, name, io.BytesIO(body), audience).id)


def taken(place: Container, editor: Account, upload: Upload, **how: object) -> Upload:
    chosen = {"rows": Rows.GOOD, "submits": False, "statement": STATEMENT, **how}
    place.uploads.choose(editor, upload.id, EDU, **chosen)  # type: ignore[arg-type]  # parameters of `choose`
    return place.uploads.go_on(upload.id)


def proposals(place: Container, title: str) -> list[Proposal]:
    return [one for one in place.registration.open_proposals(EDU) if one.metadata.title.original.startswith(title)]


def test_a_dry_run_writes_nothing_of_the_catalogue(place: Container, editor: Account) -> None:
    upload = looked_at(place, editor, a_table(a_row("路灯登记表")))
    assert upload.state is UploadState.CHECKED
    assert upload.counts == {Verdict.NEW: 1}
    assert proposals(place, "路灯") == []


def test_good_rows_become_drafts_and_bad_ones_are_told_by_cell(place: Container, editor: Account) -> None:
    bad = a_row("井盖登记表", 更新周期="有时", 信息资源摘要="短")
    upload = looked_at(place, editor, a_table(a_row("井盖管线登记表"), bad))
    assert upload.counts == {Verdict.NEW: 1, Verdict.BAD: 1}
    rows = place.uploads.all_rows(upload)
    assert rows[1].place == "row 3"
    assert {flaw.element for flaw in rows[1].flaws} == {"update_cycle", "abstract"}
    assert taken(place, editor, upload).taken == 1
    (draft,) = proposals(place, "井盖")
    assert (draft.kind, draft.state, draft.authors) == (ProposalKind.NEW, ProposalState.DRAFT, (editor.actor,))
    assert draft.metadata.provider_name == "天津市教育委员会"


def test_all_or_nothing_takes_nothing_while_a_row_has_errors(place: Container, editor: Account) -> None:
    upload = looked_at(place, editor, a_table(a_row("桥梁登记表"), a_row("隧道登记表", 更新周期="有时")))
    with pytest.raises(InvalidInput, match="upload_has_errors"):
        taken(place, editor, upload, rows=Rows.ALL)
    assert proposals(place, "桥梁") == []
    whole = looked_at(place, editor, a_table(a_row("桥梁登记表"), a_row("隧道登记表")))
    assert taken(place, editor, whole, rows=Rows.ALL).taken == 2


def test_rows_are_handed_in_at_once_where_chosen(place: Container, editor: Account) -> None:
    upload = looked_at(place, editor, a_table(a_row("停车位登记表")))
    assert taken(place, editor, upload, submits=True).taken == 1
    (handed_in,) = proposals(place, "停车位")
    assert (handed_in.state, handed_in.submitted_by) == (ProposalState.SUBMITTED, editor.actor)


def test_what_is_like_other_entries_needs_a_statement_before_it_is_handed_in(place: Container, editor: Account) -> None:
    upload = looked_at(place, editor, a_table(a_row("天津市第1幼儿园名录册")))
    assert upload.with_similar == 1
    with pytest.raises(InvalidInput, match="statement_missing"):
        taken(place, editor, upload, submits=True, statement="")
    assert taken(place, editor, upload, submits=True).taken == 1


def test_a_row_of_an_entry_becomes_a_change_of_it_alone(place: Container, editor: Account) -> None:
    code = published(place, editor, "公园登记表")
    row = a_row("公园登记表", 条目编码=code, 联系电话="022-11112222")
    before = place.catalogue.entry(code, EDU).entry
    assert looked_at(place, editor, a_table(a_row("公园登记表", 条目编码=code))).counts == {Verdict.SAME: 1}
    upload = looked_at(place, editor, a_table(row))
    assert upload.counts == {Verdict.CHANGE: 1}
    taken(place, editor, upload, submits=True)
    (change,) = proposals(place, "公园")
    assert (change.kind, change.code, change.metadata.contact) != (ProposalKind.CHANGE, code, before.metadata.contact)
    assert replace(change.metadata, contact=before.metadata.contact) == before.metadata
    assert place.catalogue.entry(code, EDU).entry.state is EntryState.CHANGE_PENDING
    (flaw,) = place.uploads.all_rows(looked_at(place, editor, a_table(a_row("公园登记表", 条目编码=code))))
    assert flaw.verdict is Verdict.SAME, "it says what is published"
    again = looked_at(place, editor, a_table({**row, "更新周期": "每年"}))
    assert [one.flaws[0].code for one in place.uploads.all_rows(again)] == ["proposal_pending"]


def published(place: Container, editor: Account, title: str) -> str:
    """Register an entry by an upload and have it approved; returns its code."""
    taken(place, editor, looked_at(place, editor, a_table(a_row(title))), submits=True)
    (handed_in,) = proposals(place, title)
    reviewer = place.accounts.by_name(NAMES[Role.DESK_REVIEWER])
    desk = Audience(tier=Tier.EXTRANET, supervises=True)
    code = place.review.approve(reviewer, handed_in.id, version=handed_in.version, audience=desk).code
    assert code is not None
    place.index_feed.drain()
    return code


def test_an_entry_that_changed_since_the_dry_run_is_left(place: Container, editor: Account) -> None:
    code = published(place, editor, "泵站登记表")
    body = a_table(a_row("泵站登记表", 条目编码=code, 联系电话="022-11112222"), a_row("闸门登记表"))
    late, whole = looked_at(place, editor, body), looked_at(place, editor, body)
    place.registration.withdraw(editor, code, "系统停用，不再维护", EDU)
    whole_after = taken(place, editor, whole, rows=Rows.ALL)
    assert (whole_after.state, whole_after.problem) == (UploadState.CHECKED, "upload_not_whole")
    assert proposals(place, "闸门") == []
    after = taken(place, editor, late)
    assert (after.state, after.taken, after.left) == (UploadState.TAKEN, 1, 1)
    assert [row.flaws[0].code for row in place.uploads.all_rows(after) if row.flaws] == ["entry_changed_meanwhile"]


def test_the_same_file_again_changes_nothing(place: Container, editor: Account) -> None:
    body = a_table(a_row("消火栓登记表"), a_row("消火栓登记表"))
    upload = looked_at(place, editor, body)
    assert upload.counts == {Verdict.NEW: 1, Verdict.BAD: 1}, "a row that stands twice is told"
    taken(place, editor, upload)
    assert looked_at(place, editor, a_table(a_row("消火栓登记表"))).counts == {Verdict.SAME: 1}
    mended = looked_at(place, editor, a_table(a_row("消火栓登记表", 联系电话="022-11112222")))
    assert mended.counts == {Verdict.CHANGE: 1}
    taken(place, editor, mended)
    (draft,) = proposals(place, "消火栓")
    assert draft.version == 2
    with pytest.raises(Conflict, match="upload_moved_on"):
        taken(place, editor, mended)


def test_a_code_of_another_organ_is_no_code_here(place: Container, editor: Account) -> None:
    upload = looked_at(place, editor, a_table(a_row("别家的条目", 条目编码="TJ00000002")))
    assert [row.flaws[0].code for row in place.uploads.all_rows(upload)] == ["unknown_entry_code"]


def test_no_row_is_above_who_uploads_it_and_nothing_of_the_file_is_kept(place: Container, editor: Account) -> None:
    body = a_table(a_row("公开的登记表"), a_row("内部的登记表", 网络层级="政务外网"))
    by_portal = replace(EDU, tier=Tier.PORTAL)
    refused = looked_at(place, editor, body, audience=by_portal)
    assert (refused.state, refused.problem) == (UploadState.REFUSED, "tier_above_network")
    assert place.uploads.all_rows(refused) == []
    with pytest.raises(NotFound):
        place.uploads.lay_out(refused, Path("/dev/null"))
    upload = looked_at(place, editor, body)
    assert upload.tier is Tier.EXTRANET
    with pytest.raises(NotFound):
        place.uploads.read(editor, upload.id, by_portal)
    assert upload.id not in {one.id for one in place.uploads.latest(editor, by_portal)}


def test_what_is_no_table_is_refused_in_words(place: Container, editor: Account, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/workbook.xml", b"\0" * (64 << 20))
    bodies = {"workbook_packed_too_well": (tmp_path / "bomb.xlsx").read_bytes(), "no_table": b"%PDF-1.7 x"}
    for code, body in bodies.items():
        refused = looked_at(place, editor, body, name="../../etc/passwd")
        assert (refused.state, refused.problem, refused.file_name) == (UploadState.REFUSED, code, "passwd")
        zh, _ = place.reference.messages.problem(code, "zh")
        assert not zh.startswith(code)
    with pytest.raises(InvalidInput, match="upload_empty"):
        place.uploads.receive(editor, "x.csv", io.BytesIO(b""), EDU)
    huge = io.BytesIO(b" " * (LARGEST_BYTES + 1))
    with pytest.raises(InvalidInput, match="upload_too_large"):
        place.uploads.receive(editor, "x.csv", huge, EDU)


def test_an_upload_given_up_leaves_nothing_of_its_file(place: Container, editor: Account) -> None:
    upload = looked_at(place, editor, a_table(a_row("放弃的登记表")))
    assert place.uploads.discard(editor, upload.id, EDU).state is UploadState.DISCARDED
    assert place.uploads.all_rows(upload) == []
    with pytest.raises(Conflict):
        taken(place, editor, upload)


@pytest.mark.parametrize("form", list(SheetForm))
def test_the_file_comes_back_with_a_column_of_errors_and_may_be_mended(
    place: Container, editor: Account, tmp_path: Path, form: SheetForm
) -> None:
    path = tmp_path / f"own.{form}"
    place.organ_sheets.write(OrganId("edu"), EDU, form, path)
    body = path.read_bytes()
    if form is SheetForm.CSV:
        body = a_table(a_row("交回的登记表", 更新周期="有时"), a_row("没有错的登记表"))
    else:
        book = load_workbook(path)
        sheet = book.active
        assert sheet is not None
        column = next(cell.column for cell in sheet[3] if cell.value == "更新周期")
        sheet.cell(5, column).value = "有时"
        book.save(path)
        body = path.read_bytes()
    upload = looked_at(place, editor, body)
    returned = tmp_path / f"returned.{form}"
    assert write_returned(place.uploads, upload, place.reference.messages, returned) == form.value
    told = returned.read_bytes().decode("utf-8-sig") if form is SheetForm.CSV else _texts(returned)
    assert "问题 problems" in told
    assert "更新周期: " in told
    again = looked_at(place, editor, returned.read_bytes())
    assert again.counts == upload.counts, "the column of errors says nothing about an entry"


def _texts(path: Path) -> str:
    rows = load_workbook(path)["政务信息资源目录"].iter_rows(values_only=True)
    return "\n".join(str(cell) for row in rows for cell in row if cell)


@pytest.mark.parametrize("form", list(SheetForm))
def test_an_export_holds_no_formula_and_comes_back_as_it_was(
    place: Container, editor: Account, tmp_path: Path, form: SheetForm
) -> None:
    title = f'=HYPERLINK("http://evil.example","{form}")登记表'
    row = a_row("公式登记表", 信息项名称="@SUM(A1)", 联系电话="+86 22 2345 6789")
    upload = looked_at(place, editor, a_table({**row, "信息资源名称": title}))
    taken(place, editor, upload, submits=True)
    (handed_in,) = proposals(place, title)
    assert handed_in.metadata.contact is not None
    assert handed_in.metadata.contact.telephone == "+86 22 2345 6789"
    reviewer = place.accounts.by_name(NAMES[Role.DESK_REVIEWER])
    desk = Audience(tier=Tier.EXTRANET, supervises=True)
    code = place.review.approve(reviewer, handed_in.id, version=handed_in.version, audience=desk).code
    path = tmp_path / f"own.{form}"
    place.organ_sheets.write(OrganId("edu"), EDU, form, path)
    assert [text for text in _cells(path, form) if text.startswith(FORMULA_STARTS)] == []
    assert f"'{title}" in set(_cells(path, form))
    back = looked_at(place, editor, path.read_bytes())
    assert set(back.counts) == {Verdict.SAME}
    place.registration.withdraw(editor, str(code), "公式登记表的试验已经结束", EDU)


def _cells(path: Path, form: SheetForm) -> Iterator[str]:
    if form is SheetForm.CSV:
        yield from (cell for row in csv.reader(path.read_text("utf-8-sig").splitlines()) for cell in row)
        return
    for row in load_workbook(path).worksheets[0].iter_rows():
        for cell in row:
            assert cell.data_type != "f"
            yield str(cell.value or "")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Container:
    container = open_catalogue(tmp_path_factory.mktemp("demo"))
    for source in container.demo.write(with_defects=True, actor="test"):
        container.harvesting.run(source.id, actor="test")
    return container


@pytest.mark.parametrize("form", list(SheetForm))
def test_an_export_of_any_organ_uploaded_again_changes_nothing(
    demo: Container, tmp_path: Path, form: SheetForm
) -> None:
    counted = 0
    for organ in demo.organs.all():
        audience = Audience(tier=Tier.EXTRANET, organs=frozenset({organ.id}))
        with demo.uow.reading() as look:
            size = look.entries.count(EntryFilter(organs=frozenset({organ.id})), audience)
        if size == 0:
            continue
        told = NewAccount(name=f"{organ.id}.{form}", role=Role.ORGAN_EDITOR, organ=organ.id, person="编目员")
        editor, _ = demo.accounts.create(told, password=PASSWORD, actor="test")
        path = tmp_path / f"{organ.id}.{form}"
        demo.organ_sheets.write(organ.id, audience, form, path)
        upload = looked_at(demo, editor, path.read_bytes(), path.name, audience)
        assert (organ.id, upload.counts) == (organ.id, {Verdict.SAME: size})
        counted += size
    assert counted > 300


SAID_BY_CELLS: Final = (
    "title", "abstract", "resource_code", "provider_name", "provider_uscc", "classification", "format_types", "items",
    "sharing_type", "sharing_condition", "sharing_methods", "non_sharing_basis", "open_type", "open_condition",
    "update_cycle", "issued_on", "updated_on", "themes", "disclosure_categories", "spatial", "personal_information",
    "contact", "online_urls",
)  # fmt: skip


def test_the_cells_alone_say_almost_everything_an_entry_says(demo: Container) -> None:
    """What only the catalogue remembers is little: an export is worth reading by itself."""
    reader, differing = demo.uploads._make_reader(OrganId("edu")), list[tuple[str, str]]()
    with demo.uow.reading() as look:
        for entry in look.entries.stream():
            echo = reader.echo(entry)
            differing += [(entry.code, name) for name in SAID_BY_CELLS if differs(name, echo, entry.metadata)]
    assert differing == []


def differs(name: str, echo: EntryMetadata, stored: EntryMetadata) -> bool:
    return bool(getattr(echo, name) != getattr(stored, name))


def test_no_text_of_a_higher_tier_is_in_the_export_for_a_lower(place: Container, tmp_path: Path) -> None:
    for tier, is_there in ((Tier.PORTAL, False), (Tier.EXTRANET, True)):
        path = tmp_path / f"{tier}.csv"
        place.organ_sheets.write(OrganId("edu"), replace(EDU, tier=tier), SheetForm.CSV, path)
        assert (INNER in path.read_text("utf-8-sig")) is is_there


def test_a_table_that_is_like_hidden_entries_is_hidden_with_them(place: Container, editor: Account) -> None:
    place.index_feed.drain()
    upload = looked_at(place, editor, a_table(a_row(f"{INNER[:4]}的{INNER[4:]}", 网络层级="互联网")), "相近.csv")
    (row,) = place.uploads.all_rows(upload)
    assert (row.tier, bool(row.similar)) == (Tier.PORTAL, True)
    assert upload.tier is Tier.EXTRANET
    with pytest.raises(NotFound):
        place.uploads.read(editor, upload.id, replace(EDU, tier=Tier.PORTAL))
    assert place.uploads.read(editor, upload.id, EDU) == upload
