"""Proves, offline, that both lock files agree with pyproject.toml and hold names, versions and hashes only."""

import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PIN: Final = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;]+)(?:\s*;\s*(.+?))?(?:\s*\\)?")
DECLARED_HERE: Final = "(pyproject.toml"
ADDRESS: Final = re.compile(r"://|^\s*--(?:extra-)?index-url|^\s*--find-links|\s@\s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """One block of a lock file: a version, whether it carries hashes, whether pyproject.toml asked for it."""

    version: str
    is_hashed: bool
    is_direct: bool


def canonical(name: str) -> str:
    """Spell a distribution's name as PEP 503 does, so that `Flask_Babel` and `flask-babel` are one."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(requirements: list[str]) -> Iterator[tuple[str, str]]:
    """Yield name and version of each requirement; raise ValueError where one is not pinned with `==`."""
    for requirement in requirements:
        match = PIN.fullmatch(requirement)
        if match is None:
            raise ValueError(f"{requirement!r} is not pinned with ==")
        yield canonical(match[1]), match[2]


def read_lock(text: str) -> dict[str, Locked]:
    """Read a hash-locked requirements file: canonical name to what is locked under it, one item a block."""
    locked: dict[str, Locked] = {}
    for block in re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]:
        match = PIN.match(block)
        if match is None:
            raise ValueError(f"{block.splitlines()[0]!r} is not a pinned version")
        locked[canonical(match[1])] = Locked(
            version=match[2], is_hashed="--hash=sha256:" in block, is_direct=DECLARED_HERE in block
        )
    return locked


def disagreements(declared: Mapping[str, str], locked: Mapping[str, Locked]) -> Iterator[str]:
    """Say where a lock departs from what is declared: missing, another version, no longer declared, without hash."""
    for name, version in declared.items():
        if name not in locked:
            yield f"{name}=={version} is declared but not locked"
        elif locked[name].version != version:
            yield f"{name} is declared as {version} but locked as {locked[name].version}"
    for name, entry in locked.items():
        if entry.is_direct and name not in declared:
            yield f"{name} is locked for pyproject.toml, which no longer declares it"
        if not entry.is_hashed:
            yield f"{name} is locked without a hash"


def addresses(text: str) -> Iterator[str]:
    """Yield a complaint for each line that says where to download from."""
    for number, line in enumerate(text.splitlines(), 1):
        if ADDRESS.search(line):
            yield f"line {number} holds an address: {line.strip()}"


def problems(root: Path) -> Iterator[str]:
    """Yield every disagreement between pyproject.toml and the two locks, and between the locks themselves."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    runtime = dict(pins(project["project"]["dependencies"]))
    everything = runtime | dict(pins(project["dependency-groups"]["dev"]))
    locks: dict[str, dict[str, Locked]] = {}
    for name, declared in {"requirements.lock": runtime, "requirements-dev.lock": everything}.items():
        text = (root / name).read_text("utf-8")
        locks[name] = read_lock(text)
        yield from (f"{name}: {problem}" for problem in (*addresses(text), *disagreements(declared, locks[name])))
    for name, entry in locks["requirements.lock"].items():
        twin = locks["requirements-dev.lock"].get(name)
        if twin is None or twin.version != entry.version:
            yield f"requirements-dev.lock: {name} is not at {entry.version}, as requirements.lock has it"


def main(root: Path) -> int:
    """Print what is wrong, one line each; 0 when nothing is."""
    found = list(problems(root))
    print("\n".join(found) or "locks agree with pyproject.toml")
    if found:
        print("`make lock` resolves them again", file=sys.stderr)
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if sys.argv[1:] else ".").resolve()))
