"""What counts in the order of relevance, and how much: the weights of everything that an entry may have of a question.

A score is the sum of the weights of all clauses an entry meets: of what the entry itself says and of the question, of
nothing else. Numbers of other entries (how many have a word, how long theirs are) would let entries that the asker may
not see move those that they may. Weights are whole numbers: their sum is the same in whatever order an engine adds.
"""

from dataclasses import dataclass
from typing import Final, final

from indexing.plan import TextField


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What it weighs that a text stands in an entry.

    Attributes:
        fields: weight of each of its words, field by field.
        in_title: it stands in a title in one piece.
        whole: it is a whole title or the whole name of an item.
    """

    fields: tuple[tuple[TextField, int], ...]
    in_title: int
    whole: int


AS_TYPED: Final = Written(
    fields=((TextField.TITLE, 8), (TextField.ORGAN, 3), (TextField.ITEMS, 2), (TextField.BODY, 1)),
    in_title=8,
    whole=40,
)
"""A title says what an entry is; an abstract mentions much. One word more in a title outweighs all that is below it."""
BY_SYNONYM: Final = Written(
    fields=((TextField.TITLE, 7), (TextField.ORGAN, 3), (TextField.ITEMS, 2), (TextField.BODY, 1)),
    in_title=7,
    whole=36,
)
"""Little less: what means the same is found beside what was typed, and after it."""
_LONG: Final = "long"
BREVITY: Final = (
    *(("5", 8), ("6", 7), ("7", 6), ("8", 5), ("10", 4), ("12", 3), ("15", 2), ("18", 1)),
    (_LONG, 0),
)
"""Most characters of a title that has a text in one piece, and what it weighs that it says little else."""
CHARACTER_IN_TITLE: Final = 2
CHARACTER_BELOW: Final = 1
"""A word of one character, which stands in many longer words."""
PAIR: Final = 1
"""Each pair of neighbouring characters, anywhere: a longer text is rarer, and weighs more."""
SKIPPED: Final = 1
"""Characters of an abbreviation, others between them."""
SOUND_IN_TITLE: Final = 4
SOUND_BELOW: Final = 2
"""Each pair of syllables, and initials."""
CODE: Final = 20
NAMED: Final = 12
"""The organ or district that a word names: more than a word in a title, for the entry need not say it."""
WHOLE_CITY: Final = 24
"""The whole city where no district is named: else sixteen districts' copies drown the city's own entry."""
PHRASE_BELOW: Final = 2
"""A phrase in quotes that stands in items or abstract."""


def brevity(characters: int) -> str:
    """Return the class of a title so long: the most characters that its titles have."""
    classes = (name for name, _ in BREVITY if name != _LONG)
    return next((name for name in classes if characters <= int(name)), _LONG)
