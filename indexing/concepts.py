"""What words stand for: organs by any of their names, districts by present and former names, synonyms, and noise."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, final

from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.organ import Organ
from catalogue_app.domain.register import heirs
from indexing.analysis import Analyser

_CITY_PREFIXES: Final = ("天津市", "天津", "市")
_DISTRICT_ENDINGS: Final = ("新区", "区", "县")
_OFFICES: Final = "局委办"
"""Words for an office that people mistake for each other."""
_LONGEST_SLIP: Final = 5
_OFFICE_ENDINGS: Final = frozenset("局委办厅台")
"""A synonym that ends so names an office: it means the organ, as 质监局 means the one that took its duties over."""
_SHORTEST_ALIAS: Final = 2


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Thesaurus:
    """The tables concepts are made from.

    Attributes:
        organs: the register.
        districts: division code to its names, the present one first.
        synonyms: (term, what it also finds, whether they find it too).
        noise: words that say nothing about what is wanted.
        city: division code of the municipality; not a district.
    """

    organs: tuple[Organ, ...]
    districts: Mapping[str, tuple[str, ...]]
    synonyms: tuple[tuple[str, tuple[str, ...], bool], ...]
    noise: frozenset[str]
    city: str

    def words(self) -> Iterator[str]:
        """Yield every word that segmentation should keep whole."""
        for organ in self.organs:
            yield from _organ_names(organ)
            yield from _slips(organ)
        for names in self.districts.values():
            yield from names
        for term, others, _ in self.synonyms:
            yield from (term, *others)


@final
@dataclass(slots=True, kw_only=True, eq=False)
class Concept:
    """What one word or run of words stands for.

    Attributes:
        organs: organs it names.
        district: division code it names; empty when none.
        alternatives: other words that mean the same or what is meant by it.
    """

    organs: set[OrganId] = field(default_factory=set)
    district: str = ""
    alternatives: list[str] = field(default_factory=list)


@final
class Concepts:
    """Looks concepts up by their folded words.

    Attributes:
        longest: characters of the longest key.
        city: division code of the municipality.
    """

    def __init__(self, thesaurus: Thesaurus, analyser: Analyser) -> None:
        self._analyser = analyser
        self._found: dict[str, Concept] = {}
        self._by_sound: dict[str, Concept] = {}
        self.city = thesaurus.city
        self._noise = frozenset(map(analyser.normalise, thesaurus.noise))
        self._learn_organs(thesaurus.organs)
        self._learn_districts(thesaurus.districts)
        self._learn_synonyms(thesaurus.synonyms)
        self.longest = max(map(len, self._found), default=0)

    def find(self, text: str) -> Concept | None:
        """Return what a folded word stands for, if it stands for something."""
        return self._found.get(text)

    def find_by_sound(self, letters: str) -> Concept | None:
        """Return the organ or district whose name sounds like these letters, such as `jizhouqu`."""
        return self._by_sound.get(letters)

    def is_noise(self, word: str) -> bool:
        """Say whether a folded word says nothing about what is wanted."""
        return word in self._noise

    def _at(self, word: str) -> Concept:
        return self._found.setdefault(self._analyser.normalise(word), Concept())

    def _learn_organs(self, organs: Sequence[Organ]) -> None:
        """Learn every name; one of an organ that another took over means that other."""
        now = heirs(organs)
        for organ in organs:
            for name in _organ_names(organ):
                concept = self._at(name)
                concept.organs.add(now[organ.id])
                self._by_sound.setdefault(self._sound(name), concept)

        self._learn_slips(organs, now)

    def _learn_slips(self, organs: Sequence[Organ], now: Mapping[OrganId, OrganId]) -> None:
        """Learn names with another word for office, such as 卫健局 for 卫健委, where no organ has that name."""
        for organ in organs:
            for name in _slips(organ):
                if self._analyser.normalise(name) not in self._found:
                    self._at(name).organs.add(now[organ.id])

    def _learn_districts(self, districts: Mapping[str, tuple[str, ...]]) -> None:
        for code, names in districts.items():
            for name in names:
                concept = self._at(name)
                concept.district = code
                concept.alternatives += [other for other in names[:1] if other != name]
                self._by_sound.setdefault(self._sound(name), concept)

    def _learn_synonyms(self, synonyms: Iterable[tuple[str, tuple[str, ...], bool]]) -> None:
        for term, others, is_two_way in synonyms:
            group = (term, *others)
            for word in group if is_two_way else (term,):
                concept = self._at(word)
                concept.alternatives += [it for it in group if it != word and it not in concept.alternatives]
                if word[-1] in _OFFICE_ENDINGS:
                    concept.organs |= {organ for it in group for organ in self._organs_of(it)}

    def _organs_of(self, word: str) -> set[OrganId]:
        concept = self.find(self._analyser.normalise(word))
        return concept.organs if concept else set()

    def _sound(self, name: str) -> str:
        return "".join(self._analyser.sounds(self._analyser.normalise(name)))


def district_names(zh: str, former_names: Iterable[str]) -> tuple[str, ...]:
    """Return the names people use for a district: full, former, and both without 区 or 县 where two characters stay."""
    full = (zh, *former_names)
    short = (name.removesuffix(ending) for name in full for ending in _DISTRICT_ENDINGS if name.endswith(ending))
    return tuple(dict.fromkeys([*full, *(name for name in short if len(name) >= _SHORTEST_ALIAS)]))


def _organ_names(organ: Organ) -> Iterator[str]:
    for name in organ.all_names:
        yield name
        for prefix in _CITY_PREFIXES:
            bare = name.removeprefix(prefix)
            if bare != name and len(bare) > _SHORTEST_ALIAS:
                yield bare
                break


def _slips(organ: Organ) -> Iterator[str]:
    """Yield the short names of an organ with each other word for office."""
    for name in _organ_names(organ):
        if name[-1] in _OFFICES and _SHORTEST_ALIAS < len(name) <= _LONGEST_SLIP:
            yield from (name[:-1] + office for office in _OFFICES if office != name[-1])
