"""Bodies come in pieces of any size: where they are cut changes nothing of what is read."""

import gzip
import zlib

import pytest

from catalogue_app.domain.errors import SourceError
from harvesters.body_file import BodyFile
from harvesters.transfer import Body

RAW = zlib.compressobj(wbits=-15)
TEXT = b"text of a catalogue " * 20
MEMBERS = gzip.compress(TEXT) + gzip.compress(TEXT)
FORMS = {
    "gzip": MEMBERS,
    "deflate": zlib.compress(TEXT * 2),
    "Deflate": RAW.compress(TEXT * 2) + RAW.flush(),
    "gzip, gzip": gzip.compress(MEMBERS),
    "": MEMBERS,
    "identity": TEXT * 2,
}


def read(pieces: list[bytes], encoding: str = "") -> bytes:
    with BodyFile() as file:
        body = Body(file, encoding=encoding, max_bytes=1_000_000)
        for piece in pieces:
            body.write(piece)
        body.end()
        with file.open() as read_back:
            return read_back.read()


@pytest.mark.parametrize("encoding", FORMS)
def test_where_a_body_is_cut_changes_nothing(encoding: str) -> None:
    whole = FORMS[encoding]
    for cut in range(len(whole) + 1):
        assert read([whole[:cut], whole[cut:]], encoding) == TEXT * 2, cut
    assert read([whole[at : at + 1] for at in range(len(whole))], encoding) == TEXT * 2


def test_padding_behind_gzip_is_left_out() -> None:
    for padding in (b"\0", b"\0" * 700, b"x\x1f\x8b"):
        assert read([MEMBERS, padding], "gzip") == TEXT * 2
        assert read([MEMBERS + padding[:1], padding[1:]], "gzip") == TEXT * 2


@pytest.mark.parametrize("rest", [b"\x1f", b"\x1f\x8b", gzip.compress(TEXT)[:-3]])
def test_a_member_that_only_begins_is_an_answer_cut_off(rest: bytes) -> None:
    with pytest.raises(SourceError, match="incomplete_answer"):
        read([MEMBERS, rest], "gzip")


@pytest.mark.parametrize("body", [b"", b"x", b"\x1f"])
def test_a_body_of_a_byte_or_none_is_what_it_is(body: bytes) -> None:
    assert read([body]) == body
