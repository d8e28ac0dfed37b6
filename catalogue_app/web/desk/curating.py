"""The desk corrects an element of a harvested entry, or gives it back to its source: one form, without script."""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from enum import StrEnum, unique
from http import HTTPStatus
from typing import Final, final

import orjson
from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from catalogue_app.domain.account import Power
from catalogue_app.domain.curation import ELEMENTS
from catalogue_app.domain.errors import CatalogueError, InvalidInput
from catalogue_app.domain.metadata import Document, EntryMetadata, JsonValue, to_document
from catalogue_app.domain.text import clean, clean_line
from catalogue_app.domain.vocabulary import FormatClass, OpenType, SharingType, Tier, UpdateCycle
from catalogue_app.web.context import audience, require, services
from catalogue_app.web.forms import Flaws, flaw_of, typed
from catalogue_app.web.messages import mark, say
from catalogue_app.web.portal import terms
from catalogue_app.web.portal.addresses import page

_LONGEST_VALUE: Final = 200_000
_LONGEST_REASON: Final = 1_000
_LONGEST_NUMBER: Final = 15
_LANGUAGES: Final = ("zh", "en")


@unique
class Shape(StrEnum):
    """How an element is written in a form."""

    TRANSLATED = "translated"
    """A text in Chinese, and one in English."""
    LINE = "line"
    CHOICE = "choice"
    TRUTH = "truth"
    NUMBER = "number"
    DAY = "day"
    LINES = "lines"
    """Several texts, one a line."""
    PARTS = "parts"
    """Made of parts: as the API writes it."""


_CLOSED: Final[Mapping[str, type[StrEnum]]] = {
    "format_class": FormatClass,
    "sharing_type": SharingType,
    "open_type": OpenType,
    "update_cycle": UpdateCycle,
    "network_tier": Tier,
}
_SHAPES: Final[Mapping[str, Shape]] = {
    **{field.name: Shape.LINE for field in fields(EntryMetadata) if field.default == ""},
    **dict.fromkeys(("title", "abstract"), Shape.TRANSLATED),
    **dict.fromkeys(_CLOSED, Shape.CHOICE),
    **dict.fromkeys(("issued_on", "updated_on"), Shape.DAY),
    **dict.fromkeys(
        (
            "format_types",
            "related_resource_codes",
            "keywords",
            "online_urls",
            "themes",
            "disclosure_categories",
            "spatial",
            "source_systems",
            "legal_bases",
        ),
        Shape.LINES,
    ),
    "personal_information": Shape.TRUTH,
    "record_count": Shape.NUMBER,
}
_MANDATORY: Final = frozenset(field.name for field in fields(EntryMetadata) if field.default is MISSING)
_TRUTHS: Final[Mapping[str, bool]] = {"yes": True, "no": False}


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ElementForm:
    """The field of one element.

    Attributes:
        texts: what stands in it: field name to text.
        choices: code and name, where it is of a closed list.
    """

    element: str
    shape: Shape
    texts: Mapping[str, str]
    choices: Sequence[tuple[str, str]]
    is_mandatory: bool


def curate(code: str) -> ResponseReturnValue:
    """Show what an element says, and let the desk say something else, or give it back to its source."""
    account, flaws = require(Power.REVIEW_ENTRIES), Flaws()
    element = _element()
    if request.method == "POST":
        try:
            if "end" in request.form:
                services().entry_keeping.release(
                    code, element, audience(), by=account.actor, reason=typed("reason", _LONGEST_REASON)
                )
            else:
                _keep(code, element, account.actor)
        except CatalogueError as error:
            flaws = Flaws([flaw_of(error, _place_of(error))])
        else:
            return redirect(page("why", code=code), HTTPStatus.SEE_OTHER)
    found = services().explanations.explain(code, audience())
    if found.source is None:
        raise InvalidInput("entry_without_source", entry=code)
    said = to_document(found.entry.metadata)
    held = next((one for one in found.curations if one.element == element and one.ended_at is None), None)
    answer = render_template(
        "desk/curate.html",
        entry=found.entry,
        element=element,
        form=_form(element, said),
        held=held,
        now_says=said.get(element),
        source_says=held.source_value if held else said.get(element),
        person=services().accounts.people(),
        flaws=flaws,
        reason=typed("reason", _LONGEST_REASON),
    )
    return answer, HTTPStatus.UNPROCESSABLE_ENTITY if flaws else HTTPStatus.OK


