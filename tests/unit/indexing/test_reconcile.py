"""Two streams of (entry, revision) are compared as they pass; whatever differs is counted and named."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from catalogue_app.domain.ids import EntryId
from indexing.reconcile import Difference, compare

DIGESTS = st.dictionaries(st.integers(0, 60), st.integers(1, 3), max_size=40)


def stream(digests: dict[int, int]) -> list[tuple[EntryId, int]]:
    return [(EntryId(UUID(int=key)), revision) for key, revision in sorted(digests.items())]


@given(DIGESTS, DIGESTS)
def test_every_difference_is_counted_once(database: dict[int, int], index: dict[int, int]) -> None:
    verification = compare(stream(database), stream(index))
    shared = database.keys() & index.keys()
    assert verification.counts == {
        Difference.MISSING: len(database.keys() - index.keys()),
        Difference.SURPLUS: len(index.keys() - database.keys()),
        Difference.BEHIND: sum(database[key] != index[key] for key in shared),
    }
    assert verification.compared == len(database)
    assert verification.is_equal == (database == index)


def test_examples_name_the_first_and_counts_name_all() -> None:
    verification = compare(stream(dict.fromkeys(range(50), 1)), [])
    assert verification.counts[Difference.MISSING] == 50
    assert verification.examples[0] == (Difference.MISSING, EntryId(UUID(int=0)))
    assert 0 < len(verification.examples) < 50
    document = verification.document()
    assert (document["equal"], document["missing"], document["compared"]) == (False, 50, 50)
