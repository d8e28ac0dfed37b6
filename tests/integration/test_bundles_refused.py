"""Bundles that are not let in: each is refused with its own word, before anything of it is stored."""

import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from catalogue_app.domain.bundle import VERSION
from catalogue_app.domain.errors import BundleRefused, InvalidInput
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.services.bundle_file import MANIFEST, SIGNATURE, read_whole
from tests.builders import an_entry, an_organ
from tests.bundles import Tiers, members_of, packed, resealed, save, signed_anew, two_tiers

PART = "entries-000001.jsonl"
LIMIT = 1 << 30
Spoil = Callable[[Tiers, Path], Path]


@pytest.fixture(scope="module")
def tiers(tmp_path_factory: pytest.TempPathFactory) -> Tiers:
    """Make the two deployments once: a refusal leaves nothing behind, which each test proves."""
    tiers = two_tiers(tmp_path_factory.mktemp("tiers"))
    save(tiers.below, *(an_entry(serial, f"第{serial}号名录") for serial in range(1, 40)))
    return tiers


@pytest.fixture
def sound(tiers: Tiers, tmp_path: Path) -> Path:
    return tiers.export(f"{tmp_path.name}.bundle")


def rewritten(name: str, change: Callable[[bytes], bytes]) -> Spoil:
    """Change one member and leave the signature as it was."""

    def spoil(_: Tiers, file: Path) -> Path:
        members = members_of(file)
        return packed(file, members | {name: change(members[name])})

    return spoil


def with_member(name: str) -> Spoil:
    return lambda _, file: packed(file, members_of(file) | {name: b"evil"})


def without_member(name: str) -> Spoil:
    return lambda _, file: packed(file, {own: body for own, body in members_of(file).items() if own != name})


def cut(share: float) -> Spoil:
    def spoil(_: Tiers, file: Path) -> Path:
        whole = file.read_bytes()
        file.write_bytes(whole[: int(len(whole) * share)])
        return file

    return spoil


def of_version(version: object) -> Spoil:
    def spoil(tiers: Tiers, file: Path) -> Path:
        said = json.loads(members_of(file)[MANIFEST]) | {"version": version}
        return resealed(tiers, file, json.dumps(said).encode())

    return spoil