def choosable() -> Sequence[tuple[str, str]]:
    """Return the elements that may be corrected, each with its name, in the order of the profile."""
    return [(name, terms.element(name)) for name in ELEMENTS]


def _keep(code: str, element: str, actor: str) -> None:
    reason = typed("reason", _LONGEST_REASON)
    if not clean(reason):
        raise InvalidInput("reason_missing")
    present = to_document(services().catalogue.entry(code, audience()).entry.metadata)
    services().entry_keeping.curate(
        code,
        {element: _read(element, present.get(element))},
        audience(),
        by=actor,
        reason=clean(reason),
        revision=_number(typed("revision")),
    )


def _element() -> str:
    """Return the element that is asked for.

    Raises:
        InvalidInput: there is no such one.
    """
    element = request.values.get("element", "")
    if element not in ELEMENTS:
        raise InvalidInput("unknown_element", element=element[:100], allowed=", ".join(ELEMENTS))
    return element


def _read(element: str, present: JsonValue) -> JsonValue:
    """Read the field of an element as the document writes it; None where it is empty.

    Raises:
        InvalidInput: it is no such value.
    """
    shape, text = _SHAPES.get(element, Shape.PARTS), typed("value", _LONGEST_VALUE)
    match shape:
        case Shape.TRANSLATED:
            return _translated(present)
        case Shape.LINES:
            return [clean_line(line) for line in text.splitlines() if clean_line(line)]
        case Shape.TRUTH:
            return _TRUTHS.get(text)
        case Shape.LINE | Shape.CHOICE | Shape.DAY:
            return clean_line(text) or None
        case Shape.NUMBER | Shape.PARTS:
            return _parts(element, text) if text else None


def _translated(present: JsonValue) -> JsonValue:
    """Return a text in its languages; those that the form does not ask for stay."""
    before = present if isinstance(present, dict) else {}
    sent = {tag: clean(typed(f"value-{tag}", _LONGEST_VALUE)) for tag in _LANGUAGES}
    kept: Document = {tag: text for tag, text in before.items() if tag not in _LANGUAGES}
    said: Document = {tag: text for tag, text in sent.items() if text}
    return {tag: {**kept, **said}[tag] for tag in dict.fromkeys([*before, *said]) if tag in {**kept, **said}} or None


def _parts(element: str, text: str) -> JsonValue:
    """Read a value as JSON, of which a count is a part like any other."""
    try:
        value: JsonValue = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InvalidInput("value_not_of_element", element=element, value=text[:200]) from error
    return value


def _form(element: str, said: Document) -> ElementForm:
    """Make the field of an element, filled with what was sent, else with what the entry says now."""
    shape, value = _SHAPES.get(element, Shape.PARTS), said.get(element)
    texts = _texts(shape, value)
    if request.method == "POST" and "end" not in request.form:
        texts = {name: typed(name, _LONGEST_VALUE) for name in texts}
    return ElementForm(
        element=element,
        shape=shape,
        texts=texts,
        choices=_choices(element),
        is_mandatory=element in _MANDATORY,
    )


def _texts(shape: Shape, value: JsonValue) -> Mapping[str, str]:
    if shape is Shape.TRANSLATED:
        said = value if isinstance(value, dict) else {}
        return {f"value-{tag}": str(said.get(tag) or "") for tag in _LANGUAGES}
    if value is None:
        return {"value": ""}
    if shape is Shape.LINES and isinstance(value, list):
        return {"value": "\n".join(map(str, value))}
    if shape is Shape.TRUTH:
        return {"value": "yes" if value else "no"}
    if shape is Shape.PARTS:
        return {"value": orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()}
    return {"value": str(value)}


def _choices(element: str) -> Sequence[tuple[str, str]]:
    if element == "personal_information":
        return [("yes", say(mark("是"))), ("no", say(mark("否")))]
    if element not in _CLOSED:
        return ()
    reached = [tier.value for tier in Tier if tier.level <= audience().tier.level]
    codes = reached if element == "network_tier" else [member.value for member in _CLOSED[element]]
    return [(code, _NAMES[element](code)) for code in codes]


_NAMES: Final = {
    "format_class": terms.format_class,
    "sharing_type": terms.sharing,
    "open_type": terms.opening,
    "update_cycle": terms.cycle,
    "network_tier": terms.tier,
}


def _place_of(error: CatalogueError) -> str:
    return "reason" if error.code == "reason_missing" else "value"


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) <= _LONGEST_NUMBER else 0
