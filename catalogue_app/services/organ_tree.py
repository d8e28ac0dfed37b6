"""The register as a tree: who stands below whom, and figures that count what stands below, too (arts. 5, 6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, final

from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.organ import Organ
from catalogue_app.domain.visibility import Audience
from catalogue_app.services.catalogue import Catalogue
from catalogue_app.services.flagging import Flagging


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What an audience may know of one organ, or of several together."""

    entries: int
    findings: int

    def __add__(self, other: "Counted") -> "Counted":
        return Counted(entries=self.entries + other.entries, findings=self.findings + other.findings)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """One organ with those below it.

    Attributes:
        own: of the organ alone.
        whole: with all that stand below it.
    """

    organ: Organ
    own: Counted
    whole: Counted
    children: tuple["Branch", ...]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """The register.

    Attributes:
        roots: organs with none above them, in the order of the register.
        succeeded: organs that another took over, each with who answers for it now.
    """

    roots: tuple[Branch, ...]
    succeeded: tuple[tuple[Organ, Organ], ...]


@final
class OrganTree:
    """Reads the register for those who supervise it; nothing is changed."""

    def __init__(self, catalogue: Catalogue, flagging: Flagging) -> None:
        self._catalogue: Final = catalogue
        self._flagging: Final = flagging

    def read(self, audience: Audience) -> Tree:
        """Return the tree with figures of what an audience may know."""
        summaries = self._catalogue.organs(audience)
        open_findings = self._flagging.summary(audience).by_organ
        counted = {
            one.organ.id: Counted(entries=one.entries, findings=sum(open_findings.get(one.organ.id, {}).values()))
            for one in summaries
        }
        return grown([one.organ for one in summaries], counted)


def grown(organs: Sequence[Organ], counted: Mapping[OrganId, Counted]) -> Tree:
    """Return the tree of some organs; one whose parent is not among them stands at the top."""
    by_id = {organ.id: organ for organ in organs}
    standing = [organ for organ in organs if organ.successor is None]
    children: dict[OrganId | None, list[Organ]] = {}
    for organ in standing:
        above = by_id.get(organ.parent) if organ.parent else None
        children.setdefault(above.id if above is not None and above.successor is None else None, []).append(organ)

    def branch(organ: Organ) -> Branch:
        below = tuple(map(branch, children.get(organ.id, ())))
        own = counted[organ.id]
        whole = sum((child.whole for child in below), own)
        return Branch(organ=organ, own=own, whole=whole, children=below)

    succeeded = tuple((organ, by_id[organ.successor]) for organ in organs if organ.successor)
    return Tree(roots=tuple(map(branch, children.get(None, ()))), succeeded=succeeded)
