"""What templates may use: filters for passages and values, functions for addresses, words, days and numbers."""

from datetime import date, datetime
from typing import cast

from flask import Flask

from catalogue_app.domain.account import Power
from catalogue_app.domain.clock import CITY_ZONE
from catalogue_app.domain.metadata import Item
from catalogue_app.web.context import audience, caller, language, may, services
from catalogue_app.web.guard import EXTENSION, Inside, offered
from catalogue_app.web.language import in_language
from catalogue_app.web.messages import say, write_day, write_minute, write_number, write_share
from catalogue_app.web.portal import addresses, elements, passages, source_words, structured, terms, words
from catalogue_app.web.portal.ways import is_web_address
from catalogue_app.web.portal.whose import is_public, site, site_name

_ITEM_COLUMNS = ("code", "data_type", "length", "primary_key", "sensitive", "sharing_type", "note")


def register_templating(app: Flask) -> None:
    """Give an application's templates their filters and functions."""
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        columns=written_columns,
        in_language=in_language,
        is_web_address=is_web_address,
        lang=passages.lang,
        machine_day=machine_day,
        machine_id=passages.machine_id,
        one_line=passages.one_line,
        passage=passages.passage,
        plain=passages.plain,
        written=elements.written,
        xml_lang=passages.xml_lang,
    )
    app.jinja_env.globals.update(
        absolute=addresses.absolute,
        caller=caller,
        describe_crumbs=structured.of_crumbs,
        here=addresses.here,
        in_tongue=addresses.in_tongue,
        is_public=is_public,
        doors=lambda: offered(pages_inside(app)),
        network=lambda: audience().tier,
        may=lambda power: may(Power(power)),
        now=lambda: services().clock(),
        page=addresses.page,
        say=say,
        site=site,
        site_name=site_name,
        source_words=source_words,
        terms=terms,
        tongue=language,
        tongues=addresses.TONGUES,
        words=words,
        write_day=write_day,
        write_minute=write_minute,
        write_number=write_number,
        write_share=write_share,
    )


def pages_inside(app: Flask) -> tuple[Inside, ...]:
    """Return the pages of an application that are not for everybody."""
    return cast("tuple[Inside, ...]", app.extensions[EXTENSION])  # what `web.guard` put there


def machine_day(value: date | datetime) -> str:
    """Write a day of the city for `datetime`, ISO 8601."""
    day = value.astimezone(CITY_ZONE).date() if isinstance(value, datetime) else value
    return day.isoformat()


def written_columns(items: tuple[Item, ...]) -> dict[str, bool]:
    """Return which columns of a table of items anybody filled in: column to whether."""
    return {name: any(getattr(item, name) not in {None, ""} for item in items) for name in _ITEM_COLUMNS}
