"""Names that pages give to members of closed lists, elements and rules; enums themselves hold no words."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from catalogue_app.domain.account import Role, Scope
from catalogue_app.domain.finding import FindingKind, FindingState
from catalogue_app.domain.flagging.stale import FreshnessState
from catalogue_app.domain.long_work import WorkKind, WorkState
from catalogue_app.domain.proposal import ProposalKind, ProposalState
from catalogue_app.domain.vocabulary import DisclosureCategory, OrganKind, Tier
from catalogue_app.services.catalogue_views import CoverageState
from catalogue_app.web.messages import mark, say
from indexing.fields import FacetField, Sort

_FRESHNESS: Final[Mapping[str, tuple[str, str]]] = {
    FreshnessState.FRESH: (mark("按时更新"), mark("内容在承诺的周期之内。")),
    FreshnessState.DUE: (mark("该更新了"), mark("已到承诺的更新日期，仍在宽限期之内。")),
    FreshnessState.STALE: (mark("逾期未更新"), mark("已超过承诺的周期和宽限期，内容可能已经过时。")),
    FreshnessState.UNCONFIRMED: (mark("一年未确认"), mark("不定期更新的信息应每年由机关确认一次，这一条已超过期限。")),
    FreshnessState.UNKNOWN: (mark("更新情况不明"), mark("机关没有写明更新日期或周期，无法判断是否按时。")),
}
_TIERS: Final[Mapping[str, str]] = {
    Tier.PORTAL: mark("政府门户网站"),
    Tier.EXTRANET: mark("政务外网"),
    Tier.INTRANET: mark("政务内网"),
}
_COVERAGE: Final[Mapping[str, str]] = {
    CoverageState.PRESENT: mark("已编目"),
    CoverageState.STALE: mark("已逾期"),
    CoverageState.MISSING: mark("缺失"),
    CoverageState.NOT_OWED: mark("不要求"),
}
_CATEGORIES: Final[Mapping[str, tuple[str, str]]] = {
    DisclosureCategory.A: (mark("（一）"), mark("机构职能")),
    DisclosureCategory.B: (mark("（二）"), mark("履职依据")),
    DisclosureCategory.C: (mark("（三）"), mark("办事事项")),
    DisclosureCategory.D: (mark("（四）"), mark("规划计划")),
    DisclosureCategory.E: (mark("（五）"), mark("财政资金")),
    DisclosureCategory.F: (mark("（六）"), mark("民生事项")),
    DisclosureCategory.G: (mark("（七）"), mark("突发事件")),
    DisclosureCategory.H: (mark("（八）"), mark("招录选拔")),
    DisclosureCategory.I: (mark("（九）"), mark("其他信息")),
}
_ORGAN_KINDS: Final[Mapping[str, str]] = {
    OrganKind.GOVERNMENT_OFFICE: mark("政府办公厅"),
    OrganKind.DEPARTMENT: mark("政府部门"),
    OrganKind.PUBLIC_INSTITUTION: mark("事业单位"),
    OrganKind.VERTICAL_OFFICE: mark("垂直管理机构"),
    OrganKind.MASS_ORGANISATION: mark("群团组织"),
    OrganKind.ZONE_COMMITTEE: mark("功能区管委会"),
    OrganKind.PUBLIC_UTILITY: mark("公用企事业单位"),
    OrganKind.DISTRICT_GOVERNMENT: mark("区人民政府"),
}
_FACETS: Final[Mapping[str, str]] = {
    FacetField.ORGAN: mark("负责机关"),
    FacetField.THEME: mark("所属主题"),
    FacetField.CATEGORY: mark("公开类别"),
    FacetField.CYCLE: mark("更新周期"),
    FacetField.SHARING: mark("共享类型"),
    FacetField.OPEN: mark("开放类型"),
    FacetField.FORMAT: mark("格式"),
    FacetField.DISTRICT: mark("区域"),
    FacetField.STATE: mark("状态"),
    FacetField.TIER: mark("网络"),
}
_SORTS: Final[Mapping[str, str]] = {
    Sort.RELEVANCE: mark("相关程度"),
    Sort.UPDATED: mark("内容更新"),
    Sort.CHANGED: mark("目录变更"),
    Sort.TITLE: mark("名称"),
}
_FINDINGS: Final[Mapping[str, str]] = {
    FindingKind.ORGAN_WITHOUT_CATALOGUE: mark("机关没有目录"),
    FindingKind.DISCLOSURE_GAP: mark("公开类别缺失"),
    FindingKind.STALE: mark("逾期未更新"),
    FindingKind.UNCONFIRMED: mark("一年未确认"),
    FindingKind.MISSING_AT_SOURCE: mark("来源中已不见"),
    FindingKind.HARVEST_FAILING: mark("来源连续读取失败"),
    FindingKind.HARVEST_HELD: mark("读取结果待人工确认"),
    FindingKind.ORGAN_CLOSED: mark("机关已撤销而条目仍在名下"),
    FindingKind.MISSING_FIELD: mark("必填项缺失"),
    FindingKind.PROFILE_VIOLATION: mark("不符合元数据规范"),
    FindingKind.CONDITION_MISSING: mark("缺少共享或开放条件"),
    FindingKind.NON_SHARING_WITHOUT_BASIS: mark("不予共享而无依据"),
    FindingKind.BASIC_NOT_UNCONDITIONAL: mark("基础信息未无条件共享"),
    FindingKind.PERSONAL_ITEM_OPEN: mark("开放内容含个人信息"),
}
_FINDING_STATES: Final[Mapping[str, str]] = {
    FindingState.OPEN: mark("未解决"),
    FindingState.CLOSED: mark("已关闭"),
}
_FAILURES: Final[Mapping[int, str]] = {
    HTTPStatus.BAD_REQUEST: mark("网址里有看不懂的条件"),
    HTTPStatus.UNAUTHORIZED: mark("请先登录"),
    HTTPStatus.FORBIDDEN: mark("您的账号不能打开这里"),
    HTTPStatus.TOO_MANY_REQUESTS: mark("操作过于频繁"),
    HTTPStatus.NOT_FOUND: mark("没有找到这个页面"),
    HTTPStatus.GONE: mark("这一条已经撤销"),
    HTTPStatus.SERVICE_UNAVAILABLE: mark("检索暂时不可用"),
}
_FAILURES_BY_CODE: Final[Mapping[str, str]] = {
    "form_expired": mark("表单已过期，没有提交"),
    "session_over": mark("登录已过期，还没有提交"),
}
"""What the status alone would call by a wrong name."""
_CAUSES: Final[Mapping[str, str]] = {
    "harvest": mark("从机关的来源读取"),
    "above_ceiling": mark("机关声明的网络层级高于本网络，暂停显示"),
    "vanished_at_source": mark("来源中不见已久，撤销"),
    "run_undone": mark("编入它的采集被撤回，撤销"),
    "gone_below": mark("下级网络的目录不再列出，撤销"),
    "decided": mark("由负责人员撤销"),
    "restoration": mark("恢复"),
    "undo": mark("撤回一次采集，恢复原状"),
    "curation": mark("主管部门更正"),
    "curation_ended": mark("更正结束，以来源为准"),
    "registration": mark("机关登记，主管部门审核通过"),
    "change": mark("机关变更，主管部门审核通过"),
    "change_proposed": mark("机关提出变更，正在审核"),
    "withdrawal_proposed": mark("机关提出撤销，正在审核"),
    "proposal_returned": mark("未通过审核，内容不变"),
    "succession": mark("机关撤并或更名，归承接机关"),
    "proposal_taken_back": mark("机关撤回报送，内容不变"),
}
_UPLOAD_STATES: Final = {
    "checking": mark("正在核对"),
    "checked": mark("已核对，等待选择"),
    "taking": mark("正在采用"),
    "taken": mark("已采用"),
    "refused": mark("无法读取"),
    "discarded": mark("已放弃上传"),
    "expired": mark("逾期未处理，已清除"),
}

_WORK_KINDS: Final[Mapping[str, str]] = {
    WorkKind.HARVEST: mark("采集来源"),
    WorkKind.INDEX_REBUILD: mark("重建索引"),
    WorkKind.MIGRATION: mark("升级数据库"),
    WorkKind.EVALUATION: mark("核查目录问题"),
    WorkKind.UPLOAD: mark("批量上传"),
}
_WORK_STATES: Final[Mapping[str, str]] = {
    WorkState.RUNNING: mark("正在进行"),
    WorkState.DONE: mark("已做完"),
    WorkState.FAILED: mark("失败"),
    WorkState.LOST: mark("中断，已重新开始"),
}
_WORK_STAGES: Final[Mapping[str, str]] = {"reading": mark("正在读取来源"), "applying": mark("正在写入条目")}
_MINUTE_S: Final = 60
_HOUR_S: Final = 3600

_VERDICTS: Final = {
    "new": mark("新条目"),
    "change": mark("有改动"),
    "same": mark("没有变化"),
    "bad": mark("有错误"),
}

_PROPOSAL_KINDS: Final[Mapping[str, str]] = {
    ProposalKind.NEW: mark("新登记"),
    ProposalKind.CHANGE: mark("变更"),
    ProposalKind.WITHDRAWAL: mark("撤销条目"),
}
_PROPOSAL_STATES: Final[Mapping[str, str]] = {
    ProposalState.DRAFT: mark("草稿"),
    ProposalState.SUBMITTED: mark("审核中"),
    ProposalState.RETURNED: mark("退回修改"),
    ProposalState.APPROVED: mark("已通过"),
    ProposalState.DISCARDED: mark("已放弃"),
}
_ROLES: Final[Mapping[str, str]] = {
    Role.ORGAN_EDITOR: mark("机关编目员"),
    Role.ORGAN_APPROVER: mark("机关审签人"),
    Role.DESK_REVIEWER: mark("主管部门审核员"),
    Role.DESK_ADMINISTRATOR: mark("主管部门管理员"),
    Role.GOVERNMENT_APPROVER: mark("市政府批准人"),
    Role.AUDITOR: mark("审计员"),
    Role.OPERATOR: mark("运维人员"),
}
_SCOPES: Final[Mapping[str, tuple[str, str]]] = {
    Scope.READ: (mark("读取"), mark("读取本账号能看到的目录。每个令牌都有。")),
    Scope.ENTRIES: (mark("编目"), mark("登记、修改和报送条目。")),
    Scope.REVIEW: (mark("审核"), mark("审核机关报送的条目。")),
    Scope.SOURCES: (mark("来源"), mark("查看、设置和运行来源。")),
    Scope.AUDIT: (mark("审计"), mark("读取审计日志。")),
}
_OTHER_CAUSE: Final = mark("其他改动")


def freshness(state: str) -> str:
    """Name a state of timeliness."""
    return say(_FRESHNESS[state][0])


def freshness_meaning(state: str) -> str:
    """Say in a sentence what a state of timeliness means."""
    return say(_FRESHNESS[state][1])


def tier(code: str) -> str:
    """Name a network (art. 8)."""
    return say(_TIERS[code])


def coverage(state: str) -> str:
    """Name how an organ stands in a disclosure category."""
    return say(_COVERAGE[state])


def is_category(code: str) -> bool:
    """Say whether a code is of a disclosure category."""
    return code in _CATEGORIES


def category_mark(code: str) -> str:
    """Write the article's own number of a disclosure category, such as （一） or (a)."""
    return say(_CATEGORIES[code][0])


