"""Catalogues nobody here wrote are harvested with their true counts, and a second time nothing changes."""

from pathlib import Path

import pytest

from catalogue_app.container import Container
from catalogue_app.domain.harvest import RunState
from catalogue_app.domain.source import SourceKind
from tests.living import add_source, codes, harvest, open_catalogue, tally

UDATA = {
    "field.identifier": "id",
    "field.title": "title",
    "field.abstract": "description",
    "field.provider_name": "organization.name",
    "field.update_cycle": "frequency",
    "field.updated_on": "last_modified",
    "field.keywords": "tags",
    "field.distributions": "resources",
    "file.url": "url",
    "file.format": "format",
    "ignore": "metrics,quality",
    "language": "fr",
}
FIRST_DATA = {"list": "sources", "field.identifier": "id", "field.title": "name", "field.abstract": "description"}
REGISTRY = {"field.identifier": "uid", "field.title": "name", "field.provider_name": "owner.name"}

LISTS = [
    ("tw-taoyuan/taoyuan-open-data-supply-list-2018.xls", SourceKind.SHEET, {}, 1429),
    ("tw-counties/tainan-2018-03-20.csv", SourceKind.SHEET, {"columns": "title,abstract,link"}, 665),
    ("tw-counties/yilan-2018-03-20.csv", SourceKind.SHEET, {"columns": "title,abstract,link"}, 357),
    ("csv/dataportals-portals.csv", SourceKind.SHEET, {}, 631),
    ("csv/datos.gob.es-datasets.csv", SourceKind.SHEET, {}, 499),
    ("xlsx-ar/catalogo-justicia-56-distribuciones.xlsx", SourceKind.SHEET, {}, 16),
    ("xlsx-ar/catalogo-justicia.json", SourceKind.DATA_JSON, {}, 18),
    ("ckan/dataportals-ckan-export.json", SourceKind.CKAN, {}, 390),
    ("ckan/birmingham-package_search.json", SourceKind.CKAN, {}, 10),
    ("ckan/hdx-unesco_dataset.json", SourceKind.CKAN, {}, 1),
    ("ckan/magda-ckan-server-dataset-sample-response.json", SourceKind.CKAN, {}, 1),
    ("ckan/magda-ckan-server-dataset-sample-response-with-extras.json", SourceKind.CKAN, {}, 1),
    ("us-datajson/cms.json", SourceKind.DATA_JSON, {}, 139),
    ("us-datajson/dol.json", SourceKind.DATA_JSON, {}, 465),
    ("us-datajson/gsa.json", SourceKind.DATA_JSON, {}, 339),
    ("udata/datagouv-2022-12-02.jsonl", SourceKind.JSON_API, UDATA, 68),
    ("zh-firstdata/sources-dev.json", SourceKind.JSON_API, FIRST_DATA, 536),
    ("registry/commondata-registry-dev.jsonl.gz", SourceKind.JSON_API, REGISTRY, 12638),
    ("dcat-it/alessandria-catalog.rdf", SourceKind.DCAT, {}, 5),
    ("dcat-it/foggia-catalog.rdf", SourceKind.DCAT, {}, 7),
    ("dcat-it/upo-catalog.rdf", SourceKind.DCAT, {}, 18),
    ("dcat-mixed/ckanext-dcat-catalog.rdf", SourceKind.DCAT, {}, 2),
    ("dcat-mixed/ckanext-dcat-catalog_datasets_list.rdf", SourceKind.DCAT, {}, 2),
    ("dcat-mixed/ckanext-dcat-catalog_pod.jsonld", SourceKind.DCAT, {}, 1),
    ("dcat-mixed/ckanext-dcat-dataset_multilingual.ttl", SourceKind.DCAT, {}, 1),
    ("dcat-mixed/ckanext-dcat-dataset_sweden.rdf", SourceKind.DCAT, {}, 1),
    ("dcat-mixed/dcatap-de-catalog.rdf", SourceKind.DCAT, {}, 1),
    ("dcat-mixed/udata-bnodes.jsonld", SourceKind.DCAT, {}, 3),
    ("dcat-mixed/udata-bnodes.xml", SourceKind.DCAT, {}, 3),
    ("dcat-mixed/udata-catalog.xml", SourceKind.DCAT, {}, 4),
    ("dcat-mixed/udata-partial-collection-1.jsonld", SourceKind.DCAT, {}, 3),
    ("dcat-mixed/udata-partial-collection-2.jsonld", SourceKind.DCAT, {}, 1),
    ("dcat-mixed/udata-series.xml", SourceKind.DCAT, {}, 1),
    ("oai-pmh/dlme-oai-dc.xml", SourceKind.OAI_PMH, {}, 100),
    ("oai-pmh/dlme-oai-dc-resumption.xml", SourceKind.OAI_PMH, {}, 100),
    ("oai-pmh-pycsw/get_ListRecords_oai_dc.xml", SourceKind.OAI_PMH, {}, 10),
    ("oai-pmh-pycsw/get_ListRecords_iso19139.xml", SourceKind.OAI_PMH, {}, 10),
    ("csw", SourceKind.CSW, {}, 7),  # six records, and SOURCE.md, which is named as none
    ("iso19139-pycsw", SourceKind.WAF, {}, 19),  # eighteen records, and SOURCE.md
]

