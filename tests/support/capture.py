"""The recording of the answers that a test makes, as a capture keeps them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from piste.engine.transport import witness
from piste.exports.capture.masks import Masks
from piste.exports.capture.recording import Recording

KEY = b"clef de la ville pour ses captures"


@contextmanager
def capturing(data: Path, secrets: Mapping[str, str] | None = None, *, keep_names: bool = True) -> Iterator[None]:
    """Keep in a folder what systems answer meanwhile; `secrets` are those of the vault, by path."""
    known = {value: path for path, value in (secrets or {}).items()}
    witness.call(Recording(data, Masks(KEY, keep_names, known)))
    try:
        yield
    finally:
        witness.dismiss()
