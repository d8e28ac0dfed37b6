"""The form of one organ: what it says now, what somebody typed, what is wrong with it, and saving it."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from http import HTTPStatus
from typing import Final

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from catalogue_app.domain.account import Power
from catalogue_app.domain.errors import CatalogueError, Conflict
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.organ import Organ, normalise_uscc
from catalogue_app.domain.register import below
from catalogue_app.domain.text import LocalizedText, clean, clean_line
from catalogue_app.domain.vocabulary import OrganKind
from catalogue_app.web.administration.shared_work import ask_for_rebuild
from catalogue_app.web.context import audience, language, require, services
from catalogue_app.web.forms import Flaw, Flaws, flaw_of, typed
from catalogue_app.web.portal.addresses import page

_FIELDS: Final = (
    *("id", "zh", "en", "kind", "short_name", "aliases", "parent", "district_code", "main_theme", "uscc", "contact"),
    *("valid_from", "valid_to", "version"),
)
_LONGEST: Final = 8_000
_ORGAN_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_LONGEST_NUMBER: Final = 9


def new() -> ResponseReturnValue:
    """Add an organ."""
    if request.method == "GET":
        return _form(Flaws(), dict.fromkeys(_FIELDS, "") | {"kind": OrganKind.DEPARTMENT.value}, None)
    organ, flaws = _told(None)
    if not flaws and organ.id in {one.id for one in services().organs.all()}:
        flaws = [_flaw("id", "organ_id_taken", organ.id)]
    return _saved(organ, flaws, None)


def change(organ_id: str) -> ResponseReturnValue:
    """Change what the register says of an organ."""
    kept = services().organs.by_id(organ_id)
    if request.method == "GET":
        return _form(Flaws(), _said(kept), kept)
    organ, flaws = _told(kept)
    return _saved(organ, flaws, kept)


def _saved(organ: Organ, flaws: list[Flaw], kept: Organ | None) -> ResponseReturnValue:
    """Save an organ, or show again what was typed with what is wrong with it."""
    keeper = require(Power.KEEP_ORGANS)
    said = {name: typed(name, _LONGEST) for name in _FIELDS}
    faults = services().organs.faults(organ, audience())
    found = [*flaws, *(_flaw(fault.field, fault.code, fault.value) for fault in faults)]
    if found:
        return _form(Flaws(found), said, kept)
    try:
        services().organs.save(organ, audience(), actor=keeper.actor)
    except Conflict as error:  # what was typed stays; saved once more, it stands over what the other one wrote
        now = services().organs.by_id(organ.id)
        return _form(Flaws([flaw_of(error, "zh")]), said | {"version": str(now.version)}, now)
    except CatalogueError as error:
        return _form(Flaws([flaw_of(error, "zh")]), said, kept)
    ask_for_rebuild()
    return redirect(page("change_organ", organ_id=organ.id, done="saved"), HTTPStatus.SEE_OTHER)


def _told(kept: Organ | None) -> tuple[Organ, list[Flaw]]:
    """Read the form: an organ as it shall stand, and what could not be read."""
    flaws: list[Flaw] = []
    organ_id = kept.id if kept else OrganId(typed("id", 64))
    if _ORGAN_ID.fullmatch(organ_id) is None:
        flaws.append(_flaw("id", "organ_id_wrong", organ_id))
    kind, theme = typed("kind"), typed("main_theme")
    if kind not in set(OrganKind):
        flaws.append(_flaw("kind", "organ_kind_unknown", kind))
    if theme and theme not in services().reference.vocabularies["theme"]:
        flaws.append(_flaw("main_theme", "organ_theme_unknown", theme))
    texts = {tag: clean_line(typed(tag)) for tag in ("zh", "en")}
    if not texts["zh"]:
        flaws.append(_flaw("zh", "organ_name_missing", ""))
    names = {"zh": texts["zh"] or organ_id or "-"} | ({"en": texts["en"]} if texts["en"] else {})
    aliases = map(clean_line, re.split(r"[\r\n;；]+", typed("aliases", _LONGEST)))
    version = typed("version", _LONGEST_NUMBER)
    blank = Organ(id=organ_id, name=LocalizedText.of(organ_id or "-"), kind=OrganKind.DEPARTMENT)
    organ = replace(
        kept or replace(blank, obligations=services().reference.default_obligations),
        name=LocalizedText.from_mapping(names),
        kind=OrganKind(kind) if kind in set(OrganKind) else OrganKind.DEPARTMENT,
        short_name=clean_line(typed("short_name")),
        aliases=tuple(dict.fromkeys(filter(None, aliases))),
        parent=OrganId(typed("parent")) or None,
        district_code=typed("district_code"),
        main_theme=theme,
        uscc=normalise_uscc(typed("uscc")),
        contact=clean(typed("contact", _LONGEST).replace("\r\n", "\n")),
        valid_from=_day("valid_from", flaws),
        valid_to=kept.valid_to if kept and kept.successor else _day("valid_to", flaws),
        version=int(version) if version.isascii() and version.isdecimal() else 0,
    )
    return organ, flaws


def _day(name: str, flaws: list[Flaw]) -> date | None:
    text = typed(name)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        flaws.append(_flaw(name, "organ_day_wrong", text))
        return None


def _said(organ: Organ) -> Mapping[str, str]:
    names = organ.name.to_mapping()
    return {
        "id": organ.id,
        "zh": names.get("zh", organ.name.original),
        "en": names.get("en", ""),
        "kind": organ.kind.value,
        "short_name": organ.short_name,
        "aliases": "\n".join(organ.aliases),
        "parent": organ.parent or "",
        "district_code": organ.district_code,
        "main_theme": organ.main_theme,
        "uscc": organ.uscc,
        "contact": organ.contact,
        "valid_from": organ.valid_from.isoformat() if organ.valid_from else "",
        "valid_to": organ.valid_to.isoformat() if organ.valid_to else "",
        "version": str(organ.version),
    }


def _flaw(field: str, code: str, value: str) -> Flaw:
    message, mend = services().reference.messages.problem(code, language().value, value=value)
    return Flaw(field=field, message=message, mend=mend)


def _form(flaws: Flaws, said: Mapping[str, str], kept: Organ | None) -> ResponseReturnValue:
    register = services().organs.all()
    own = below(kept.id, register) if kept else frozenset()
    answer = render_template(
        "administration/organ_form.html",
        flaws=flaws,
        said=said,
        organ=kept,
        successor=next((one for one in register if kept and one.id == kept.successor), None),
        kinds=tuple(OrganKind),
        parents=[one for one in register if one.successor is None and one.id not in own],
        divisions=services().reference.divisions.values(),
        themes=services().reference.vocabularies["theme"].keys(),
        done=request.args.get("done", ""),
    )
    return answer, HTTPStatus.UNPROCESSABLE_ENTITY if flaws else HTTPStatus.OK
