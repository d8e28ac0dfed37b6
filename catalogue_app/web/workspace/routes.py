"""The addresses of the workspace."""

from typing import Final

from catalogue_app.domain.account import Power
from catalogue_app.services.sample_items import LARGEST_BYTES as SAMPLE_BYTES
from catalogue_app.services.uploads import LARGEST_BYTES
from catalogue_app.web.guard import Inside
from catalogue_app.web.messages import mark
from catalogue_app.web.workspace import merging, overview, registering, releasing, tables

_FORM: Final = ("GET", "POST")
_ACT: Final = ("POST",)
_WORK: Final = Power.WORK_FOR_ORGAN

PAGES: Final[tuple[Inside, ...]] = (
    Inside(path="/workspace", name="workspace", view=overview.todo, power=_WORK, label=mark("工作台")),
    Inside(path="/workspace/entries", name="own_entries", view=overview.entries, power=_WORK, label=mark("本机关条目")),
    Inside(
        path="/workspace/uploads",
        name="uploads",
        view=tables.uploads,
        power=_WORK,
        methods=_FORM,
        label=mark("批量上传"),
        largest_body=LARGEST_BYTES + (1 << 20),
    ),
    Inside(path="/workspace/uploads/<upload_id>", name="upload", view=tables.upload, power=_WORK),
    Inside(path="/workspace/uploads/<upload_id>/file", name="returned_table", view=tables.returned, power=_WORK),
    Inside(
        path="/workspace/uploads/<upload_id>/<act>", name="act_on_upload", view=tables.act, power=_WORK, methods=_ACT
    ),
    Inside(
        path="/workspace/releases",
        name="releasing",
        view=releasing.releasing,
        power=_WORK,
        methods=_FORM,
        label=mark("目录版本"),
    ),
    Inside(
        path="/workspace/releases/<release_id>/<act>",
        name="act_on_release",
        view=releasing.act_on_release,
        power=_WORK,
        methods=_ACT,
    ),
    Inside(path="/workspace/catalogue.<form>", name="own_table", view=tables.own_table, power=_WORK),
    Inside(
        path="/workspace/entries/new",
        name="register",
        view=registering.register,
        power=_WORK,
        methods=_FORM,
        label=mark("登记新条目"),
    ),
    Inside(path="/workspace/entries/<code>/change", name="change", view=overview.change, power=_WORK, methods=_ACT),
    Inside(
        path="/workspace/entries/<code>/withdraw", name="withdraw", view=overview.withdraw, power=_WORK, methods=_FORM
    ),
    Inside(
        path="/workspace/proposals/<proposal_id>/discard",
        name="discard",
        view=registering.discard,
        power=_WORK,
        methods=_ACT,
    ),
    Inside(
        path="/workspace/proposals/<proposal_id>/take-back",
        name="take_back",
        view=registering.take_back,
        power=_WORK,
        methods=_ACT,
    ),
    Inside(
        path="/workspace/proposals/<proposal_id>/merge", name="merge", view=merging.merge, power=_WORK, methods=_FORM
    ),
    Inside(
        path="/workspace/proposals/<proposal_id>/<step>",
        name="proposal",
        view=registering.proposal,
        power=_WORK,
        methods=_FORM,
        largest_body=SAMPLE_BYTES + (1 << 20),
    ),
)
