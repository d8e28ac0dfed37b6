"""The five steps of registering an entry: which elements each asks for, and how its form is read into metadata."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, final

from werkzeug.datastructures import MultiDict

from catalogue_app.domain.metadata import Classification, Contact, EntryMetadata, Item, SharingMethod
from catalogue_app.domain.profile import FormatTerm, Violation
from catalogue_app.domain.text import LocalizedText, clean, clean_line
from catalogue_app.domain.vocabulary import DisclosureCategory, OpenType, SharingType, Tier, UpdateCycle
from catalogue_app.web.context import language, services
from catalogue_app.web.forms import Flaw, Flaws
from catalogue_app.web.messages import mark, say
from catalogue_app.web.portal import terms

FEWEST_ROWS: Final = 5
MOST_ROWS: Final = 200
MORE_ROWS: Final = 10
_LONGEST_TEXT: Final = 5_000

Sent = MultiDict[str, str]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step.

    Attributes:
        name: what its address says.
        label: Chinese sentence that heads it.
        fields: profile element to the field of the form where a flaw of it is shown.
        read: reads the form over the metadata so far; what cannot be read becomes a flaw and changes nothing.
    """

    name: str
    label: str
    fields: Mapping[str, str]
    read: Callable[[Sent, EntryMetadata], tuple[EntryMetadata, list[Flaw]]]


def _what(sent: Sent, said: EntryMetadata) -> tuple[EntryMetadata, list[Flaw]]:
    title, english = clean_line(sent.get("title", "")), clean_line(sent.get("title_en", ""))
    abstract = clean(sent.get("abstract", ""))[:_LONGEST_TEXT]
    texts = (("zh", title), *((("en", english),) if english else ()))
    classes, category = sent.get("classification", ""), sent.get("category", "")
    themes = services().reference.vocabularies["theme"]
    metadata = replace(
        said,
        title=LocalizedText(texts) if title else said.title,
        abstract=LocalizedText.of(abstract, "zh") if abstract else None,
        classification=Classification(lei=classes[:1], xiang=classes[1:3]) if classes else None,
        themes=tuple(code for code in dict.fromkeys(sent.getlist("theme")) if code in themes),
        disclosure_categories=(DisclosureCategory(category),) if category in set(DisclosureCategory) else (),
    )
    return metadata, [] if title else [told("title", "missing")]


def _items(sent: Sent, said: EntryMetadata) -> tuple[EntryMetadata, list[Flaw]]:
    columns = [sent.getlist(name)[:MOST_ROWS] for name in ("item_name", "item_type", "item_length")]
    rows = tuple(
        Item(name=clean_line(name)[:_LONGEST_TEXT], data_type=kind, length=clean_line(length))
        for name, kind, length in zip(*columns, strict=False)
        if clean_line(name)
    )
    formats = services().reference.formats
    chosen = tuple(code for code in dict.fromkeys(sent.getlist("format_type")) if code in formats)
    classes: Sequence[FormatTerm] = [formats[code] for code in chosen]
    metadata = replace(
        said,
        items=rows,
        format_types=chosen,
        format_class=classes[0].format_class if classes else None,
        format_note=clean_line(sent.get("format_note", ""))[:_LONGEST_TEXT],
    )
    return metadata, []


def _sharing(sent: Sent, said: EntryMetadata) -> tuple[EntryMetadata, list[Flaw]]:
    methods = services().reference.sharing_methods
    sharing, opening, personal = (sent.get(name, "") for name in ("sharing_type", "open_type", "personal_information"))
    metadata = replace(
        said,
        sharing_type=SharingType(sharing) if sharing in set(SharingType) else None,
        sharing_condition=clean(sent.get("sharing_condition", ""))[:_LONGEST_TEXT],
        non_sharing_basis=clean(sent.get("non_sharing_basis", ""))[:_LONGEST_TEXT],
        sharing_methods=tuple(
            SharingMethod(method=methods[kind], type=kind) for kind in sent.getlist("sharing_method") if kind in methods
        ),
        open_type=OpenType(opening) if opening in set(OpenType) else None,
        open_condition=clean(sent.get("open_condition", ""))[:_LONGEST_TEXT],
        personal_information={"yes": True, "no": False}.get(personal),
    )
    return metadata, [] if personal else [told("personal_information", "missing")]