def twice(_: Tiers, file: Path) -> Path:
    body = members_of(file)[PART]
    with zipfile.ZipFile(file, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(PART, body)
    return file


def by_a_stranger(tiers: Tiers, file: Path) -> Path:
    stranger = tiers.above.bundle_key
    said = json.loads(members_of(file)[MANIFEST]) | {"sender_key": stranger.public}
    manifest = json.dumps(said).encode()
    return packed(file, members_of(file) | {MANIFEST: manifest, SIGNATURE: stranger.sign(manifest)})


def forged(tiers: Tiers, file: Path) -> Path:
    """Name a trusted key and sign with another."""
    members = members_of(file)
    return packed(file, members | {SIGNATURE: tiers.above.bundle_key.sign(members[MANIFEST])})


def addressed(**change: object) -> Spoil:
    return lambda tiers, file: signed_anew(tiers, file, lambda manifest: replace(manifest, **change))  # type: ignore[arg-type]  # fields of Manifest


def bloated(tiers: Tiers, file: Path) -> Path:
    def grow(manifest: object) -> object:
        first, *rest = manifest.parts  # type: ignore[attr-defined]  # a manifest
        return replace(manifest, parts=(replace(first, size_bytes=1 << 50), *rest))  # type: ignore[type-var]  # a manifest

    return signed_anew(tiers, file, grow)  # type: ignore[arg-type]  # a manifest, and one again


REFUSALS: dict[str, tuple[Spoil, str]] = {
    "a changed manifest": (
        rewritten(MANIFEST, lambda it: it.replace(b'"serial": ', b'"serial": 9')),
        "signature_wrong",
    ),
    "a changed part": (rewritten(PART, lambda it: it.replace("名录".encode(), "密录".encode(), 1)), "changed"),
    "a longer part": (rewritten(PART, lambda it: it + b"{}\n"), "changed"),
    "a shorter part": (rewritten(PART, lambda it: it[:-1]), "changed"),
    "a changed signature": (rewritten(SIGNATURE, lambda it: it[::-1]), "signature_wrong"),
    "an empty signature": (rewritten(SIGNATURE, lambda _: b""), "signature_wrong"),
    "a signature of another kind": (rewritten(SIGNATURE, lambda _: "签名".encode()), "signature_wrong"),
    "a long signature": (rewritten(SIGNATURE, lambda it: it * 1000), "too_large"),
    "a manifest that is none": (rewritten(MANIFEST, lambda _: b"[]"), "malformed"),
    "a manifest of something else": (rewritten(MANIFEST, lambda it: it.replace(b"-bundle", b"-letter")), "malformed"),
    "no manifest": (without_member(MANIFEST), "malformed"),
    "no signature": (without_member(SIGNATURE), "malformed"),
    "a part too few": (without_member(PART), "changed"),
    "a part too many": (with_member("entries-000002.jsonl"), "changed"),
    "a name that leads out": (with_member("../../evil.jsonl"), "member_foreign"),
    "a name from the root": (with_member("/etc/passwd"), "member_foreign"),
    "a name of another system": (with_member("..\\evil.jsonl"), "member_foreign"),
    "a folder": (with_member("entries-000001.jsonl/"), "member_foreign"),
    "a name twice": (twice, "member_foreign"),
    "half of it": (cut(0.5), "broken"),
    "all but the end": (cut(0.98), "broken"),
    "nothing": (cut(0), "broken"),
    "the version before": (of_version(VERSION - 1), "version_unknown"),
    "the version after": (of_version(VERSION + 1), "version_unknown"),
    "a version in words": (of_version("1"), "version_unknown"),
    "a stranger's key": (by_a_stranger, "key_unknown"),
    "a forged signature": (forged, "signature_wrong"),
    "one for another tier": (addressed(from_tier=Tier.PORTAL, to_tier=Tier.EXTRANET), "for_another_tier"),
    "one from our own tier": (addressed(from_tier=Tier.INTRANET), "not_upwards"),
    "one with our codes": (addressed(code_prefix="TW"), "prefix_shared"),
    "an old serial number": (addressed(serial=0), "replayed"),
    "a serial number out of every range": (addressed(serial=1 << 31), "malformed"),
    "a part that grows": (bloated, "too_large"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_it_is_refused_and_nothing_of_it_is_stored(tiers: Tiers, sound: Path, case: str) -> None:
    spoil, code = REFUSALS[case]
    file = spoil(tiers, sound)
    with pytest.raises(BundleRefused) as refused:
        tiers.above.bundle_import.take(file, actor="test")
    error = refused.value
    assert error.code == f"bundle_{code}"
    for tag in ("zh", "en"):
        message, mend = tiers.above.reference.messages.problem(error.code, tag, **error.parameters)
        assert message
        assert mend
        assert "{" not in message + mend
    assert tiers.arrived == {}
    assert tiers.above.bundle_senders.all()[0].serial == 0
    assert list((tiers.above.settings.data_dir / "bundles").iterdir()) == []
    assert an_organ().id in {organ.id for organ in tiers.above.organs.all()}


def test_no_byte_can_be_changed_without_being_refused_or_meaning_the_same(tiers: Tiers, sound: Path) -> None:
    whole, key = sound.read_bytes(), tiers.below.bundle_key.public
    original = read_whole(sound, max_bytes=LIMIT, is_trusted=key.__eq__)
    said = [list(original.lines(part.name)) for part in original.manifest.parts]
    refused = 0
    for place in range(0, len(whole), max(1, len(whole) // 400)):
        spoilt = sound.with_suffix(".spoilt")
        spoilt.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        try:
            found = read_whole(spoilt, max_bytes=LIMIT, is_trusted=key.__eq__)
        except BundleRefused:
            refused += 1
            continue
        assert found.digest == original.digest
        assert [list(found.lines(part.name)) for part in found.manifest.parts] == said
    assert refused > 200


def test_a_file_that_is_too_large_is_not_even_copied(tmp_path: Path) -> None:
    tiers = two_tiers(tmp_path, bundle_max_bytes="1000")
    save(tiers.below, *(an_entry(serial, f"第{serial}号名录") for serial in range(1, 40)))
    with pytest.raises(BundleRefused, match="bundle_too_large"):
        tiers.take(tiers.export())
    assert list((tiers.above.settings.data_dir / "bundles").iterdir()) == []


def test_a_file_that_is_not_there_is_told(tiers: Tiers, tmp_path: Path) -> None:
    for path in (tmp_path / "none.bundle", tmp_path):
        with pytest.raises(InvalidInput, match="bundle_unreadable"):
            tiers.above.bundle_import.take(path, actor="test")
