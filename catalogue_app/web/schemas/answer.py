"""The base of every JSON shape that is answered."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema


class Answer(Schema):
    """A shape whose values are JSON objects: what an object lacks is left out.

    marshmallow would otherwise look for attributes too, and an element `items` that was not given would be the method
    of that name which every dict has.
    """

    def get_attribute(self, obj: Mapping[str, Any], attr: str, default: Any) -> Any:
        """Return a member of the object."""
        return obj.get(attr, default)
