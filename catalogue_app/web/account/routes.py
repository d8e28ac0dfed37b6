"""The addresses of the way in and of one's own account."""

from typing import Final

from catalogue_app.domain.account import Power
from catalogue_app.web.account import entrance, openid, own
from catalogue_app.web.guard import Inside
from catalogue_app.web.messages import mark

_FORM: Final = ("GET", "POST")
_ACT: Final = ("POST",)
_OWN: Final = Power.OWN_ACCOUNT

PAGES: Final[tuple[Inside, ...]] = (
    Inside(path="/sign-in", name="sign_in", view=entrance.sign_in, power=None, methods=_FORM, is_attempt=True),
    Inside(
        path="/sign-in/code",
        name="sign_in_code",
        view=entrance.sign_in_code,
        power=None,
        methods=_FORM,
        is_attempt=True,
    ),
    Inside(path="/sign-in/openid", name="openid", view=openid.leave, power=None),
    Inside(path="/sign-in/openid/back", name="openid_back", view=openid.come_back, power=None),
    Inside(path="/sign-out", name="sign_out", view=entrance.sign_out, power=None, methods=_ACT),
    Inside(path="/forgotten", name="forgotten", view=entrance.forgotten, power=None, methods=_FORM, is_attempt=True),
    Inside(
        path="/set-password/<secret>",
        name="set_password",
        view=entrance.set_password,
        power=None,
        methods=_FORM,
        is_attempt=True,
    ),
    Inside(path="/account", name="account", view=own.overview, power=_OWN, label=mark("我的账号")),
    Inside(path="/account/password", name="password", view=own.password, power=_OWN, methods=_FORM, is_attempt=True),
    Inside(path="/account/second-factor", name="second_factor", view=own.second_factor, power=_OWN, methods=_FORM),
    Inside(
        path="/account/second-factor/off",
        name="second_factor_off",
        view=own.second_factor_off,
        power=_OWN,
        methods=_FORM,
        is_attempt=True,
    ),
    Inside(path="/account/tokens/new", name="new_token", view=own.new_token, power=_OWN, methods=_FORM),
    Inside(
        path="/account/tokens/<prefix>/revoke",
        name="revoke_token",
        view=own.revoke_token,
        power=_OWN,
        methods=_ACT,
    ),
)
