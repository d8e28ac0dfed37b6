"""Failures as readers see them: status, code and words in both languages, in the form of RFC 9457."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Final, final

from catalogue_app.domain.errors import (
    CatalogueError,
    Conflict,
    Gone,
    InvalidCursor,
    InvalidInput,
    NotAllowed,
    NotFound,
    NotSignedIn,
    SearchUnavailable,
)
from catalogue_app.domain.metadata import Document, JsonValue
from catalogue_app.messages import Messages
from catalogue_app.web.language import Language

MEDIA_TYPE: Final = "application/problem+json"

_SHOWN: Final = 100
"""Characters of a faulty value that are repeated to its sender."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """One parameter or member that cannot be understood.

    Attributes:
        parameter: its name; of a member of a body where it stands, as a pointer such as `#/metadata/title` (RFC 6901).
        code: why; a key of `_WORDS`, such as `unknown_parameter`, `unknown_value`, `too_long`.
        value: what was sent, shortened.
        allowed: values, names or the range that would do; empty where a list would not help.
    """

    parameter: str
    code: str
    value: str = ""
    allowed: tuple[str, ...] = ()

    def words(self, language: Language) -> str:
        """Say what is wrong and what would do."""
        chinese, english = _WORDS[self.code]
        text = (chinese if language is Language.ZH else english).format(parameter=self.parameter)
        if not self.allowed:
            return text
        return (
            f"{text}可用：{'、'.join(self.allowed)}。"
            if language is Language.ZH
            else f"{text} Allowed: {', '.join(self.allowed)}."
        )

    def document(self, language: Language) -> Document:
        """Write the member of the problem document."""
        return {
            "parameter": self.parameter,
            "code": self.code,
            "value": self.value[:_SHOWN],
            "detail": self.words(language),
            "allowed": list[JsonValue](self.allowed),
        }


class BadParameters(InvalidInput):
    """One or more parameters of a request cannot be understood; nothing was looked up."""

    code = "invalid_parameters"

    def __init__(self, *flaws: Flaw) -> None:
        """Keep the flaws, one a parameter."""
        super().__init__(parameters=", ".join(flaw.parameter for flaw in flaws))
        self.flaws = flaws


class BadBody(InvalidInput):
    """One or more members of a body will not do; nothing was changed."""

    code = "invalid_body"

    def __init__(self, *flaws: Flaw) -> None:
        """Keep the flaws, one a member."""
        super().__init__(members=", ".join(flaw.parameter for flaw in flaws))
        self.flaws = flaws


class MalformedJson(InvalidInput):
    """A body that is no JSON object."""

    code = "malformed_json"


class VersionMissing(InvalidInput):
    """A change that does not say which version it is made over."""

    code = "version_missing"


class VersionUnknown(Conflict):
    """A change over something that is no version of ours."""

    code = "version_unknown"


class Outdated(Conflict):
    """A change over a version that is not the present one; nothing was overwritten.

    Attributes:
        present: the thing as it stands now.
    """

    code = "outdated"

    def __init__(self, code: str, present: Document) -> None:
        """Keep the present version beside what happened."""
        super().__init__(code)
        self.present = present


class Departs(InvalidInput):
    """What is handed in departs from the profile.

    Attributes:
        violations: each with its element, what is wrong and how to mend it.
    """

    code = "proposal_has_violations"

    def __init__(self, violations: list[JsonValue]) -> None:
        """Keep the violations in words."""
        super().__init__(count=len(violations))
        self.violations = violations


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One failure of one request.

    Attributes:
        status: HTTP status of the answer.
        code: stable name; key of its words.
        flaws: what is wrong with the parameters, where they are to blame.
        more: further members, such as the code of a withdrawn entry.
        parts: further members that are no texts, such as the present version of what was changed meanwhile.
        told: language to what is said instead of the usual words of the code.
    """

    status: HTTPStatus
    code: str
    flaws: tuple[Flaw, ...] = ()
    more: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, JsonValue] = field(default_factory=dict)
    told: Mapping[str, str] = field(default_factory=dict)

    def words(self, language: Language) -> str:
        """Say what happened and what to do."""
        if self.flaws:
            return " ".join(flaw.words(language) for flaw in self.flaws)
        if language in self.told:
            return self.told[language]
        chinese, english = _WORDS.get(self.code) or _WORDS["client_error"]
        why_chinese, why_english = _REASONS.get(self.more.get("reason", ""), ("", ""))
        return chinese + why_chinese if language is Language.ZH else english + why_english

    def document(self, language: Language) -> Document:
        """Write the problem document; it names nothing that differs between hidden and absent things."""
        return {
            "type": "about:blank",
            "title": self.status.phrase,
            "status": self.status.value,
            "code": self.code,
            "detail": self.words(language),
            **({"errors": [flaw.document(language) for flaw in self.flaws]} if self.flaws else {}),
            **self.more,
            **self.parts,
        }


