"""Names that the pages of the source desk give to states, outcomes and decisions of runs, and to kinds of sources."""

import re
from collections.abc import Mapping
from typing import Final

from catalogue_app.domain.address import without_secrets
from catalogue_app.domain.harvest import Decision, HarvestRun, Outcome, RunState
from catalogue_app.domain.source import Source
from catalogue_app.services.harvest_preview import Change
from catalogue_app.services.source_views import SourceState
from catalogue_app.web.context import language, services
from catalogue_app.web.language import Language
from catalogue_app.web.messages import mark, say
from catalogue_app.web.portal.terms import as_label

_ROW: Final = re.compile(r"(?:(?P<sheet>.+) )?row (?P<row>\d+)")
_STATES: Final[Mapping[str, str]] = {
    SourceState.NEW: mark("从未采集"),
    SourceState.GOOD: mark("正常"),
    SourceState.FAILING: mark("采集失败"),
    SourceState.HELD: mark("待人工处理"),
    SourceState.PAUSED: mark("未启用"),
}
_BADGES: Final[Mapping[str, str]] = {
    SourceState.NEW: "",
    SourceState.GOOD: "fresh",
    SourceState.FAILING: "stale",
    SourceState.HELD: "due",
    SourceState.PAUSED: "",
}
_RUN_STATES: Final[Mapping[str, str]] = {
    RunState.RUNNING: mark("正在采集"),
    RunState.COMPLETE: mark("已完成"),
    RunState.HELD: mark("待人工处理"),
    RunState.ABORTED: mark("失败"),
    RunState.CANCELLED: mark("已取消"),
}
_RUN_BADGES: Final[Mapping[str, str]] = {
    RunState.RUNNING: "",
    RunState.COMPLETE: "fresh",
    RunState.HELD: "due",
    RunState.ABORTED: "stale",
    RunState.CANCELLED: "",
}
_DECISIONS: Final[Mapping[str, str]] = {
    Decision.ACCEPTED: mark("已接受"),
    Decision.ACCEPTED_IN_PART: mark("已部分接受"),
    Decision.REIDENTIFIED: mark("已按改名接受"),
    Decision.REJECTED: mark("已拒绝"),
    Decision.EXPIRED: mark("逾期未处理"),
    Decision.SUPERSEDED: mark("已由后来的采集取代"),
}
_OUTCOMES: Final[Mapping[str, str]] = {
    "gathered": mark("读到"),
    Outcome.ADDED: mark("新增"),
    Outcome.CHANGED: mark("有改动"),
    Outcome.UNCHANGED: mark("无变化"),
    Outcome.REJECTED: mark("未收录"),
    Outcome.DUPLICATE: mark("重复"),
    Outcome.HELD: mark("待处理"),
    Outcome.UNAPPLIED: mark("未采用"),
    Outcome.WITHDRAWN: mark("收回"),
    "vanished": mark("来源中已不见"),
    "restored": mark("重新出现"),
    "lapsed": mark("久未出现而撤销"),
}
_CHANGES: Final[Mapping[str, str]] = {
    Change.ADDED: mark("新增"),
    Change.CHANGED: mark("有改动"),
    Change.HELD: mark("新增，待处理"),
    Change.RENAMED: mark("似为改名"),
    Change.VANISHED: mark("来源中已不见"),
}
_STAGES: Final[Mapping[str, str]] = {
    "": mark("正在开始"),
    "reading": mark("正在读取来源"),
    "applying": mark("正在写入条目"),
}


def source_state(state: str) -> str:
    """Name how a source is doing."""
    return say(_STATES[state])


def source_badge(state: str) -> str:
    """Return the look of the mark for how a source is doing."""
    return _BADGES[state]


def run_state(run: HarvestRun) -> str:
    """Name the state of a run; of one that was held, what became of it."""
    if run.state is RunState.HELD and run.decision is not None:
        return say(_DECISIONS[run.decision])
    return say(_RUN_STATES[run.state])


def run_badge(run: HarvestRun) -> str:
    """Return the look of the mark for the state of a run."""
    return "" if run.decision is not None and run.state is RunState.HELD else _RUN_BADGES[run.state]


def decision(code: str) -> str:
    """Name what became of what a held run waited with."""
    return say(_DECISIONS[code])


def tally(name: str) -> str:
    """Name a figure of a run."""
    return say(_OUTCOMES[name])


def change(code: str) -> str:
    """Name what a run would do to an entry."""
    return say(_CHANGES[code])


def stage(code: str) -> str:
    """Name a stage of a run that is going on."""
    return say(_STAGES[code])


def kind(name: str) -> str:
    """Name a kind of source; the name itself where no installed plug-in brings it."""
    zh, en = services().reference.source_words.get((name, ""), (name, name))
    return as_label(zh if language() is Language.ZH else en)


def option(kind_name: str, name: str) -> str:
    """Say what an option of a source is for; its own name where nothing says it."""
    known, (prefix, dot, _) = services().reference.source_words, name.partition(".")
    name = f"{prefix}.*" if dot else name
    zh, en = known.get((kind_name, name)) or known.get(("", name)) or (name, name)
    return as_label(zh if language() is Language.ZH else en)


def place(text: str) -> str:
    """Write where a record stands in its source; rows of tables in the language of the page."""
    found = _ROW.fullmatch(text)
    if found is None:
        return text
    row = say(mark("第%(number)s行"), number=found["row"])
    return f"{found['sheet']} {row}" if found["sheet"] else row


def where(source: Source) -> str:
    """Write where a source is pulled from; of a file its name alone, for folders of the machine are nobody's matter."""
    if "://" in source.address:
        return without_secrets(source.address)
    return source.address.rstrip("/").rpartition("/")[2]
