"""The tree of errors the catalogue raises.

    CatalogueError
    ├── ConfigurationError      a setting or table is unknown or broken: refusal to start
    ├── InvalidInput            the caller's words are off; says which and how to mend them
    │   ├── InvalidCursor       a paging cursor that was not made by us
    │   └── BundleRefused       a bundle of another deployment that is not let in, or may not be made
    ├── NotSignedIn             this needs somebody who signed in, or a token that works
    ├── NotAllowed              who signed in may not do this
    ├── NotFound                no such thing, or not for this audience (the same answer for both)
    ├── Gone                    an entry that was withdrawn; carries its code
    ├── Conflict                the thing changed meanwhile, or is held by somebody else
    ├── RunCancelled            a person asked the run to stop; its holder ends it before the next step
    ├── AboveCeiling            a tier above what this deployment may hold
    ├── SourceError             a source did not answer as its kind demands: the run ends `aborted`
    │   ├── SourceCutShort      what was read is sound and is kept, but the source did not lead to its end
    │   ├── SourceBusy          the source asks to be asked again later than a run may wait
    │   └── SourceRefused       an address or size we refuse on our side
    ├── GivenBack               this process was told to stop: the work in hand waits for another one
    ├── UnbalancedRun           a run whose outcomes do not add up: it may not close
    ├── IndexDiffers            a new index does not hold what the database holds: it is not swapped in
    └── SearchUnavailable       the search engine does not answer

Errors carry a code and parameters, never prose: words belong to translations.
"""

from datetime import datetime


class CatalogueError(Exception):
    """Anything the catalogue refuses or fails at, with a stable code and parameters.

    Attributes:
        code: snake_case name of the failure, key of its translation.
        parameters: values the translated sentence names.
    """

    code = "catalogue_error"

    def __init__(self, code: str | None = None, **parameters: object) -> None:
        """Keep code and parameters; the text is for logs only."""
        self.code = code or type(self).code
        self.parameters = parameters
        words = ", ".join(f"{key}={value}" for key, value in parameters.items())
        super().__init__(f"{self.code}: {words}" if words else self.code)


class ConfigurationError(CatalogueError):
    """A setting or reference table is unknown or broken; names file and row."""

    code = "configuration_error"


class InvalidInput(CatalogueError):
    """The caller's words are off; parameters name the field and how to mend it."""

    code = "invalid_input"


class InvalidCursor(InvalidInput):
    """A paging cursor that this catalogue did not make."""

    code = "invalid_cursor"


class BundleRefused(InvalidInput):
    """A bundle that is not whole, not signed by a trusted sender, not for here, or not the next one."""


class NotSignedIn(CatalogueError):
    """Nobody signed in, and this is not for everybody."""

    code = "not_signed_in"


class NotAllowed(CatalogueError):
    """Who signed in may not do this: their role, organ or token does not allow it."""

    code = "not_allowed"


class NotFound(CatalogueError):
    """No such thing, or not for this audience: both look the same from outside."""

    code = "not_found"


class Gone(CatalogueError):
    """The entry was withdrawn; a tombstone stays."""

    code = "gone"


class Conflict(CatalogueError):
    """The thing changed meanwhile, or somebody else holds it."""

    code = "conflict"


class RunCancelled(CatalogueError):
    """A person asked a harvest run to stop; parameters name the run and the person (`by`)."""

    code = "harvest_cancelled"


class AboveCeiling(CatalogueError):
    """A tier above what this deployment may hold (art. 8): refused before it is stored."""

    code = "above_ceiling"


class SourceError(CatalogueError):
    """A source did not answer as its kind demands; nothing may be concluded about its records."""

    code = "source_error"


class SourceCutShort(SourceError):
    """The source did not lead to its end, such as paging that goes in a circle; what it gave until then is sound.

    The records gathered are applied; nothing is concluded about the rest.
    """

    code = "source_cut_short"


class SourceBusy(SourceError):
    """The source asks to be asked again later than a run may wait: it is put off instead of waited for.

    Attributes:
        until: when it may be asked again, by its own word.
    """

    code = "rate_limited"

    def __init__(self, until: datetime, **parameters: object) -> None:
        """Keep the instant beside code and parameters."""
        super().__init__("rate_limited", **parameters)
        self.until = until


class SourceRefused(SourceError):
    """We refuse on our side: address not allowed, too large, too slow, too deep."""

    code = "source_refused"


class GivenBack(CatalogueError):
    """This process was told to stop; the work in hand goes on where it stopped, in another one."""

    code = "given_back"


class UnbalancedRun(CatalogueError):
    """Outcomes of a run do not add up to what was gathered."""

    code = "unbalanced_run"


class IndexDiffers(CatalogueError):
    """An index beside the present one does not hold what the database holds; the present one stays."""

    code = "index_differs"


class SearchUnavailable(CatalogueError):
    """The search engine does not answer."""

    code = "search_unavailable"
