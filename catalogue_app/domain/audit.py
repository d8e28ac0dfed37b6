"""An audit event: who did what to which subject, when, and what stood there before and after."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, final

from catalogue_app.domain.vocabulary import Tier

OF_NOBODYS_TIER: Final = ("account:", "organ:")
"""What subjects begin with that have no network tier: lines about anything else may be about what is held higher up."""


ACTS: Final = frozenset(
    {
        "account_changed",
        "account_created",
        "account_link_made",
        "account_locked",
        "account_moved",
        "account_shut_out",
        "account_unlocked",
        "bundle_done",
        "bundle_exported",
        "bundle_let_in",
        "bundle_sender_distrusted",
        "bundle_sender_trusted",
        "bundle_withdrawn",
        "curation_ended",
        "entries_put_back",
        "entry_curated",
        "entry_moved",
        "entry_restored",
        "entry_withdrawn",
        "findings_evaluated",
        "harvest_aborted",
        "harvest_accepted",
        "harvest_asked",
        "harvest_cancel_asked",
        "harvest_cancelled",
        "harvest_complete",
        "harvest_details_dropped",
        "harvest_expired",
        "harvest_held",
        "harvest_rejected",
        "harvest_released",
        "harvest_started",
        "harvest_undo_cancelled",
        "harvest_undo_complete",
        "harvest_undo_started",
        "organ_added",
        "organ_changed",
        "organ_succeeded",
        "password_changed",
        "password_kept_anew",
        "password_reset_asked",
        "password_reset_forced",
        "proposal_approved",
        "proposal_discarded",
        "proposal_merged",
        "proposal_returned",
        "proposal_saved",
        "proposal_started",
        "proposal_submitted",
        "proposal_taken_back",
        "release_discarded",
        "release_prepared",
        "release_signed",
        "second_factor_off",
        "second_factor_on",
        "second_factor_reset",
        "second_factor_used",
        "sign_in_shut_for_a_while",
        "signed_in",
        "source_added",
        "source_changed",
        "source_file_swept",
        "source_moved",
        "source_paused",
        "source_resumed",
        "source_secret_dropped",
        "source_secret_set",
        "source_secrets_resealed",
        "token_created",
        "token_revoked",
        "upload_checked",
        "upload_chosen",
        "upload_discarded",
        "upload_not_taken",
        "upload_received",
        "upload_refused",
        "upload_resumed",
        "upload_swept",
        "upload_taken",
    }
)
"""Every kind of act there is a line of; the log takes no other."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    """One line of the audit log; the log adds time, order and the digest chain.

    Attributes:
        actor: who acted: an account name, `scheduler`, `operator`.
        action: what was done, one of `ACTS`; lines of earlier versions may name others.
        subject: on what, such as `source:…`.
        before: digest or short text of the state before; empty when there was none.
        after: digest or short text of the state after.
    """

    actor: str
    action: str
    subject: str
    before: str = ""
    after: str = ""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which lines are wanted; what is empty does not restrict.

    Attributes:
        actor: who acted, by the name they sign in with or as the log calls them.
        action: what was done.
        subject: on what; all whose name begins so.
        since: lines of this instant or later.
        until: lines before this instant.
    """

    actor: str = ""
    action: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None


def reads_all(tier: Tier, ceiling: Tier) -> bool:
    """Say whether who reaches a tier may read every line: else how many there are would tell of what lies above."""
    return tier.level >= ceiling.level
