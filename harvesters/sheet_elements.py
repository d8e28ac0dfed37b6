"""Readings that only tables need: `code.name` cells, organs with their code, contacts and addresses in one cell."""

import re
from datetime import date
from typing import Final, NamedTuple

from catalogue_app.domain.metadata import Classification, Contact
from catalogue_app.domain.text import clean_line, fold
from catalogue_app.domain.vocabulary import Tier
from harvesters.fields import Readings
from harvesters.raw_values import Reading, texts_of
from harvesters.sheet_values import serial_text

LISTING: Final = ";；、,，\n|"
"""Characters that part several values in one cell."""

_LEADING_CODE: Final = re.compile(r"\s*(\d+)(?!\d)")
_LEI_WORDS: Final = {"基础": "1", "基礎": "1", "主题": "2", "主題": "2", "部门": "3", "部門": "3"}
_CUMULATIVE: Final = (99, 3, 6, 7)
"""Digits from which on the code of a level has those of the levels before it in front: 项 2, 目 3, 细目 any."""
_CODE: Final = r"[0-9A-Za-z][0-9A-Za-z-]{5,29}"
_ORGAN_FORMS: Final = (
    re.compile(rf"(?P<code>{_CODE})\s*[【\[(（]\s*(?P<name>[^】\])）]+?)\s*[】\])）]"),
    re.compile(
        rf"(?P<name>[^【\[(（]*[^\x00-\x7f][^【\[(（]*?)\s*[【\[(（]\s*(?P<code>(?=[^】\])）]*\d){_CODE})\s*[】\])）]"
    ),
    re.compile(r"(?P<code>(?=\D*\d)[0-9A-Z]{6,18})[.．、\s]\s*(?P<name>[^\x00-\x7f]\S*)"),
)
_SERIAL: Final = re.compile(r"\d{5}(?:\.\d+)?")
_EMAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_TELEPHONE: Final = re.compile(
    r"(?:\+?\d[\d ()（）-]{5,}\d|[(（]\d{2,4}[)）][\d -]{5,}\d)(?:\s*(?:#|分机|分機|转|轉|ext\.?)\s*\d+)?"
)
_CONTACT_WORDS: Final = re.compile(
    r"(?:联系人|聯絡人|姓名|联系电话|聯絡電話|电话|電話|邮箱|电子邮箱|電子郵件|手机)\s*[：:]?"
)
_ADDRESS_PARTING: Final = re.compile(r"[;；,，、|\s]+(?=[a-zA-Z][a-zA-Z0-9+.-]*:|/|www\.)|[\r\n]+|[;；|]+\s*$")
_SECRET: Final = re.compile(
    r"(?<![非不未无無])(?:秘密|机密|機密|绝密|絕密|涉密|涉及国家秘密)|secret|confidential", re.IGNORECASE
)
_NO_CONDITION: Final = frozenset({"", "无", "無", "无条件", "無條件", "否", "-", "/", "none", "no", "n/a"})


class OrganCell(NamedTuple):
    """An organ as one cell names it: its name, and the code that stood with it."""

    name: str
    code: str = ""


def organ_of(text: str) -> OrganCell:
    """Split `380160000A 【地政局】`, `地政局（380160000A）` or `380160000A.地政局` into name and code."""
    line = clean_line(text)
    if not any(character.isdigit() for character in line):
        return OrganCell(line)
    for form in _ORGAN_FORMS:
        if found := form.fullmatch(line):
            return OrganCell(found["name"].strip(), found["code"])
    return OrganCell(line)


def classification_of(levels: tuple[str, str, str, str], whole: str) -> Classification | None:
    """Read class codes from the four columns 类 项 目 细目, or from one code; none where no code is written.

    Args:
        levels: cells such as `3.部门信息资源`, `07`, or with the code so far before their own, such as `307`.
        whole: one cell such as `307120` or `3/07/120`.
    """
    if not whole and not any(levels):
        return None
    codes, before = list[str](), ""
    for place, text in enumerate(levels):
        code = _code_of(text) or (_lei_of(text) if place == 0 else "")
        codes.append(code.removeprefix(before) if len(code) >= _CUMULATIVE[place] else code)
        before += codes[-1]
    if not codes[0]:
        codes = _whole_codes(whole)
    return Classification(lei=codes[0], xiang=codes[1], mu=codes[2], ximu=codes[3]) if codes and codes[0] else None


def day_of(readings: Readings, element: str, text: str, *, from_1904: bool) -> Reading[date]:
    """Read a day; in a table, five digits are the serial day number of a cell that lost its format."""
    if _SERIAL.fullmatch(text) and (day := serial_text(float(text), from_1904=from_1904)):
        return date.fromisoformat(day[:10]), None
    return readings.date(element, text)


def bound_of(text: str, *, from_1904: bool) -> str:
    """Write one end of a time range as a day where it is the serial day number of a cell that lost its format."""
    is_serial = _SERIAL.fullmatch(text) is not None
    return (serial_text(float(text), from_1904=from_1904) or text)[:10] if is_serial else text


def contact_of(name: str, telephone: str, email: str, mixed: str) -> Contact | None:
    """Put a contact together; a cell that holds everything gives what the others lack."""
    if not (name or telephone or email or mixed):
        return None
    found_mail = _EMAIL.search(mixed)
    rest = _EMAIL.sub(" ", mixed)
    found_phone = _TELEPHONE.search(rest)
    rest = _CONTACT_WORDS.sub(" ", _TELEPHONE.sub(" ", rest))
    contact = Contact(
        name=clean_line(name) or clean_line(rest).strip(" ,，;；、/:："),
        telephone=clean_line(telephone) or (found_phone[0].strip() if found_phone else ""),
        email=clean_line(email).removeprefix("mailto:") or (found_mail[0] if found_mail else ""),
    )
    return contact if contact != Contact() else None


def addresses_of(text: str) -> tuple[str, ...]:
    """Part a cell of addresses; marks inside an address stay."""
    return tuple(dict.fromkeys(filter(None, (part.strip() for part in _ADDRESS_PARTING.split(text)))))


def listed(texts: tuple[str, ...], separators: str = LISTING) -> tuple[str, ...]:
    """Part cells that may hold several values; each once, in their order."""
    return tuple(dict.fromkeys(part for text in texts if text for part in texts_of(text, separators)))


def secrecy_of(text: str) -> Tier | None:
    """Return the tier that a mark of secrecy demands (art. 8 para. 4); none where it marks nothing secret."""
    return Tier.INTRANET if text.strip() == "是" or _SECRET.search(text) else None


def is_condition(text: str) -> bool:
    """Tell whether a cell for conditions states one."""
    return fold(text) not in _NO_CONDITION


def ending_of(url: str) -> str:
    """Return the file ending of an address, such as `csv`; empty where it has none."""
    path = url.partition("?")[0].partition("#")[0].partition("://")[2]
    name = path.partition("/")[2].rpartition("/")[2]
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    return ending if re.fullmatch(r"[a-z][a-z0-9]{1,7}", ending) else ""


def _code_of(text: str) -> str:
    found = _LEADING_CODE.match(text)
    return found[1] if found else ""


def _lei_of(text: str) -> str:
    return next((code for word, code in _LEI_WORDS.items() if text.strip().startswith(word)), "")


def _whole_codes(text: str) -> list[str]:
    groups = re.findall(r"\d+", text.partition(" ")[0])
    if len(groups) > 1:
        return [*groups[:4], *[""] * (4 - len(groups))]
    digits = groups[0] if groups else ""
    return [digits[:1], digits[1:3], digits[3:6], digits[6:]]
