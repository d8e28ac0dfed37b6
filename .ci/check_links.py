"""Proves that every relative link between the project's own documents leads to a file and to a heading in it."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import unquote

LINK: Final = re.compile(r"\[[^\]]*\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)")
HEADING: Final = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
FENCE: Final = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
CODE: Final = re.compile(r"`[^`\n]*`")


def documents(root: Path) -> Iterator[Path]:
    """Yield the Markdown files that a reader is led through: those at the top and those of docs/ and config/."""
    yield from sorted(root.glob("*.md"))
    for folder in ("docs", "config"):
        yield from sorted((root / folder).rglob("*.md"))


def anchors(text: str) -> set[str]:
    """Return the anchors that the headings of a document answer to, as forges spell them."""
    headings = (re.sub(r"[^\w\- ]", "", title.lower()) for title in HEADING.findall(FENCE.sub("", text)))
    return {heading.strip().replace(" ", "-") for heading in headings}


def leads_somewhere(document: Path, target: str) -> bool:
    """Tell whether a relative target, seen from a document, names a file, and a heading where it asks for one."""
    path, _, fragment = unquote(target).partition("#")
    file = (document.parent / path).resolve() if path else document
    if not file.exists():
        return False
    return not fragment or file.suffix != ".md" or fragment in anchors(file.read_text("utf-8"))


def broken(document: Path) -> Iterator[str]:
    """Yield the targets of a document's links that lead nowhere; addresses of other sites are not visited."""
    prose = CODE.sub("", FENCE.sub("", document.read_text("utf-8")))
    for target in LINK.findall(prose):
        if not re.match(r"[a-z][a-z0-9+.-]*:", target) and not leads_somewhere(document, target):
            yield target


def main(root: Path) -> int:
    """Print each link that leads nowhere with the document that holds it; 0 when there is none."""
    found = [f"{page.relative_to(root)}: {target} leads nowhere" for page in documents(root) for target in broken(page)]
    print("\n".join(found) or "links between documents hold")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if sys.argv[1:] else ".").resolve()))
