"""Labels of assets, on sheets to print: a name, a serial, a site, and a QR code of the name."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from piste.papers.dossier.forms import TEMPLATES, NotTypeset, typeset
from piste.papers.dossier.glyphs import in_fonts
from piste.papers.drawings.text import clean


class Sheet(NamedTuple):
    """Labels of a sheet, in millimetres, in the middle of the paper.

    `gap` lies between columns. A `roll` has a label a page.
    """

    label: str
    width: float
    height: float
    columns: int
    rows: int
    gap: float = 2.5
    roll: bool = False


SHEETS: Mapping[str, Sheet] = {
    "a4-21": Sheet("A4, 21 étiquettes de 63,5 × 38,1 mm", 63.5, 38.1, 3, 7),
    "a4-24": Sheet("A4, 24 étiquettes de 63,5 × 33,9 mm", 63.5, 33.9, 3, 8),
    "a4-65": Sheet("A4, 65 étiquettes de 38,1 × 21,2 mm", 38.1, 21.2, 5, 13),
    "rouleau-62x29": Sheet("rouleau, étiquettes de 62 × 29 mm", 62, 29, 1, 1, 0, roll=True),
    "rouleau-50x25": Sheet("rouleau, étiquettes de 50 × 25 mm", 50, 25, 1, 1, 0, roll=True),
}
"""Sheets and rolls. A sheet of another maker has another line here."""


@dataclass(frozen=True, slots=True)
class Label:
    """A label: what people read, and the `code`, a word that `piste find` resolves."""

    code: str
    name: str
    serial: str
    site: str


def as_labels(
    labels: Sequence[Label], sheet: Sheet, town: str, timestamp: int, *, skip: int = 0, outline: bool = False
) -> bytes:
    """Typeset labels as PDF/A-3a and PDF/UA-1.

    The first `skip` places of the first sheet stay empty; `outline` draws the edges, to try a sheet. The same labels
    give the same bytes. Raises `NotTypeset`.
    """
    with tempfile.TemporaryDirectory() as made:
        place, title = Path(made), clean(f"Étiquettes – {town}")
        content = {
            "town": clean(town),
            "title": title,
            "sheet": sheet._asdict(),
            "skip": skip,
            "outline": outline,
            "labels": [
                {
                    **{field: clean(text) for field, text in asdict(label).items()},
                    "first": label.site != before,
                    "drawing": drawn(label.code),
                }
                for before, label in zip(["", *(label.site for label in labels)], labels, strict=False)
            ],
        }
        (place / "labels.json").write_text(in_fonts(json.dumps(content, ensure_ascii=False)), encoding="utf-8")
        return typeset(Path(shutil.copy(TEMPLATES / "labels.typ", place)), title, timestamp)


def drawn(code: str) -> str:
    """Draw the QR code of a word as SVG, with the blank border that readers need.

    Its level of correction (M) lets it be read with 15 % of its area worn off. Raises `NotTypeset` for a word too long.
    """
    import segno

    try:
        drawing = segno.make_qr(code, error="m", boost_error=False, encoding="utf-8" if not code.isascii() else None)
    except segno.DataOverflowError as error:
        raise NotTypeset(f"« {code[:40]}… » ne tient pas dans un code", todo="Donnez-lui un nom court.") from error
    stream = BytesIO()
    drawing.save(stream, kind="svg", border=4, omitsize=True)
    return stream.getvalue().decode()
