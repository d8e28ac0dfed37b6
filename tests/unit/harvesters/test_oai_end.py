"""Where a list of an OAI-PMH repository ends: behind its last token, and not before all that it says it has."""

import pytest

from catalogue_app.domain.errors import SourceCutShort
from tests.servers import Answer, Request, serving
from tests.unit.harvesters.test_oai_pmh import envelope, error, gathered, record, repository, whole


def test_nothing_matching_a_token_leaves_the_list_unread() -> None:
    pages = repository([["1"], ["2"]])

    def respond(request: Request) -> Answer:
        return error("noRecordsMatch") if "resumptionToken" in request.query else pages(request)

    with serving(respond) as server, pytest.raises(SourceCutShort, match="resumption_expired"):
        list(gathered(server, whole(server)))


@pytest.mark.parametrize(("stated", "is_short"), [("3", True), ("2", False), ("1", False), ("", False), ("x", False)])
def test_a_list_shorter_than_it_says_is_cut_short(stated: str, *, is_short: bool) -> None:
    end = f'<resumptionToken completeListSize="{stated}" cursor="0"/>'
    body = envelope(f"<ListRecords>{record('oai:x:1')}{record('oai:x:2')}{end}</ListRecords>")
    with serving(lambda _: Answer(body=body)) as server:
        assert len(list(gathered(server, whole(server, total="ignore")))) == 2
        if is_short:
            with pytest.raises(SourceCutShort, match="fewer_than_stated"):
                list(gathered(server, whole(server)))
        else:
            assert len(list(gathered(server, whole(server)))) == 2
