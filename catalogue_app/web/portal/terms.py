"""Names that pages take from the reference tables of `config/`: vocabularies, elements, divisions, rules of law."""

from collections.abc import Mapping
from typing import Final

from catalogue_app.domain.metadata import SharingMethod
from catalogue_app.web.context import language, services
from catalogue_app.web.language import Language
from catalogue_app.web.messages import mark, say

_ELEMENT_OF_FIELD: Final[Mapping[str, str]] = {
    "classification": "resource_classification",
    "disclosure_categories": "disclosure_category",
    "format_types": "format_type",
    "legal_bases": "legal_basis",
    "online_urls": "online_url",
    "sharing_methods": "sharing_method",
    "source_systems": "source_system",
    "themes": "theme",
}
_OWN_ELEMENTS: Final[Mapping[str, str]] = {
    "extensions": mark("扩展元数据"),
    "unread": mark("未能识别的内容"),
    "update_period": mark("更新间隔"),
}
_INSTRUMENTS: Final[Mapping[str, str]] = {
    "Tianjin Measures": mark("《天津市电子政务管理办法》"),
    "Order 809": mark("《政务数据共享条例》"),
    "profile": mark("本市元数据规范"),
}


def theme(code: str) -> str:
    """Name a theme; empty where the vocabulary has no such code."""
    term = services().reference.vocabularies["theme"].get(code)
    return as_label(term.name(language())) if term else ""


def category(code: str) -> str:
    """Say what a disclosure category holds (art. 14)."""
    return _name("disclosure_category", code)


def cycle(code: str) -> str:
    """Name an update cycle."""
    return _name("update_cycle", code)


def sharing(code: str) -> str:
    """Name a kind of sharing between organs."""
    return _name("sharing_type", code)


def opening(code: str) -> str:
    """Name a kind of opening to the public."""
    return _name("open_type", code)


def item_type(code: str) -> str:
    """Name the type of an information item; the word as written where it is no code."""
    return _name("field_type", code)


def format_class(code: str) -> str:
    """Name a class of formats."""
    return _name("format_class", code)


def tier(code: str) -> str:
    """Name a network tier as the guide does."""
    return _name("tier", code)


def sharing_method(method: SharingMethod) -> str:
    """Name a way organs get it from each other."""
    return _name("sharing_method", method.type or method.method)


def sharing_type_of(kind: str) -> str:
    """Name a type of a way organs get it from each other."""
    return _name("sharing_method", kind)


def resource_class(code: str) -> str:
    """Write a class code with the name of what its first three digits stand for; the code alone where none is known."""
    known = services().reference.vocabularies["resource_class"]
    found = known.get(code[:3]) or known.get(code[:1])
    return f"{code} {as_label(found.name(language()))}" if found else code


def division(code: str) -> str:
    """Name a division; the text as written where it is no code."""
    found = services().reference.divisions.get(code)
    if found is None:
        return code
    return found.zh if language() is Language.ZH else found.en or found.zh


def element(name: str) -> str:
    """Name a profile element or field of the metadata."""
    if name in _OWN_ELEMENTS:
        return say(_OWN_ELEMENTS[name])
    identifier = _ELEMENT_OF_FIELD.get(name, name)
    known = services().reference.profile.elements.get(identifier)
    if known is not None and language() is Language.ZH:
        return known.name_zh
    return identifier.replace("[].", " ").replace("_", " ").capitalize()


def rule(code: str) -> str:
    """Write a rule of `rules/deadlines.csv` with the instrument and article it stands in; empty where there is none."""
    found = services().reference.deadlines.get(code)
    if found is None:
        return ""
    instrument = say(_INSTRUMENTS[found.instrument]) if found.instrument in _INSTRUMENTS else found.instrument
    text = found.zh if language() is Language.ZH else found.en
    if not found.article:
        return say(mark("%(rule)s（%(instrument)s）"), rule=text, instrument=instrument)
    return say(
        mark("%(rule)s（%(instrument)s第%(article)s条）"), rule=text, instrument=instrument, article=found.article
    )


def _name(vocabulary: str, code: str) -> str:
    term = services().reference.vocabularies[vocabulary].get(code)
    return as_label(term.name(language())) if term else code


def as_label(text: str) -> str:
    """Begin a name with a capital, where its language has any: the tables write them as inside a sentence."""
    return text[:1].upper() + text[1:] if language() is Language.EN else text