FOLDERS = [
    # 29 datasets, and SOURCE.md; one has no identifier, one no title; seven come in two files
    ("us-datajson-edge", SourceKind.DATA_JSON, RunState.COMPLETE, (30, 20, 0, 0, 3, 7, 0)),
    # 44 records, the same ten in each of four standards, one of which is not read and two of which have no title; the
    # other 16 are Identify and the like, errors of the protocol, and SOURCE.md
    ("oai-pmh-pycsw", SourceKind.OAI_PMH, RunState.ABORTED, (60, 8, 0, 0, 33, 19, 0)),
    # 6 records, one of them in five files; each list has a deleted record besides, which is none; 13 are no lists
    ("oai-pmh-sickle", SourceKind.OAI_PMH, RunState.ABORTED, (19, 2, 0, 0, 13, 4, 0)),
]
"""Gathered, added, changed, unchanged, rejected, duplicate, vanished; a file that is no list leaves it unread."""

NO_CATALOGUES = [
    # provinces by name, and in them places by name, most of them without an address
    ("cn-portals/portals.json", SourceKind.JSON_API, {"field.identifier": "url", "field.title": "name"},
     (RunState.HELD, "missing_identifier")),
    # questions for a search engine, and what people expect
    ("udata/queries-dev.csv", SourceKind.SHEET, {}, (RunState.ABORTED, "no_header_found")),
]  # fmt: skip

OF_THEIR_OWN = {
    "dcat-mixed/ckanext-dcat-dataset.ttl": "test_dcat_catalogues: refused with the line and the reason",
    "iso19139": "below: two files cannot be read",
    "malformed": "test_malformed: row by row",
    "tw-titles": "test_sheet_catalogues: a title a line, none of which says more",
    "us-datajson-series-fcc": "below: one catalogue at six moments",
}
"""Where the others are tried, and what is about them."""


@pytest.fixture
def catalogue(tmp_path: Path) -> Container:
    return open_catalogue(tmp_path)


@pytest.mark.parametrize(("path", "kind", "options", "expected"), LISTS, ids=[row[0] for row in LISTS])
def test_a_real_list_is_harvested_whole_and_once(
    catalogue: Container, shared_data: Path, path: str, kind: SourceKind, options: dict[str, str], expected: int
) -> None:
    source = add_source(catalogue, kind, shared_data / path, **options)
    first = harvest(catalogue, source.id)
    gathered, added, changed, unchanged, rejected, duplicate, vanished = tally(first)
    assert (first.state, gathered) == (RunState.COMPLETE, expected)
    assert added + rejected + duplicate == expected
    assert (changed, unchanged, vanished) == (0, 0, 0)
    assert len(codes(first)) >= rejected + duplicate
    second = harvest(catalogue, source.id)
    assert second.state is RunState.COMPLETE
    assert tally(second) == (expected, 0, 0, added, rejected, duplicate, 0)
    assert catalogue.index_feed.verify().is_equal


