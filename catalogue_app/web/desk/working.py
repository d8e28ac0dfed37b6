"""Long work as operators see it: what goes on, how fast, how long still, and what has gone silent."""

from typing import Final

from flask import render_template

from catalogue_app.domain.long_work import LongWork, WorkState
from catalogue_app.web.context import audience, services

_MOST: Final = 100
_SOURCE: Final = "source:"


def work() -> str:
    """List the work that goes on, then what ended lately, newest first."""
    works = services().works
    found = works.latest(audience(), _MOST)
    running = [(one, works.is_silent(one)) for one in found if one.state is WorkState.RUNNING]
    return render_template(
        "desk/work.html",
        running=running,
        ended=[one for one in found if one.state is not WorkState.RUNNING],
        is_told=works.tells(audience()),
        source_of=_source_of,
    )


def _source_of(one: LongWork) -> str:
    """Return the id of the source that is harvested; empty for other work."""
    return one.subject.removeprefix(_SOURCE) if one.subject.startswith(_SOURCE) else ""
