"""What a program sends of an entry: complete, and unlike any other in the small catalogue."""

from typing import Any


def a_written(title: str = "城市道路积水点位登记表", /, **rest: Any) -> dict[str, Any]:
    """Return the metadata of an entry that departs from the profile nowhere, as JSON."""
    return {
        "title": {"zh": title},
        "abstract": {"zh": "收录汛期城市道路积水点的位置、深度和处置情况，供防汛调度使用。"},
        "classification": {"lei": "3", "xiang": "07"},
        "themes": ["T05"],
        "format_class": "spreadsheet",
        "format_types": ["xlsx"],
        "items": [{"name": f"{title}名称", "data_type": "C", "length": "100"}],
        "sharing_type": "unconditional",
        "sharing_methods": [{"method": "platform", "type": "file"}],
        "open_type": "none",
        "personal_information": False,
        "update_cycle": "monthly",
        "issued_on": "2026-01-05",
        "updated_on": "2026-11-01",
        "contact": {"telephone": "022-23456789"},
        **rest,
    }
