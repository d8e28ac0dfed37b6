"""The addresses of the desk."""

from typing import Final

from catalogue_app.domain.account import Power
from catalogue_app.web.desk import queue
from catalogue_app.web.guard import Inside
from catalogue_app.web.messages import mark

PAGES: Final[tuple[Inside, ...]] = (
    Inside(path="/desk/queue", name="queue", view=queue.queue, power=Power.REVIEW_ENTRIES, label=mark("待审核")),
    Inside(
        path="/desk/queue/<proposal_id>",
        name="case",
        view=queue.case,
        power=Power.REVIEW_ENTRIES,
        methods=("GET", "POST"),
    ),
)
