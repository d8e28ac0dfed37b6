"""`catalogue search`: ask the directory as one of its audiences."""

import click

from catalogue_app.cli.answer import give, json_option
from catalogue_app.cli.application import Application
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from indexing.query import SearchQuery


@click.command()
@click.argument("text")
@click.option(
    "--audience", type=click.Choice(["portal", "extranet"]), default="portal", show_default=True, help="Who asks."
)
@click.option(
    "--limit",
    type=click.IntRange(1, 100),
    default=10,
    show_default=True,
    metavar="N",
    help="Most items answered, 1 to 100.",
)
@json_option
@click.pass_obj
def search(application: Application, text: str, audience: str, limit: int, as_json: bool) -> None:
    """Search the directory; answers with code, title and organ of the best hits."""
    text = text.encode(errors="replace").decode()  # a terminal may hand over bytes that are no text
    query = SearchQuery(text=text, audience=Audience.of_tier(Tier(audience)), limit=limit)
    page = application.container.search.search(query)
    items = [
        {"code": hit.entry.code, "title": hit.entry.metadata.title.original, "organ": hit.organ.id} for hit in page.hits
    ]
    give({"total": page.total, "items": items}, _lines(page.total, items), as_json=as_json)


def _lines(total: int, items: list[dict[str, str]]) -> list[str]:
    return [f"{total} entries", *(f"{item['code']}  {item['title']}  ({item['organ']})" for item in items)]
