"""The addresses of the administration."""

from typing import Final

from catalogue_app.domain.account import Power
from catalogue_app.web.administration import accounts, audit, organs
from catalogue_app.web.guard import Inside
from catalogue_app.web.messages import mark

_FORM: Final = ("GET", "POST")
_ACT: Final = ("POST",)
_KEEP: Final = Power.KEEP_ACCOUNTS
_READ: Final = Power.READ_AUDIT
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
    Inside(path="/audit", name="audit", view=audit.log, power=_READ, label=mark("审计日志")),
    Inside(path="/audit/table.csv", name="audit_table", view=audit.table, power=_READ),
    Inside(path="/audit/chain", name="audit_chain", view=audit.chain, power=_READ),
    Inside(path="/desk/entries/<code>/trail", name="trail", view=audit.trail, power=Power.REVIEW_ENTRIES),
)
