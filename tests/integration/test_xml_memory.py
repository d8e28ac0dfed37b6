"""Huge records of XML cost no more memory than their one text, however many of them a source has."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shared import ROOT

MEASURE = """
import sys
from pathlib import Path
from catalogue_app.domain.source import SourceKind
from tests.living import add_source, harvest, open_catalogue, tally
folder = Path(sys.argv[1])
container = open_catalogue(folder / "var")
source = add_source(container, SourceKind.WAF, folder / "records", tier="portal")
print(tally(harvest(container, source.id)))
print(Path("/proc/self/status").read_text())
"""
"""The status, not getrusage: that one counts what the parent held when it made the child."""

RECORD = """<gmd:MD_Metadata xmlns:gmd="http://www.isotc211.org/2005/gmd" xmlns:gco="http://www.isotc211.org/2005/gco"
 xmlns:gml="http://www.opengis.net/gml"><gmd:fileIdentifier><gco:CharacterString>r-{number}</gco:CharacterString>
</gmd:fileIdentifier><gmd:identificationInfo><gmd:MD_DataIdentification><gmd:citation><gmd:CI_Citation><gmd:title>
<gco:CharacterString>第{number}号水系图</gco:CharacterString></gmd:title></gmd:CI_Citation></gmd:citation><gmd:extent>
<gmd:EX_Extent><gmd:geographicElement><gmd:EX_BoundingPolygon><gmd:polygon><gml:posList>{ring}</gml:posList>
</gmd:polygon></gmd:EX_BoundingPolygon></gmd:geographicElement></gmd:EX_Extent></gmd:extent></gmd:MD_DataIdentification>
</gmd:identificationInfo></gmd:MD_Metadata>"""
RING = "116.123 38.456 " * 85_400
"""1.28 million characters, as one real record has."""


def peak_kib(folder: Path, records: int, ring: str) -> int:
    """Harvest so many records in a process of its own and return the most memory it ever held."""
    place = folder / "records"
    place.mkdir(parents=True)
    for number in range(records):
        (place / f"r-{number:03}.xml").write_text(RECORD.format(number=number, ring=ring), encoding="utf-8")
    child = [sys.executable, "-c", MEASURE, str(folder)]
    told = subprocess.run(child, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert f"({records}, {records}, 0, 0, 0, 0, 0)\n" in told
    peak = re.search(r"^VmHWM:\s*(\d+) kB$", told, re.MULTILINE)
    assert peak is not None
    return int(peak[1])


@pytest.mark.full
def test_a_million_coordinates_in_every_record_do_not_add_up(tmp_path: Path) -> None:
    small = peak_kib(tmp_path / "small", 150, "116.1 38.4")
    huge = peak_kib(tmp_path / "huge", 150, RING)
    assert huge < small + 64 * 1024
