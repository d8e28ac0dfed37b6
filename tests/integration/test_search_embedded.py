"""What the embedded index must survive: a death between its files and the file that names them."""

import shutil
from dataclasses import replace
from pathlib import Path

from indexing.embedded.engine import EmbeddedEngine
from tests.builders import an_entry
from tests.searching import a_document, a_language


def test_a_commit_cut_off_before_it_was_named_is_cleared_away(tmp_path: Path) -> None:
    engine = EmbeddedEngine(tmp_path, a_language)
    entries = [an_entry(serial) for serial in range(1, 21)]
    engine.write([a_document(entry) for entry in entries])
    meta = next(tmp_path.glob("*/meta.json"))
    before = meta.with_suffix(".before")
    shutil.copy(meta, before)
    changed = [a_document(replace(entry, revision=2)) for entry in entries[:5]]
    engine.write(changed)
    before.replace(meta)  # as if the process had died just before the new files were named

    again = EmbeddedEngine(tmp_path, a_language)
    again.write(changed)
    assert sorted(revision for _, revision in again.digests()) == [1] * 15 + [2] * 5
