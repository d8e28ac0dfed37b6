"""How strictly a plan is read is decided wish by wish, and an answer that has less than was asked for says so."""

from indexing.ladder import Reading, largest_part, read
from indexing.plan import All, Clause, Plan, Some, Term, TextField, Wish, Without


def term(text: str) -> Term:
    return Term(TextField.TITLE, text)


def wish(text: str, part: int = 0, loose: str | None = None, wider: str | None = None) -> Wish:
    generous = term(loose) if loose else None
    return Wish(term(text), generous=generous, wider=term(wider) if wider else None, text=text, part=part)


def finds(*entries: str) -> "Shelf":
    return Shelf([set(entry.split()) for entry in entries])


class Shelf:
    """Entries as sets of words, and whether one of them meets a clause."""

    def __init__(self, entries: list[set[str]]) -> None:
        self._entries = entries

    def __call__(self, clause: Clause) -> bool:
        return any(self._meets(entry, clause) for entry in self._entries)

    def _meets(self, entry: set[str], clause: Clause) -> bool:
        match clause:
            case Term():
                return clause.text in entry
            case Wish():
                return self._meets(entry, clause.strict)
            case All():
                return all(self._meets(entry, part) for part in clause.clauses)
            case Some():
                return any(self._meets(entry, part) for part in clause.clauses)
            case Without():
                wanted = clause.wanted is None or self._meets(entry, clause.wanted)
                return wanted and not self._meets(entry, clause.unwanted)
        raise AssertionError(clause)


def test_nothing_asked_for_is_everything() -> None:
    assert read(Plan(clause=None), finds()) == Reading(clause=None)


def test_what_is_found_strictly_is_not_read_any_looser() -> None:
    clause = All((wish("园", loose="圆"), wish("名录", 1)))
    assert read(Plan(clause=clause), finds("园 名录", "圆 名录")) == Reading(clause=clause)


def test_only_the_wish_that_finds_nothing_is_read_generously() -> None:
    clause = All((wish("园", loose="圆"), wish("录", 1, loose="绿")))
    reading = read(Plan(clause=clause), finds("圆 录", "绿"))
    assert (reading.is_generous, reading.is_relaxed) == (True, False)
    assert reading.clause == All((Wish(term("圆"), text="园"), wish("录", 1, loose="绿")))


def test_a_place_without_an_entry_of_its_own_widens_before_anything_is_left_out() -> None:
    clause = All((wish("和平", wider="全市"), wish("园", 1)))
    reading = read(Plan(clause=clause), finds("和平 车", "全市 园"))
    assert reading.is_relaxed
    assert reading.clause is not None
    assert finds("全市 园")(reading.clause)
    assert not finds("和平 车", "全市 车")(reading.clause)


def test_parts_that_never_meet_are_shown_side_by_side() -> None:
    clause = All((wish("地铁", 0), wish("公交", 1)))
    reading = read(Plan(clause=clause), finds("地铁", "公交"))
    assert reading.is_relaxed
    assert reading.clause is not None
    assert finds("地铁")(reading.clause)
    assert finds("公交")(reading.clause)


def test_of_one_part_half_must_be_met() -> None:
    clause = All((wish("公交车"), wish("到站")))
    reading = read(Plan(clause=clause), finds("公交车"))
    assert reading.is_relaxed
    too_little = All((wish("火星移民"), wish("签证")))
    assert read(Plan(clause=too_little), finds("签证")) == Reading(clause=too_little)


def test_nothing_is_relaxed_where_something_is_excluded_or_chosen() -> None:
    for clause in (
        Without(All((wish("a", 0), wish("b", 1))), term("c")),
        Some((All((wish("a", 0), wish("b", 1))), wish("d", 2))),
    ):
        assert read(Plan(clause=clause), finds("a", "b")) == Reading(clause=clause)


def test_the_longest_wish_that_finds_something_is_what_may_have_been_meant() -> None:
    plan = Plan(clause=All((wish("养老院"), wish("入住条件"), wish("费"))))
    assert largest_part(plan, finds("养老院", "费")) == "养老院"
    assert largest_part(plan, finds("别的")) is None
    assert largest_part(Plan(clause=wish("养老院")), finds("养老院")) is None
    assert largest_part(Plan(clause=None), finds("养老院")) is None
