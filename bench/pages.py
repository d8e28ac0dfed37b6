"""What a search page costs: the engine's share of it, and its slow tail."""

import statistics
import time
from dataclasses import dataclass, replace
from itertools import product
from typing import Final, final
from urllib.parse import urlencode

from bench.parts import Stand
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.web.app import create_app
from indexing.fields import FacetField
from indexing.query import SearchQuery

QUERIES: Final = (
    "幼儿园",
    "行政许可",
    "行政处罚",
    "空气质量",
    "停车场",
    "不动产登记",
    "养老机构名单",
    "人社局",
    "规自局 出让",
    "卫健委 医院",
    "蓟县景区",
    "塘沽学校",
    "和平区",
    "社保",
    "公租房",
    "危化品",
    "医保药店",
    "网约车许可",
    "youeryuan",
    "rsj",
    "幼稚園",
    "计程車",
    "CPI",
    "pm2.5",
    "GDP",
    "法定代表人",
    "2024年 名录",
    "统一社会信用代码",
    "预算 公开",
    "量子芯片光刻胶",
)
"""Thirty questions of the kinds people ask: words, organs, districts, abbreviations, pinyin, items, nothing."""

_ROUNDS: Final = 3
_FACETS: Final = (
    FacetField.ORGAN,
    FacetField.THEME,
    FacetField.CATEGORY,
    FacetField.SHARING,
    FacetField.CYCLE,
    FacetField.FORMAT,
)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class PageTimes:
    """Seconds: medians of engine and own share, median and 95th percentile of whole pages."""

    engine: float
    own: float
    p50: float
    p95: float


def measure(stand: Stand) -> PageTimes:
    """Ask every question three times, engine and page in turn."""
    client = create_app(stand.container).test_client()
    audience = Audience.of_tier(Tier.PORTAL)
    engine, pages = [], []
    for _, text in product(range(_ROUNDS), QUERIES):
        query = SearchQuery(text=text, audience=audience, facets=_FACETS)
        engine.append(_seconds(lambda query=query: stand.container.engine.search(replace(query))))
        address = f"/search?{urlencode({'q': text})}"
        pages.append(_seconds(lambda address=address: client.get(address)))
    shares = [page - share for page, share in zip(pages, engine, strict=True)]
    return PageTimes(
        engine=statistics.median(engine),
        own=statistics.median(shares),
        p50=statistics.median(pages),
        p95=statistics.quantiles(pages, n=20)[-1],
    )


def _seconds(call: object) -> float:
    assert callable(call)  # noqa: S101 — made above
    start = time.perf_counter()
    call()
    return time.perf_counter() - start
