"""The mapping editor: which column of a table holds which element, and what codes mean, tried on its first rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Final, final

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from catalogue_app.domain.account import Power
from catalogue_app.domain.errors import CatalogueError, InvalidInput, NotFound
from catalogue_app.domain.source import Source, SourceKind
from catalogue_app.domain.text import has_han
from catalogue_app.services.source_samples import Sample, SampleRecord, columns_option, unread_values
from catalogue_app.web.context import audience, language, require, services
from catalogue_app.web.desk.source_form import flaws_of_options
from catalogue_app.web.desk.sources import seen_source
from catalogue_app.web.forms import Flaw, Flaws, flaw_of, typed
from catalogue_app.web.language import Language
from catalogue_app.web.messages import mark, say
from catalogue_app.web.portal import terms
from catalogue_app.web.portal.addresses import page
from harvesters.registry import CODED_ELEMENTS
from harvesters.sheet_headers import MANY

_USUAL: Final = (
    "title",
    "abstract",
    "resource_code",
    "identifier",
    "provider_name",
    "themes",
    "update_cycle",
    "sharing_type",
    "open_type",
    "updated_on",
    "link",
)
"""Elements that stand first in the lists, because almost every catalogue has them."""

_FILES: Final[Mapping[str, str]] = {
    "distribution.url": mark("文件地址"),
    "distribution.title": mark("文件名称"),
    "distribution.format": mark("文件格式"),
    "distribution.media_type": mark("文件媒体类型"),
    "distribution.size_bytes": mark("文件字节数"),
    "distribution.modified_on": mark("文件更新日期"),
    "distribution.description": mark("文件说明"),
}
"""Elements of files beside a catalogue, whose headers are English in the tables met so far."""

_PER_COLUMN: Final = 3
"""Texts of a column that are shown beside its list."""

_MOST_COLUMNS: Final = 200


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRow:
    """A text of the source and what it means there.

    Attributes:
        means: code it is read as; empty where nobody said.
        codes: (code, name) it may mean; empty where any may be written.
    """

    element: str
    written: str
    means: str
    codes: Sequence[tuple[str, str]]


def columns(source_id: str) -> ResponseReturnValue:
    """Show the first rows of a table and what its columns mean; try other meanings, and keep them."""
    account, source = require(Power.KEEP_SOURCES), seen_source(source_id).view.source
    if source.kind is not SourceKind.SHEET:
        raise NotFound
    try:
        sample = services().source_samples.first_rows(source, audience())
    except InvalidInput as error:
        return _page(source, None, Flaws([flaw_of(error, "table")]))
    records: Sequence[SampleRecord] = ()
    if request.method == "GET":
        flaws = Flaws()
        if any(sample.elements):
            records, flaws = _tried(source, sample)
        return _page(source, sample, flaws, records)
    chosen = tuple(typed(f"column-{place}") for place in range(min(sample.width, _MOST_COLUMNS)))
    options = _options(source, chosen)
    set_so = replace(source, options={name: value for name, value in {**source.options, **options}.items() if value})
    begins = set_so.options["first_row"]
    shown = replace(sample, elements=chosen, first_row=int(begins) if begins.isdecimal() else 1)
    flaws = Flaws([*_flaws_of_columns(chosen), *flaws_of_options(source.kind, options)])
    if not flaws:
        records, flaws = _tried(set_so, sample)
    if not flaws and "save" in request.form:
        services().source_setup.change(account, source, source.address, options)
        return redirect(page("source", source_id=source_id, done="mapped"), HTTPStatus.SEE_OTHER)
    return _page(set_so, shown, flaws, records)


def _tried(source: Source, sample: Sample) -> tuple[Sequence[SampleRecord], Flaws]:
    try:
        return services().source_samples.read(source, sample, audience()), Flaws()
    except InvalidInput as error:
        return (), Flaws([flaw_of(error, "column-0")])


def _options(source: Source, chosen: Sequence[str]) -> dict[str, str]:
    """Read what the form sets; an empty value takes an option away."""
    known = set(services().source_samples.elements)
    codes = zip(*(request.form.getlist(name) for name in ("code_element", "code_written", "code_means")), strict=False)
    return {
        "columns": columns_option([element if element in known else "" for element in chosen]),
        "first_row": typed("first_row") or "1",
        "identity": typed("identity") if typed("identity") in known else "",
        **{
            f"code.{element}.{written}": means.strip()
            for element, written, means in codes
            if element in CODED_ELEMENTS
            and written
            and (means.strip() or f"code.{element}.{written}" in source.options)
        },
    }


def _flaws_of_columns(chosen: Sequence[str]) -> Iterator[Flaw]:
    if "title" not in chosen:
        yield flaw_of(CatalogueError("no_title_column", columns=", ".join(filter(None, chosen))), "column-0")
    for place, element in enumerate(chosen):
        if element and element not in MANY and element in chosen[:place]:
            error = CatalogueError("column_twice", element=label_of(element), column=chosen.index(element) + 1)
            yield flaw_of(error, f"column-{place}")


def _page(
    source: Source, sample: Sample | None, flaws: Flaws, records: Sequence[SampleRecord] = ()
) -> ResponseReturnValue:
    words = services().reference.problem
    answer = render_template(
        "desk/source_columns.html",
        source=source,
        sample=sample,
        elements=[(element, label_of(element)) for element in _in_order(services().source_samples.elements)],
        label_of=label_of,
        per_column=_PER_COLUMN,
        records=records,
        codes=list(_code_rows(source, records)),
        said=lambda one: words(one.code, language().value, value=one.value, element=one.element),
        flaws=flaws,
    )
    return answer, HTTPStatus.UNPROCESSABLE_ENTITY if flaws and request.method == "POST" else HTTPStatus.OK


def label_of(element: str) -> str:
    """Name what a column may hold; in Chinese by the header organs write most often."""
    if element in services().reference.profile.elements:
        return terms.element(element)
    if element in _FILES:
        return say(_FILES[element])
    if language() is Language.ZH:
        aliases = (alias for alias, known in services().reference.sheet_headers if known == element and has_han(alias))
        return next(aliases, element).rpartition(">")[2].strip()
    return element.replace(".", " ").replace("_", " ").capitalize()


def _in_order(elements: Sequence[str]) -> list[str]:
    return [*_USUAL, *(element for element in elements if element not in _USUAL)]


def _code_rows(source: Source, records: Sequence[SampleRecord]) -> Iterator[CodeRow]:
    """Yield what the source's settings say of codes, then what the sample has that nobody understands."""
    told: dict[tuple[str, str], str] = {}
    for name, means in sorted(source.options.items()):
        prefix, _, rest = name.partition(".")
        element, _, written = rest.partition(".")
        if prefix == "code" and written:
            told[element, written] = means
    for element, texts in unread_values(records).items():
        for text in texts if element in CODED_ELEMENTS else ():
            told.setdefault((element, text), "")
    for (element, written), means in told.items():
        yield CodeRow(element=element, written=written, means=means, codes=list(_codes_of(element)))


def _codes_of(element: str) -> Iterator[tuple[str, str]]:
    names: Mapping[str, str] = {
        "network_tier": "tier",
        "data_type": "field_type",
        "sharing_method_type": "sharing_method",
    }
    for code, term in services().reference.vocabularies.get(names.get(element, element), {}).items():
        yield code, terms.as_label(term.name(language()))
