"""The addresses of the administration."""

from typing import Final

from catalogue_app.domain.account import Power
from catalogue_app.web.administration import accounts, audit, organ_form, organ_succession, organ_upload, organs
from catalogue_app.web.guard import Inside
from catalogue_app.web.messages import mark

_FORM: Final = ("GET", "POST")
_ACT: Final = ("POST",)
_KEEP: Final = Power.KEEP_ACCOUNTS
_READ: Final = Power.READ_AUDIT
_ORGANS: Final = Power.KEEP_ORGANS
_ORGAN: Final = "/desk/organs/<organ_id>"
_ONE: Final = "/desk/accounts/<account>"

PAGES: Final[tuple[Inside, ...]] = (
    Inside(path="/desk/accounts", name="keep_accounts", view=accounts.listing, power=_KEEP, label=mark("账号管理")),
    Inside(path="/desk/accounts/new", name="make_account", view=accounts.new, power=_KEEP, methods=_FORM),
    Inside(path=_ONE, name="keep_account", view=accounts.one, power=_KEEP),
    Inside(path=f"{_ONE}/change", name="change_account", view=accounts.change, power=_KEEP, methods=_FORM),
    Inside(path=f"{_ONE}/lock", name="lock_account", view=accounts.lock, power=_KEEP, methods=_ACT),
    Inside(path=f"{_ONE}/unlock", name="unlock_account", view=accounts.unlock, power=_KEEP, methods=_ACT),
    Inside(path=f"{_ONE}/password", name="reset_password", view=accounts.reset_password, power=_KEEP, methods=_ACT),
    Inside(
        path=f"{_ONE}/second-factor",
        name="reset_second_factor",
        view=accounts.reset_second_factor,
        power=_KEEP,
        methods=_ACT,
    ),
    Inside(path=f"{_ONE}/shut-out", name="shut_out", view=accounts.shut_out, power=_KEEP, methods=_ACT),
    Inside(
        path=f"{_ONE}/tokens/<prefix>/revoke", name="revoke_theirs", view=accounts.revoke, power=_KEEP, methods=_ACT
    ),
    Inside(
        path="/desk/organs",
        name="register_of_organs",
        view=organs.tree,
        power=Power.REVIEW_ENTRIES,
        label=mark("机关名册"),
    ),
    Inside(path="/desk/organs/table.csv", name="organ_table", view=organs.table, power=Power.REVIEW_ENTRIES),
    Inside(path="/desk/organs/new", name="new_organ", view=organ_form.new, power=_ORGANS, methods=_FORM),
    Inside(path="/desk/organs/upload", name="upload_organs", view=organ_upload.upload, power=_ORGANS, methods=_FORM),
    Inside(path=f"{_ORGAN}/change", name="change_organ", view=organ_form.change, power=_ORGANS, methods=_FORM),
    Inside(
        path=f"{_ORGAN}/succession",
        name="organ_succession",
        view=organ_succession.succession,
        power=_ORGANS,
        methods=_FORM,
    ),
    Inside(path="/audit", name="audit", view=audit.log, power=_READ, label=mark("审计日志")),
    Inside(path="/audit/table.csv", name="audit_table", view=audit.table, power=_READ),
    Inside(path="/audit/chain", name="audit_chain", view=audit.chain, power=_READ),
    Inside(path="/desk/entries/<code>/trail", name="trail", view=audit.trail, power=Power.REVIEW_ENTRIES),
)
