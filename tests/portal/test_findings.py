"""The findings page tells why a duty is not met in words, whatever its evidence is called."""

import pytest
from flask import Flask

from catalogue_app.domain.finding import Condition, FindingKind
from catalogue_app.domain.ids import OrganId
from catalogue_app.web.portal.findings import evidence_of

CASES = [
    (FindingKind.STALE, ("update_cycle", "monthly"), ("承诺周期", "每月")),
    (FindingKind.STALE, ("changed_on", "2026-01-05"), ("内容更新", "2026年1月5日")),
    (FindingKind.PROFILE_VIOLATION, ("update_cycle", "unknown_value 每两周"), ("更新周期", "不在代码表中：每两周")),
    (FindingKind.MISSING_FIELD, ("update_cycle", "missing"), ("更新周期", "缺少该要素")),
    (
        FindingKind.BASIC_NOT_UNCONDITIONAL,
        ("sharing_type", "basic_not_shared conditional"),
        ("共享类型", "基础信息资源未无条件共享：有条件共享"),
    ),
]


@pytest.mark.parametrize(("kind", "found", "told"), CASES)
def test_evidence_is_told_in_words(
    portal_app: Flask, kind: FindingKind, found: tuple[str, str], told: tuple[str, str]
) -> None:
    condition = Condition(kind=kind, subject="entry:TJ1", organ_id=OrganId("edu"), rule="R07", evidence=(found,))
    with portal_app.test_request_context("/findings"):
        assert tuple(evidence_of(condition)) == (told,)