def category_short(code: str) -> str:
    """Name a disclosure category in a few characters."""
    return say(_CATEGORIES[code][1])


def organ_kind(code: str) -> str:
    """Name a kind of organ."""
    return say(_ORGAN_KINDS[code])


def facet(name: str) -> str:
    """Name a facet of search."""
    return say(_FACETS[name])


def sort(name: str) -> str:
    """Name an order of search results."""
    return say(_SORTS[name])


def finding(kind: str) -> str:
    """Name a kind of finding."""
    return say(_FINDINGS[kind])


def finding_state(state: str) -> str:
    """Name a state of findings."""
    return say(_FINDING_STATES[state])


def failure(status: int, code: str = "") -> str:
    """Head the page about a failure: by the code of its problem where that says more than the status."""
    if code in _FAILURES_BY_CODE:
        return say(_FAILURES_BY_CODE[code])
    other = mark("系统出错") if status >= HTTPStatus.INTERNAL_SERVER_ERROR else mark("请求没有被接受")
    return say(_FAILURES.get(status, other))


def cause(code: str) -> str:
    """Say what led to a revision."""
    return say(_CAUSES.get(code, _OTHER_CAUSE))


def proposal_kind(code: str) -> str:
    """Name what a proposal asks for."""
    return say(_PROPOSAL_KINDS[code])


