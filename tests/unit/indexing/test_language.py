"""The language follows the register, and is made anew only when the register has changed."""

from indexing.concepts import Thesaurus
from indexing.language import Language, RegisterLanguage
from tests.builders import an_organ
from tests.searching import a_language, a_thesaurus


def test_the_language_is_made_anew_only_when_the_register_has_changed() -> None:
    tables = [a_thesaurus()]

    def present() -> Thesaurus:
        return tables[-1]

    language = RegisterLanguage(present, lambda: len(tables))
    first = language()
    tables.append(a_thesaurus())
    assert language() is first
    tables.append(a_thesaurus([an_organ("x", "天津市新设立管理局")]))
    assert language() is not first
    assert language().analyser.fingerprint != first.analyser.fingerprint


def test_what_was_meant_is_like_what_was_typed_or_sounds_like_it() -> None:
    language: Language = a_language()
    titles = {"幼儿园名录", "养老机构名单"}
    assert language.nearest("幼儿园名绿", titles) == "幼儿园名录"
    assert language.nearest("幼儿圆名路", titles) == "幼儿园名录"
    assert language.nearest("量子芯片", titles) is None
    assert language.nearest("幼儿园名录", {"幼儿园名录"}) is None
    assert language.nearest("幼儿园", set()) is None
