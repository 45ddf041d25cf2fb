"""Labels: each code is read back, says the name alone, and stays in its place."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
import typst
import zxingcpp
from PIL import Image

from piste.papers.dossier import labels as module
from piste.papers.dossier.forms import NotTypeset
from piste.papers.dossier.labels import SHEETS, Label, Sheet, as_labels

HOSTILE = ('=cmd|"#x[', "*_évil_* #panic()[$", "<script>&\\u{202e}`@x", "Un site au nom long, " * 6)


def some(count: int) -> list[Label]:
    names = [f"pc-jau-{rank:03}" for rank in range(count)]
    made = [Label(name, name, f"SN{name}", "École Jean Jaurès") for name in names]
    return [*made[:2], Label(*HOSTILE), *made[3:]]


def drawn(
    made: list[Label], sheet: Sheet, folder: Path, monkeypatch: pytest.MonkeyPatch, **more: int
) -> list[set[str]]:
    """Draw the pages of labels as pictures, and read their codes."""
    pages: list[bytes] = []

    def draw(source: Path, title: str, timestamp: int) -> bytes:
        shutil.copytree(source.parent, folder, dirs_exist_ok=True)
        images = typst.compile(source, format="png", ppi=150, ignore_system_fonts=True)
        pages.extend(images if isinstance(images, list) else [images])
        return b""

    monkeypatch.setattr(module, "typeset", draw)
    as_labels(made, sheet, "Ville du Bourget", 0, **more)
    return [{code.text for code in zxingcpp.read_barcodes(Image.open(BytesIO(page)))} for page in pages]


@pytest.mark.parametrize("name", SHEETS)
def test_every_code_is_read_and_says_the_name(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = SHEETS[name]
    each, skip = sheet.columns * sheet.rows, 0 if sheet.roll else 1
    made = some(min(each + 2, 24))
    pages = drawn(made, sheet, tmp_path, monkeypatch, skip=skip)
    assert set.union(*pages) == {label.code for label in made}
    assert len(pages) == -(-(len(made) + skip) // each)
    assert pages[0] == {label.code for label in made[: each - skip]}


def test_a_label_has_nothing_but_its_four_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn(some(3), SHEETS["a4-21"], tmp_path, monkeypatch)
    (first, *_) = json.loads((tmp_path / "labels.json").read_text("utf-8"))["labels"]
    assert set(first) == {"code", "name", "serial", "site", "first", "drawing"}


def test_the_sheet_is_accessible_and_can_be_kept(tmp_path: Path) -> None:
    sheets = (SHEETS["a4-65"], SHEETS["rouleau-62x29"])
    made = [as_labels(some(12), sheet, "Ville du Bourget", 1_790_000_000, outline=True) for sheet in sheets]
    assert made[0] == as_labels(some(12), sheets[0], "Ville du Bourget", 1_790_000_000, outline=True)
    paths = [tmp_path / f"{rank}.pdf" for rank in range(len(made))]
    for path, content in zip(paths, made, strict=True):
        path.write_bytes(content)
        with pikepdf.open(path) as pdf:
            metadata = pdf.open_metadata()
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "A")
            assert metadata["pdfuaid:part"] == "1"
            assert str(pdf.Root.Lang) == "fr-FR"
    command = [str(Path(sys.executable).with_name("outloud")), "--fail-on", "warning", *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_name_too_long_for_a_code_is_refused() -> None:
    with pytest.raises(NotTypeset, match="ne tient pas dans un code"):
        as_labels([Label("x" * 3000, "x", "", "")], SHEETS["a4-21"], "Ville", 0)


def test_labels_lie_on_the_paper_and_never_on_each_other() -> None:
    for sheet in SHEETS.values():
        if not sheet.roll:
            assert sheet.columns * sheet.width + (sheet.columns - 1) * sheet.gap <= 210
            assert sheet.rows * sheet.height <= 297