def test_no_file_of_the_real_catalogues_is_forgotten(shared_data: Path) -> None:
    tried = {row[0] for row in (*LISTS, *FOLDERS, *NO_CATALOGUES)} | set(OF_THEIR_OWN)
    files = [it for it in shared_data.rglob("*") if it.is_file() and it.name not in {"SOURCE.md", "README.md"}]
    names = {str(file.relative_to(shared_data)) for file in files}
    assert {name for name in names if not {name, name.partition("/")[0]} & tried} == set()
    assert {it for it in tried if not (shared_data / it).exists()} == set()


@pytest.mark.parametrize(("folder", "kind", "state", "expected"), FOLDERS, ids=[row[0] for row in FOLDERS])
def test_a_real_folder_gives_what_can_be_read_of_it(
    catalogue: Container, shared_data: Path, folder: str, kind: SourceKind, state: RunState, expected: tuple[int, ...]
) -> None:
    source = add_source(catalogue, kind, shared_data / folder)
    first, second = harvest(catalogue, source.id), harvest(catalogue, source.id)
    assert (first.state, tally(first)) == (state, expected)
    gathered, added, _, _, rejected, duplicate, _ = expected
    assert (second.state, tally(second)) == (state, (gathered, 0, 0, added, rejected, duplicate, 0))


@pytest.mark.parametrize(("path", "kind", "options", "expected"), NO_CATALOGUES, ids=[row[0] for row in NO_CATALOGUES])
def test_what_is_no_catalogue_is_named_and_gives_no_entry(
    catalogue: Container,
    shared_data: Path,
    path: str,
    kind: SourceKind,
    options: dict[str, str],
    expected: tuple[RunState, str],
) -> None:
    report = harvest(catalogue, add_source(catalogue, kind, shared_data / path, **options).id)
    state, code = expected
    assert (report.state, tally(report)[1], code in codes(report)) == (state, 0, True)


def test_a_real_folder_with_two_bad_files_gives_the_eleven_good_ones(catalogue: Container, shared_data: Path) -> None:
    """Thirteen files: four of ISO, seven of FGDC, one in no encoding, one without a record."""
    source = add_source(catalogue, SourceKind.WAF, shared_data / "iso19139")
    first, second = harvest(catalogue, source.id), harvest(catalogue, source.id)
    assert (first.state, second.state) == (RunState.ABORTED, RunState.ABORTED), "two files were not read"
    assert tally(first)[:2] == (14, 11), "SOURCE.md is the fourteenth"
    assert tally(second) == (14, 0, 0, 11, 3, 0, 0)
    assert {"undecodable_text", "not_xml", "parts_unread", "foreign_file"} <= set(codes(first))


def test_the_fcc_series_changes_exactly_what_changed(catalogue: Container, shared_data: Path, tmp_path: Path) -> None:
    versions = sorted((shared_data / "us-datajson-series-fcc").glob("*.json"))
    live = tmp_path / "data.json"
    live.write_bytes(versions[0].read_bytes())
    source = add_source(catalogue, SourceKind.DATA_JSON, live)
    tallies = []
    for version in versions:
        live.write_bytes(version.read_bytes())
        tallies.append(tally(harvest(catalogue, source.id)))
    assert [row[0] for row in tallies] == [59] * 6
    assert [row[1] for row in tallies] == [59, 0, 0, 0, 0, 0]
    assert [row[2] for row in tallies] == [0, 4, 2, 2, 1, 2]
    assert [row[6] for row in tallies] == [0] * 6
