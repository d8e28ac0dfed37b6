"""An entry as an editor types it, step by step; complete, and unlike any other in the small catalogue."""

from collections.abc import Mapping
from typing import Final

FORMS: Final[Mapping[str, Mapping[str, object]]] = {
    "what": {
        "title": "城市道路积水点位登记表",
        "abstract": "收录汛期城市道路积水点的位置、深度和处置情况，供防汛调度使用。",
        "theme": "T05",
        "classification": "307",
    },
    "items": {
        "format_type": "xlsx",
        "item_name": ["点位名称", "所在道路", "最大深度"],
        "item_type": ["C", "C", "N"],
        "item_length": ["100", "100", "5,2"],
    },
    "sharing": {
        "sharing_type": "unconditional",
        "sharing_method": "file",
        "open_type": "conditional",
        "open_condition": "向申请人说明用途后提供",
        "personal_information": "no",
        "tier": "portal",
    },
    "access": {
        "update_cycle": "monthly",
        "issued_on": "2026-01-05",
        "updated_on": "2026-11-01",
        "contact": "022-23456789",
    },
}
