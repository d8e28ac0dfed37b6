"""The form of a source: where it is, how it is harvested; what is wrong stands beside the field it is about."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, final

from flask import request

from catalogue_app.domain.errors import CatalogueError
from catalogue_app.domain.source import SourceKind
from catalogue_app.services.source_kinds import KindView, OptionView, source_kinds
from catalogue_app.web.context import language, services
from catalogue_app.web.forms import Flaw, flaw_of, typed
from catalogue_app.web.language import Language
from catalogue_app.web.messages import mark, say
from catalogue_app.web.portal.terms import as_label

_FIRST: Final = ("schedule", "every_hours", "tier", "min_records", "max_vanish")
"""Options that everybody sets; the others are folded away."""

_SET_BY_ITSELF: Final = frozenset({"since"})
_LIST: Final = re.compile(r"[a-z_]+(?:\|[a-z_]+)+")
_NUMBER: Final = re.compile(r"(?:\[1-9\])?\\d(?:\{\d+,\d+\})?(?:\\d\{\d+,\d+\})?")
_SHARE: Final = "max_vanish"
_LONGEST: Final = 20_000
_VALUES: Final[Mapping[str, str]] = {
    "yes": mark("是"),
    "no": mark("否"),
    "portal": mark("政府门户网站"),
    "extranet": mark("政务外网"),
    "intranet": mark("政务内网"),
    "source": mark("来源所属的机关"),
    "provider": mark("记录中写明的机关"),
    "obey": mark("遵守"),
    "ignore": mark("不理会"),
    "dmy": mark("日/月/年"),
    "mdy": mark("月/日/年"),
}
_ADDRESS_CODES: Final = ("address", "no_file", "credentials", "kind_")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class OptionField:
    """One option as the form shows it.

    Attributes:
        id: of its field.
        values: (value, words) it may have; empty where it is typed.
        is_family: whether it is a text of lines `NAME=VALUE`.
        is_number: whether only digits will do.
    """

    id: str
    name: str
    label: str
    value: str
    values: Sequence[tuple[str, str]]
    is_family: bool
    is_number: bool


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class OptionFields:
    """The options of a form: those of the kind itself, those everybody sets, and the rest."""

    own: Sequence[OptionField]
    first: Sequence[OptionField]
    others: Sequence[OptionField]


def kind_view(kind: SourceKind | None) -> KindView | None:
    """Return what a kind is called and may be set; none where no kind is chosen, or its plug-in is gone."""
    found = source_kinds(services().reference)
    return next((view for view in found if kind is not None and view.name == kind.value), None)


def fields_of(kind: SourceKind | None, values: Mapping[str, str]) -> OptionFields:
    """Return the fields of a kind's options, filled in; without a kind those that all have."""
    view = kind_view(kind) or source_kinds(services().reference)[0]
    shown = [one for one in view.options if one.name not in _SET_BY_ITSELF]
    made = {one.name: _field(one, values) for one in shown}
    general = [one.name for one in shown if one.is_general]
    return OptionFields(
        own=[made[one.name] for one in shown if not one.is_general] if kind else (),
        first=[made[name] for name in _FIRST],
        others=[made[name] for name in general if name not in _FIRST],
    )


def read_options(kind: SourceKind, before: Mapping[str, str]) -> dict[str, str]:
    """Read the options of a form; an empty value takes an option away.

    Args:
        kind: whose options were asked for.
        before: those the source has; members of a family that are no longer written are taken away.
    """
    view, read = kind_view(kind), dict[str, str]()
    for option in view.options if view else ():
        if option.name in _SET_BY_ITSELF or _id(option.name) not in request.form:
            continue
        prefix, is_family, _ = option.name.partition(".*")
        if is_family:
            read |= {name: "" for name in before if name.startswith(f"{prefix}.")}
            read |= _members(prefix, typed(_id(option.name), _LONGEST))
        else:
            read[option.name] = " ".join(typed(_id(option.name)).split())
    return {name: value for name, value in read.items() if value or name in before}


def flaws_of_options(kind: SourceKind, options: Mapping[str, str]) -> Iterator[Flaw]:
    """Yield what is wrong with options, each beside its field."""
    view = kind_view(kind)
    patterns = {one.name: one.pattern for one in (view.options if view else ())}
    for error in services().source_setup.faults(kind, options):
        name = str(error.parameters["option"])
        code = error.code
        if code == "invalid_option" and name == _SHARE:
            code = "option_share"
        elif code == "invalid_option" and _NUMBER.fullmatch(patterns.get(name, "")):
            code = "option_number"
        yield flaw_of(CatalogueError(code, **error.parameters), _field_of(name))


def flaw_of_source(error: CatalogueError) -> Flaw:
    """Put what a service refuses beside the field it is about."""
    named = error.parameters.get("option")
    if named is not None:
        return flaw_of(error, _field_of(str(named)))
    if error.code.startswith("schedule"):
        return flaw_of(error, _id("schedule"))
    if error.code == "tier_above_ceiling":
        return flaw_of(error, _id("tier"))
    if error.code == "file_size":
        return flaw_of(error, "file")
    return flaw_of(error, "address" if error.code.startswith(_ADDRESS_CODES) else "organ")


def lines_of(values: Mapping[str, str], prefix: str) -> str:
    """Write the members of a family of options, one a line."""
    return "\n".join(
        f"{name.removeprefix(prefix + '.')}={value}"
        for name, value in sorted(values.items())
        if name.startswith(f"{prefix}.")
    )


def _field(option: OptionView, values: Mapping[str, str]) -> OptionField:
    prefix, is_family, _ = option.name.partition(".*")
    listed = option.pattern.split("|") if _LIST.fullmatch(option.pattern) else []
    return OptionField(
        id=_id(option.name),
        name=option.name,
        label=as_label(option.zh if language() is Language.ZH else option.en),
        value=lines_of(values, prefix) if is_family else values.get(option.name, ""),
        values=[(value, say(_VALUES[value]) if value in _VALUES else value) for value in listed],
        is_family=bool(is_family),
        is_number=_NUMBER.fullmatch(option.pattern) is not None,
    )


def _id(name: str) -> str:
    return f"option-{name.removesuffix('.*')}"


def _field_of(name: str) -> str:
    return _id(name.partition(".")[0])


def _members(prefix: str, text: str) -> Iterable[tuple[str, str]]:
    """Read lines `NAME=VALUE`; one without a sign of equality has no value that could be right, and is told so."""
    for line in filter(None, map(str.strip, text.splitlines())):
        name, _, value = line.rpartition("=") if "=" in line else (line, "", " ")
        yield f"{prefix}.{name.strip()}", value.strip() or " "
