"""Pages about one proposal: what a reviewer reads."""

from collections.abc import Callable

from flask.testing import FlaskClient

from catalogue_app.domain.account import Role
from tests.accounts.source_desk import words
from tests.accounts.test_life_of_an_entry import fill_in, hand_in


def test_a_reviewer_reads_names_of_codes(signed_in: Callable[[Role], FlaskClient]) -> None:
    organ, desk = signed_in(Role.ORGAN_EDITOR), signed_in(Role.DESK_REVIEWER)
    proposal_id = fill_in(organ, "雨水泵站登记表")
    hand_in(organ, proposal_id, "只收录雨水泵站，与已有条目不同。")
    chinese, english = (words(desk.get(f"{start}/desk/queue/{proposal_id}")) for start in ("", "/en"))
    for text in ("点位名称（类型：字符型、长度：100）", "涉及个人信息 否", "更新周期 每月"):
        assert text in chinese
    for text in ("(Type: Character, Length: 100)", "Personal information No", "Update cycle Monthly", "307 Provinces"):
        assert text in english
