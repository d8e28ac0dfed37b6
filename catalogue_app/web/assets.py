"""Own stylesheet, script and pictures, named by their content so that browsers may keep them for a year."""

import hashlib
from pathlib import Path
from typing import Final

from flask import Flask

_LENGTH: Final = 12


def register_assets(app: Flask) -> None:
    """Make `url_for("static", filename=…)` carry the digest of the file's content as `v`."""
    digests = _digests(Path(app.static_folder)) if app.static_folder else {}

    def add_digest(endpoint: str, values: dict[str, object]) -> None:
        digest = digests.get(str(values.get("filename")))
        if endpoint == "static" and digest:
            values.setdefault("v", digest)

    app.url_default_functions.setdefault(None, []).append(add_digest)


def _digests(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): hashlib.blake2b(path.read_bytes()).hexdigest()[:_LENGTH] for path in files
    }
