"""Huge records cost no more memory than their one text, however many of them a source has."""

from pathlib import Path

import pytest

from catalogue_app.domain.source import SourceKind
from tests.peak_memory import peak_kib

RECORD = """<gmd:MD_Metadata xmlns:gmd="http://www.isotc211.org/2005/gmd" xmlns:gco="http://www.isotc211.org/2005/gco"
 xmlns:gml="http://www.opengis.net/gml"><gmd:fileIdentifier><gco:CharacterString>r-{number}</gco:CharacterString>
</gmd:fileIdentifier><gmd:identificationInfo><gmd:MD_DataIdentification><gmd:citation><gmd:CI_Citation><gmd:title>
<gco:CharacterString>第{number}号水系图</gco:CharacterString></gmd:title></gmd:CI_Citation></gmd:citation><gmd:extent>
<gmd:EX_Extent><gmd:geographicElement><gmd:EX_BoundingPolygon><gmd:polygon><gml:posList>{ring}</gml:posList>
</gmd:polygon></gmd:EX_BoundingPolygon></gmd:geographicElement></gmd:EX_Extent></gmd:extent></gmd:MD_DataIdentification>
</gmd:identificationInfo></gmd:MD_Metadata>"""
RING = "116.123 38.456 " * 85_400
"""1.28 million characters, as one real record has."""


def peak_of(folder: Path, records: int, ring: str) -> int:
    place = folder / "records"
    place.mkdir(parents=True)
    for number in range(records):
        (place / f"r-{number:03}.xml").write_text(RECORD.format(number=number, ring=ring), encoding="utf-8")
    return peak_kib(folder / "var", SourceKind.WAF, place, records)


@pytest.mark.full
def test_a_million_coordinates_in_every_record_do_not_add_up(tmp_path: Path) -> None:
    small = peak_of(tmp_path / "small", 150, "116.1 38.4")
    huge = peak_of(tmp_path / "huge", 150, RING)
    assert huge < small + 64 * 1024


@pytest.mark.full
def test_thousands_of_files_in_few_records_are_read_one_record_at_a_time(shared_data: Path, tmp_path: Path) -> None:
    """Two catalogues of agencies: 465 records with 116 files, and 139 with 4,040."""
    small = peak_kib(tmp_path / "small", SourceKind.DATA_JSON, shared_data / "us-datajson/dol.json", 465)
    huge = peak_kib(tmp_path / "huge", SourceKind.DATA_JSON, shared_data / "us-datajson/cms.json", 139)
    assert huge < small + 64 * 1024
