"""A generated municipality of any size: the demo's titles multiplied by districts and years, as one data.json."""

import csv
from collections.abc import Iterator
from itertools import count, product
from pathlib import Path
from typing import Final

import orjson

ROOT: Final = Path(__file__).parents[1]
_LAST_YEAR: Final = 2026
_TYPES: Final = {"D": "日期型", "T": "日期时间型", "M": "备注型", "I": "整型", "Y": "货币型", "B": "双精度型"}


def write_catalogue(path: Path, entries: int, touched: int = 0) -> None:
    """Write a data.json of so many entries, one by one; the abstracts of the first `touched` say something new."""
    with path.open("wb") as file:
        file.write(b'{"conformsTo": "https://project-open-data.cio.gov/v1.1/schema", "dataset": [\n')
        for number, dataset in zip(range(entries), datasets(), strict=False):
            if number < touched:
                dataset["description"] = f"{dataset['description']}本次有修订。"
            file.write((b",\n" if number else b"") + orjson.dumps(dataset))
        file.write(b"\n]}\n")


def datasets() -> Iterator[dict[str, object]]:
    """Yield entries without end; every title names a district and a year."""
    titles, districts = _table("demo/titles.csv"), _table("vocabularies/divisions_tianjin.csv")
    places = [row for row in districts if row["code"] not in {"120000", "120100"}]
    numbers = count(1)
    for step in count():
        for line, place in product(titles, places):
            yield _dataset(next(numbers), line, place, _LAST_YEAR - step)


def _table(name: str) -> list[dict[str, str]]:
    with (ROOT / "config" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _dataset(number: int, line: dict[str, str], place: dict[str, str], year: int) -> dict[str, object]:
    title = f"{place['zh']}{year}年{line['base_title']}"
    return {
        "identifier": f"bench/{number:08d}",
        "title": title,
        "description": line["abstract"].replace("全市", place["zh"]),
        "keyword": [line["base_title"][:4], place["zh"]],
        "issued": "2024-03-01",
        "modified": f"2026-{1 + number % 10:02d}-{1 + number % 28:02d}",
        "accessLevel": "public" if line["open_type"] == "open" else "non-public",
        "publisher": {"name": line["organ_short"]},
        "contactPoint": {"fn": f"{line['organ_short']}信息化处", "hasTelephone": "022-80000000"},
        "theme": [line["theme"]],
        "spatial": place["code"],
        "distribution": [{"downloadURL": f"https://files.catalogue.example/{number}.csv", "format": "csv"}],
        "municipalProfile": {
            "sharing_type": line["sharing_type"],
            "sharing_condition": line["sharing_condition"],
            "open_type": line["open_type"],
            "update_cycle": line["update_cycle"],
            "format_class": line["format_class"],
            "format_type": line["format_type"],
            "disclosure_category": line["disclosure_category"],
            "personal_information": line["personal_information"],
            "items": [_item(text) for text in line["items"].split(";")],
        },
    }


def _item(text: str) -> dict[str, str]:
    name, _, kind = text.partition(":")
    return {"name": name, "data_type": _TYPES.get(kind[:1], kind[:1]), "length": kind[1:]}