def _access(sent: Sent, said: EntryMetadata) -> tuple[EntryMetadata, list[Flaw]]:
    days, flaws = {}, []
    for name in ("issued_on", "updated_on"):
        days[name], flaw = _day(name, clean_line(sent.get(name, "")))
        flaws += [flaw] if flaw else []
    cycle = sent.get("update_cycle", "")
    contact = Contact(name=clean_line(sent.get("contact_name", "")), telephone=clean_line(sent.get("contact", "")))
    url = clean_line(sent.get("online_url", ""))[:_LONGEST_TEXT]
    if url and not url.lower().startswith(("http://", "https://")):
        flaws.append(told("online_url", "unsafe_url", url))
        url = ""
    metadata = replace(
        said,
        update_cycle=UpdateCycle(cycle) if cycle in set(UpdateCycle) else None,
        update_period=clean_line(sent.get("update_period", ""))[:40],
        issued_on=days["issued_on"],
        updated_on=days["updated_on"],
        contact=contact if contact.name or contact.telephone else None,
        online_urls=(url,) if url else (),
    )
    return metadata, flaws


def _nothing(_: Sent, said: EntryMetadata) -> tuple[EntryMetadata, list[Flaw]]:
    return said, []


STEPS: Final[tuple[Step, ...]] = (
    Step(
        name="what",
        label=mark("是什么"),
        fields={
            "title": "title",
            "abstract": "abstract",
            "resource_classification": "classification",
            "theme": "theme",
            "disclosure_category": "category",
        },
        read=_what,
    ),
    Step(
        name="items",
        label=mark("有哪些信息项"),
        fields={
            "items": "items",
            "format_class": "format_type",
            "format_type": "format_type",
            "format_note": "format_note",
        },
        read=_items,
    ),
    Step(
        name="sharing",
        label=mark("给谁用"),
        fields={
            "sharing_type": "sharing_type",
            "sharing_condition": "sharing_condition",
            "non_sharing_basis": "non_sharing_basis",
            "sharing_method": "sharing_method",
            "open_type": "open_type",
            "open_condition": "open_condition",
            "personal_information": "personal_information",
            "network_tier": "tier",
        },
        read=_sharing,
    ),
    Step(
        name="access",
        label=mark("多久更新，怎样取得"),
        fields={
            "update_cycle": "update_cycle",
            "issued_on": "issued_on",
            "updated_on": "updated_on",
            "contact": "contact",
            "online_url": "online_url",
            "distributions": "online_url",
        },
        read=_access,
    ),
    Step(name="check", label=mark("核对并报送"), fields={}, read=_nothing),
)
"""In their order; the last only shows and sends."""

BY_NAME: Final[Mapping[str, Step]] = {step.name: step for step in STEPS}


def step_of(violation: Violation) -> Step:
    """Return the step where a departure from the profile is mended."""
    return next((step for step in STEPS if violation.element in step.fields), STEPS[0])


def flaws_in(step: Step, violations: Sequence[Violation]) -> Flaws:
    """Return what is to be mended in a step, in words, each beside its field."""
    return Flaws(_flaw(step, one) for one in violations if step_of(one) is step)


def read_tier(sent: Sent, present: Tier) -> Tier:
    """Read the network tier; the present one where the form does not ask."""
    wanted = sent.get("tier", "")
    return Tier(wanted) if wanted in set(Tier) else present


def told(field: str, code: str, value: str = "", *, element: str = "") -> Flaw:
    """Put a flaw of a form into words, with the name of the element that it is about."""
    name = element or field
    message, mend = services().reference.problem(code, language().value, value=value, element=name)
    return Flaw(field=field, message=f"{terms.element(name)}{say('：')}{message}", mend=mend)


def _flaw(step: Step, violation: Violation) -> Flaw:
    field = step.fields.get(violation.element, next(iter(step.fields), ""))
    return told(field, violation.code, violation.value, element=violation.element)


def _day(name: str, text: str) -> tuple[date | None, Flaw | None]:
    if not text:
        return None, None
    try:
        return date.fromisoformat(text), None
    except ValueError:
        return None, told(name, "not_a_date", text[:40])
