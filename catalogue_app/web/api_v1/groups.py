"""Every group of endpoints of the API, in the order of its description."""

from typing import Final

from catalogue_app.web.api_v1.changes import CHANGES
from catalogue_app.web.api_v1.entries import ENTRIES
from catalogue_app.web.api_v1.findings import FINDINGS
from catalogue_app.web.api_v1.organs import ORGANS
from catalogue_app.web.api_v1.profile import PROFILE
from catalogue_app.web.api_v1.proposals import PROPOSALS
from catalogue_app.web.api_v1.suggestions import SUGGESTIONS
from catalogue_app.web.api_v1.work import WORK
from catalogue_app.web.endpoint import Group

GROUPS: Final[tuple[Group, ...]] = (ENTRIES, CHANGES, PROPOSALS, SUGGESTIONS, ORGANS, FINDINGS, PROFILE, WORK)
"""What `/api/v1` offers."""