def proposal_state(state: str) -> str:
    """Name where a proposal is on its way."""
    return say(_PROPOSAL_STATES[state])


def upload_state(state: str) -> str:
    """Name where an uploaded table is on its way."""
    return say(_UPLOAD_STATES[state])


def work_kind(code: str) -> str:
    """Name a kind of long work."""
    return say(_WORK_KINDS[code])


def work_state(code: str) -> str:
    """Name how a piece of long work ended, or that it goes on."""
    return say(_WORK_STATES[code])


def work_stage(code: str) -> str:
    """Name a stage of long work; the word itself where it has no name."""
    return say(_WORK_STAGES[code]) if code in _WORK_STAGES else code


def while_of(seconds: float) -> str:
    """Write how long something takes, in the largest unit that says enough."""
    if seconds < _MINUTE_S:
        return say(mark("%(number)s秒"), number=round(seconds))
    if seconds < _HOUR_S:
        return say(mark("%(number)s分钟"), number=round(seconds / _MINUTE_S))
    return say(mark("%(number)s小时"), number=round(seconds / _HOUR_S, 1))


def verdict(code: str) -> str:
    """Name what would become of a row of an uploaded table."""
    return say(_VERDICTS[code])


def role(code: str) -> str:
    """Name what a person is in the catalogue."""
    return say(_ROLES[code])


def scope(code: str) -> str:
    """Name what a token may be used for."""
    return say(_SCOPES[code][0])


def scope_meaning(code: str) -> str:
    """Say in a sentence what a token may be used for."""
    return say(_SCOPES[code][1])


def yes_no(answer: bool | None) -> str:  # noqa: FBT001 — the answer is the subject
    """Write an answer; nothing where there is none."""
    if answer is None:
        return ""
    return say(mark("是")) if answer else say(mark("否"))