def problem_of(error: CatalogueError) -> Problem:
    """Decide how readers see an error of the catalogue; what is not theirs to know is a plain 500."""
    match error:
        case BadParameters():
            return Problem(status=HTTPStatus.BAD_REQUEST, code=error.code, flaws=error.flaws)
        case BadBody():
            return Problem(status=HTTPStatus.UNPROCESSABLE_ENTITY, code=error.code, flaws=error.flaws)
        case InvalidCursor():
            flaw = Flaw(parameter="cursor", code="invalid_cursor")
            return Problem(status=HTTPStatus.BAD_REQUEST, code=BadParameters.code, flaws=(flaw,))
        case Gone():
            more = {name: str(error.parameters[name]) for name in _TOMBSTONE if name in error.parameters}
            return Problem(status=HTTPStatus.GONE, code=Gone.code, more=more)
    status, code = next((known for kind, known in _KINDS.items() if isinstance(error, kind)), _OUR_FAULT)
    return Problem(status=status, code=code)


def problem_of_change(error: CatalogueError, messages: Messages) -> Problem:
    """Decide how a program that wanted to change something sees why it was refused: exactly, and how to mend it."""
    usual = problem_of(error)
    status = _CHANGE_KINDS.get(type(error))
    if status is None and usual.status is HTTPStatus.BAD_REQUEST and not usual.flaws:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    told = {} if error.code in _WORDS else _told(error, messages)
    parts: Mapping[str, JsonValue] = {}
    match error:
        case Outdated():
            parts = {"present": error.present}
        case Departs():
            parts = {"violations": error.violations}
        case InvalidInput() | Conflict() | NotAllowed():
            pass
        case _:
            return usual
    return replace(usual, status=status or usual.status, code=error.code, told=told, parts=parts)


def _told(error: CatalogueError, messages: Messages) -> Mapping[str, str]:
    said = {tag: messages.problem(error.code, tag, **error.parameters) for tag in Language}
    (zh, mend_zh), (en, mend_en) = said[Language.ZH], said[Language.EN]
    return {
        Language.ZH: "".join(f"{part}。" for part in (zh, mend_zh) if part),
        Language.EN: "; ".join(part for part in (en, mend_en) if part) + ".",
    }


def problem_of_status(status: int) -> Problem:
    """Decide how readers see a refusal of the web floor itself, such as 405."""
    known = HTTPStatus(status)
    return Problem(status=known, code=_CODES.get(known, "client_error"))


_TOMBSTONE: Final[tuple[str, ...]] = ("entry", "reason", "withdrawn_on", "successor")
"""What is told of a withdrawn entry."""

_REASONS: Final[Mapping[str, tuple[str, str]]] = {
    "vanished_at_source": (
        "来源连续多次完整读取都没有它，并已过宽限期。",
        " Complete readings of its source no longer had it, for longer than the grace.",
    ),
    "run_undone": ("编入它的那次采集已被撤回。", " The harvest that added it was undone."),
    "gone_below": (
        "它所来自的下级网络目录不再列出它。",
        " The catalogue of the lower tier it came from no longer has it.",
    ),
    "decided": ("由负责人员决定撤销。", " It was withdrawn by decision of a person in charge."),
}

