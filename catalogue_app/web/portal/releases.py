"""Releases of an organ's catalogue for everybody who may see them: listed, shown, compared, taken away."""

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from flask import render_template, request, send_file
from flask.typing import ResponseReturnValue

from catalogue_app.domain.errors import NotFound
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.organ import Organ
from catalogue_app.domain.release import Release
from catalogue_app.services.releases import FORMS
from catalogue_app.web.context import audience, services

_SHOWN: Final = 100
_LONGEST_NUMBER: Final = 9
_MEDIA_TYPES: Final[Mapping[str, str]] = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}


def releases(organ_id: str) -> str:
    """List the releases of an organ, the newest first."""
    organ = _organ(organ_id)
    return render_template(
        "pages/releases.html", organ=organ, releases=services().releases.of_organ(organ_id, audience())
    )


def release(organ_id: str, release_name: str) -> str:
    """Show one release: what it has otherwise than the one before or the one asked for, and its entries."""
    organ, found = _organ(organ_id), services().releases.find(organ_id, release_name, audience())
    others = [one for one in services().releases.of_organ(organ_id, audience()) if one.id != found.id]
    against = _against(found, others)
    entries = services().releases.entries(found, audience())
    first = _number(request.args.get("after", ""))
    return render_template(
        "pages/release.html",
        organ=organ,
        release=found,
        others=others,
        against=against,
        diff=services().releases.compare(against, found, audience()) if against else None,
        count=len(entries),
        entries=entries[first : first + _SHOWN],
        after=first + _SHOWN if first + _SHOWN < len(entries) else None,
        first=first,
        forms=FORMS,
    )


def release_file(organ_id: str, release_name: str, form: str) -> ResponseReturnValue:
    """Give a release as a file."""
    _organ(organ_id)
    found = services().releases.find(organ_id, release_name, audience())
    if form not in FORMS:
        raise NotFound
    with TemporaryDirectory(prefix="catalogue-release-") as folder:
        path = Path(folder) / "release"
        services().releases.write(found, audience(), form, path)
        body = BytesIO(path.read_bytes())
    return send_file(
        body, mimetype=_MEDIA_TYPES[form], as_attachment=True, download_name=f"{organ_id}-{release_name}.{form}"
    )


def _organ(organ_id: str) -> Organ:
    organ = services().catalogue.register().get(OrganId(organ_id))
    if organ is None:
        raise NotFound(organ=organ_id)
    return organ


def _against(found: Release, others: list[Release]) -> Release | None:
    """Return the release to compare with: the one asked for, else the one before for the same network."""
    asked = request.args.get("against", "")
    before = [one for one in others if one.tier is found.tier and one.number < found.number]
    return next((one for one in others if one.name == asked), before[0] if before else None)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) <= _LONGEST_NUMBER else 0
