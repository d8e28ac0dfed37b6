"""The language of one register: its analyser, its concepts, its planner, and what was probably meant."""

import threading
from collections.abc import Callable, Hashable
from functools import cached_property
from typing import Final, final

from rapidfuzz import fuzz, process

from indexing.analysis import Analyser
from indexing.concepts import Concepts, Thesaurus
from indexing.planner import Planner

_NEAR: Final = 60.0
"""Likeness, of 100, from which a title was probably meant."""


@final
class Language:
    """Everything about words that comes from the register and the synonyms; made when it is first needed."""

    def __init__(self, thesaurus: Thesaurus, analyser: Analyser | None = None) -> None:
        """Make nothing yet.

        Args:
            thesaurus: what words stand for.
            analyser: makes terms of them; one that knows every word of the thesaurus unless given.
        """
        self.thesaurus: Final = thesaurus
        self._given: Final = analyser
        self._lock: Final = threading.RLock()

    @cached_property
    def analyser(self) -> Analyser:
        """Makes terms of texts; takes some tenths of a second to make."""
        with self._lock:
            return self.__dict__.get("analyser") or self._given or Analyser(self.thesaurus.words())

    @cached_property
    def planner(self) -> Planner:
        """Plans what to look for."""
        with self._lock:
            made = self.__dict__.get("planner")
            return made or Planner(self.analyser, Concepts(self.thesaurus, self.analyser))

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

    def __init__(self, thesaurus: Callable[[], Thesaurus], stamp: Callable[[], Hashable]) -> None:
        """Make nothing yet.

        Args:
            thesaurus: reads the tables as they are now.
            stamp: says what is another whenever they are; asked before every search, so it costs next to nothing.
        """
        self._thesaurus = thesaurus
        self._stamp = stamp
        self._made: tuple[Hashable, Language] | None = None

    def __call__(self) -> Language:
        """Return the language."""
        stamp = self._stamp()  # before the tables are read: what changes in between is read again next time
        made = self._made
        if made is not None and made[0] == stamp:
            return made[1]
        thesaurus = self._thesaurus()
        language = made[1] if made is not None and made[1].thesaurus == thesaurus else Language(thesaurus)
        self._made = (stamp, language)
        return language


@final
class IndexLanguage:
    """The language of one index: its terms are made as they were when it was built, its names are those of now.

    So a new name of an organ finds its entries from the next search on, in every process, without the index being built
    anew: the planner looks names up among what was typed, and asks the index for the organ. That segmentation does not
    know the name is made up for by the next rebuild.
    """

    def __init__(self, built: Language, present: Callable[[], Language]) -> None:
        """Make nothing yet.

        Args:
            built: the language the index was built by, or first opened with.
            present: the language of the register as it is now.
        """
        self._built: Final = built
        self._present: Final = present
        self._lock: Final = threading.Lock()
        self._made = built

    @property
    def analyser(self) -> Analyser:
        """Makes the terms of the index."""
        return self._built.analyser

    def now(self) -> Language:
        """Return the language of a question asked now."""
        present = self._present().thesaurus
        with self._lock:
            if self._made.thesaurus is not present and self._made.thesaurus != present:
                same = present == self._built.thesaurus
                self._made = self._built if same else Language(present, self._built.analyser)
            return self._made
