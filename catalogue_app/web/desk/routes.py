"""The addresses of the desk."""

from typing import Final

from catalogue_app.domain.account import Power
from catalogue_app.web.desk import (
    curating,
    explaining,
    held,
    previewing,
    queue,
    runs,
    source_columns,
    source_setting,
    sources,
    working,
)
from catalogue_app.web.desk.source_setting import LARGEST_FORM
from catalogue_app.web.guard import Inside
from catalogue_app.web.messages import mark

_FORM: Final = ("GET", "POST")
_ACT: Final = ("POST",)
_WATCH: Final = Power.WATCH_SOURCES
_RUN: Final = Power.RUN_SOURCES
_KEEP: Final = Power.KEEP_SOURCES

PAGES: Final[tuple[Inside, ...]] = (
    Inside(path="/desk/queue", name="queue", view=queue.queue, power=Power.REVIEW_ENTRIES, label=mark("待审核")),
    Inside(
        path="/desk/queue/<proposal_id>",
        name="case",
        view=queue.case,
        power=Power.REVIEW_ENTRIES,
        methods=_FORM,
    ),
    Inside(path="/desk/sources", name="sources", view=sources.sources, power=_WATCH, label=mark("来源")),
    Inside(
        path="/desk/sources/new",
        name="new_source",
        view=source_setting.new_source,
        power=_KEEP,
        methods=_FORM,
        largest_body=LARGEST_FORM,
    ),
    Inside(path="/desk/sources/<source_id>", name="source", view=sources.source, power=_WATCH),
    Inside(
        path="/desk/sources/<source_id>/change",
        name="change_source",
        view=source_setting.change_source,
        power=_KEEP,
        methods=_FORM,
        largest_body=LARGEST_FORM,
    ),
    Inside(
        path="/desk/sources/<source_id>/secret",
        name="source_secret",
        view=source_setting.source_secret,
        power=_KEEP,
        methods=_FORM,
    ),
    Inside(
        path="/desk/sources/<source_id>/columns",
        name="columns",
        view=source_columns.columns,
        power=_KEEP,
        methods=_FORM,
    ),
    Inside(
        path="/desk/sources/<source_id>/preview", name="preview", view=previewing.preview, power=_RUN, methods=_FORM
    ),
    Inside(path="/desk/sources/<source_id>/run", name="run_now", view=sources.run_now, power=_RUN, methods=_ACT),
    Inside(path="/desk/sources/<source_id>/switch", name="switch", view=sources.switch, power=_KEEP, methods=_ACT),
    Inside(path="/desk/runs/<run_id>", name="run", view=runs.run, power=_WATCH),
    Inside(path="/desk/runs/<run_id>/report/<form>", name="run_report", view=runs.report, power=_WATCH),
    Inside(path="/desk/runs/<run_id>/cancel", name="cancel_run", view=runs.cancel, power=_RUN, methods=_ACT),
    Inside(path="/desk/runs/<run_id>/undo", name="undo_run", view=runs.undo, power=_KEEP, methods=_FORM),
    Inside(path="/desk/runs/<run_id>/decision", name="decision", view=held.decision, power=_KEEP, methods=_FORM),
    Inside(path="/desk/work", name="work", view=working.work, power=Power.WATCH_WORK, label=mark("工作进度")),
    Inside(path="/desk/entries/<code>/why", name="why", view=explaining.why, power=_WATCH),
    Inside(
        path="/desk/entries/<code>/curate",
        name="curate",
        view=curating.curate,
        power=Power.REVIEW_ENTRIES,
        methods=_FORM,
    ),
)
