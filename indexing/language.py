"""The language of one register: its analyser, its concepts, its planner, and what was probably meant."""

from collections.abc import Callable
from typing import Final, final

from rapidfuzz import fuzz, process

from indexing.analysis import Analyser
from indexing.concepts import Concepts, Thesaurus
from indexing.planner import Planner

_NEAR: Final = 60.0
"""Likeness, of 100, from which a title was probably meant."""


@final
class Language:
    """Everything about words that comes from the register and the synonyms."""

    def __init__(self, thesaurus: Thesaurus) -> None:
        self.analyser = Analyser(thesaurus.words())
        self.planner = Planner(self.analyser, Concepts(thesaurus, self.analyser))

    def nearest(self, text: str, candidates: set[str]) -> str | None:
        """Return the candidate most like a text, as written or as it sounds; None where none is like it."""
        wanted = self.analyser.normalise(text)
        folded = {self.analyser.normalise(candidate): candidate for candidate in sorted(candidates)}
        folded.pop(wanted, None)
        best = process.extractOne(wanted, list(folded), scorer=fuzz.ratio, score_cutoff=_NEAR)
        if best is not None:
            return folded[best[0]]
        spoken = {"".join(self.analyser.sounds(key)): text for key, text in folded.items()}
        sound = "".join(self.analyser.sounds(wanted))
        heard = process.extractOne(sound, list(spoken), scorer=fuzz.ratio, score_cutoff=_NEAR + 15)
        return spoken[heard[0]] if heard is not None else None


@final
class RegisterLanguage:
    """The language of the register as it is now; made anew only when the register has changed."""

    def __init__(self, thesaurus: Callable[[], Thesaurus]) -> None:
        """Make nothing yet.

        Args:
            thesaurus: reads the tables as they are now.
        """
        self._thesaurus = thesaurus
        self._made: tuple[Thesaurus, Language] | None = None

    def __call__(self) -> Language:
        """Return the language; making one takes some tenths of a second, comparing the tables next to nothing."""
        thesaurus = self._thesaurus()
        made = self._made
        if made is None or made[0] != thesaurus:
            self._made = made = (thesaurus, Language(thesaurus))
        return made[1]
