"""How commands name things: the ids that people copy from one answer into the next command."""

from uuid import UUID

from catalogue_app.domain.errors import InvalidInput
from catalogue_app.domain.ids import SourceId


def read_source_id(text: str) -> SourceId:
    """Read the id of a source.

    Raises:
        InvalidInput: it is none.
    """
    try:
        return SourceId(UUID(text))
    except ValueError as error:
        raise InvalidInput("not_a_source_id", value=text) from error