_OUR_FAULT: Final = (HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error")

_KINDS: Final[Mapping[type[CatalogueError], tuple[HTTPStatus, str]]] = {
    InvalidInput: (HTTPStatus.BAD_REQUEST, "invalid_input"),
    NotSignedIn: (HTTPStatus.UNAUTHORIZED, "not_signed_in"),
    NotAllowed: (HTTPStatus.FORBIDDEN, "not_allowed"),
    NotFound: (HTTPStatus.NOT_FOUND, "not_found"),
    Conflict: (HTTPStatus.CONFLICT, "conflict"),
    SearchUnavailable: (HTTPStatus.SERVICE_UNAVAILABLE, "search_unavailable"),
}

_CHANGE_KINDS: Final[Mapping[type[CatalogueError], HTTPStatus]] = {
    MalformedJson: HTTPStatus.BAD_REQUEST,
    VersionMissing: HTTPStatus.PRECONDITION_REQUIRED,
    VersionUnknown: HTTPStatus.PRECONDITION_FAILED,
    Outdated: HTTPStatus.PRECONDITION_FAILED,
}

_CODES: Final[Mapping[HTTPStatus, str]] = {
    HTTPStatus.BAD_REQUEST: "invalid_input",
    HTTPStatus.UNAUTHORIZED: "not_signed_in",
    HTTPStatus.FORBIDDEN: "not_allowed",
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
    HTTPStatus.NOT_ACCEPTABLE: "not_acceptable",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too_large",
    HTTPStatus.REQUEST_URI_TOO_LONG: "address_too_long",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "not_json",
    HTTPStatus.TOO_MANY_REQUESTS: "too_often",
    HTTPStatus.INTERNAL_SERVER_ERROR: "internal_error",
    HTTPStatus.SERVICE_UNAVAILABLE: "unavailable",
}

_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "unknown_parameter": ("没有参数 {parameter}。", "There is no parameter {parameter}."),
    "unknown_value": ("参数 {parameter} 不认识这个值。", "Parameter {parameter} does not know this value."),
    "out_of_range": ("参数 {parameter} 超出范围。", "Parameter {parameter} is out of range."),
    "too_long": ("参数 {parameter} 太长。", "Parameter {parameter} is too long."),
    "missing": ("缺少参数 {parameter}。", "Parameter {parameter} is missing."),
    "unknown_member": (
        "{parameter} 不是可以填写的内容。",
        "{parameter} is nothing that can be set here.",
    ),
    "read_only": (
        "{parameter} 由目录系统填写，请原样保留或不写。",
        "{parameter} is set by the catalogue; leave it as it is, or out.",
    ),
    "wrong_type": ("{parameter} 的类型不对。", "{parameter} is of the wrong type."),
    "too_many": ("{parameter} 的个数太多。", "{parameter} has too many parts."),
    "not_a_date": ("{parameter} 不是日期，请写成 2026-05-01。", "{parameter} is no day; write it as 2026-05-01."),
    "not_an_instant": (
        "{parameter} 不是时刻，请写成 2026-05-01T08:00:00+08:00。",
        "{parameter} is no instant; write it as 2026-05-01T08:00:00+08:00.",
    ),
    "not_a_language": (
        "{parameter} 的语言标记不对，请用 zh、en 等。",
        "{parameter} has a language tag that is none; use zh, en and the like.",
    ),
    "not_a_key": (
        "{parameter} 应为 8 至 128 个可见的 ASCII 字符。",
        "{parameter} must be 8 to 128 visible ASCII characters.",
    ),
    "unsafe_url": (
        "{parameter} 不是网址，请以 http:// 或 https:// 开头。",
        "{parameter} is no web address; begin it with http:// or https://.",
    ),
    "malformed_json": ("请求内容不是 JSON 对象。", "The body is no JSON object."),
    "not_json": (
        "请求内容须为 JSON，并注明 Content-Type: application/json。",
        "The body must be JSON, and be declared as Content-Type: application/json.",
    ),
    "version_missing": (
        "须在 If-Match 中注明所读版本的 ETag，以免覆盖他人的修改。",
        "Say in If-Match which version you read, by its ETag, so that nobody's change is overwritten.",
    ),
    "version_unknown": (
        "If-Match 中的 ETag 不是本目录的，请重新读取。",
        "The ETag in If-Match is none of this catalogue; read it again.",
    ),
    "given_twice": ("参数 {parameter} 只能出现一次。", "Parameter {parameter} may be given only once."),
    "invalid_cursor": (
        "参数 cursor 不属于这个列表，请从第一页重新开始。",
        "Parameter cursor does not belong to this list; start again from its first page.",
    ),
    "invalid_input": (
        "请求无法理解，请检查地址和参数。",
        "The request cannot be understood; check address and parameters.",
    ),
    "not_signed_in": (
        "需要登录或有效的令牌。",
        "This needs somebody who signed in, or a token that works.",
    ),
    "session_over": (
        "登录已过期，请在新标签页登录，再回到这里继续。",
        "You are not signed in any more; sign in in another tab, then come back and go on here.",
    ),
    "not_allowed": ("您的账号无权进行这项操作。", "Your account may not do this."),
    "form_expired": (
        "表单已过期，什么都没有改动。请返回上一页，先复制填写的内容，再刷新页面，重新提交。",
        "The form has expired; nothing was changed. Go back, copy what you typed, then reload and send it again.",
    ),
    "too_often": ("操作过于频繁，请稍后再试。", "That was too often; try again in a moment."),
    "not_found": ("这里没有内容，或者内容不在本网络公开。", "Nothing is here, or it is not published on this network."),
    "gone": ("该条目已撤销，编号不再使用。", "The entry was withdrawn; its code is never used again."),
    "conflict": ("内容刚被改动，请刷新后重试。", "It was changed meanwhile; reload and try again."),
    "method_not_allowed": ("此地址不支持这种请求方法。", "This address does not answer that method."),
    "not_acceptable": ("接口只提供 JSON。", "The API answers in JSON only."),
    "too_large": ("请求内容过大。", "The request is too large."),
    "address_too_long": (
        "地址过长，请缩短检索词或减少条件。",
        "The address is too long; shorten the query or drop conditions.",
    ),
    "internal_error": (
        "系统出错，已记录，请稍后重试。",
        "Something failed on our side and was recorded; try again later.",
    ),
    "search_unavailable": (
        "检索服务暂时不可用，目录和条目仍可浏览。",
        "Search is not available at the moment; lists and entries still are.",
    ),
    "unavailable": ("服务暂时不可用，请稍后重试。", "The service is not available at the moment; try again later."),
    "client_error": ("请求没有被接受。", "The request was not accepted."),
}
