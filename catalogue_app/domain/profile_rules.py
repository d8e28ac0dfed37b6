"""The check of an entry against the metadata profile: every rule, in the order in which people read the result.

Elements that the catalogue fills itself are not asked of an organ: its code, the organ's name and credit code from the
register, the tier, and the licence, which falls back to the municipal terms (decision 10).
"""

from datetime import date
from typing import Final

from catalogue_app.domain.metadata import EntryMetadata
from catalogue_app.domain.organ import Organ
from catalogue_app.domain.profile import Profile, Rule, Subject, Violation
from catalogue_app.domain.profile_access import ACCESS
from catalogue_app.domain.profile_form import FORM

RULES: Final[tuple[Rule, ...]] = (*FORM, *ACCESS)


def check(metadata: EntryMetadata, organ: Organ, profile: Profile, today: date) -> tuple[Violation, ...]:
    """Check an entry against the profile; returns what departs from it, in the order of the rules, each once."""
    subject = Subject(metadata=metadata, organ=organ, profile=profile, today=today)
    found = (violation for rule in RULES for violation in rule(subject))
    return tuple(dict.fromkeys(found))
