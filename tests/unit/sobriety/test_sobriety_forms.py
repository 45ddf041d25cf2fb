"""Documents of sobriety: the PDF can be kept, the page is accessible, both are reproducible."""

from __future__ import annotations

import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from lxml import html

from piste.papers.dossier.document import Document
from piste.papers.dossier.forms import as_page, as_pdf
from piste.sobriety.documents import KINDS, documents
from tests.support.dossier import ORIGIN, town
from tests.support.sobriety import LEVER, QUEUES, sobriety

LEVERS = list(town().sobriety.levers)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Document]:
    every = documents(sobriety(tmp_path_factory.mktemp("evidence")), ORIGIN, levers=[LEVER])
    return {kind: next(document for document in every if document.name.startswith(kind)) for kind in KINDS}


@pytest.fixture(scope="module")
def pdfs(made: dict[str, Document]) -> dict[str, bytes]:
    return {kind: as_pdf(document) for kind, document in made.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_the_pdf_can_be_kept_and_has_its_data(pdfs: dict[str, bytes], made: dict[str, Document], kind: str) -> None:
    with pikepdf.open(BytesIO(pdfs[kind])) as pdf:
        metadata = pdf.open_metadata()
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"], metadata["pdfuaid:part"]) == ("3", "A", "1")
        assert str(pdf.Root.Lang) == "fr-FR"
        attached = {name: spec.get_file().read_bytes() for name, spec in pdf.attachments.items()}
    name = f"{made[kind].name}.json"
    assert attached == {name: made[kind].data, **({"queues.json": QUEUES} if kind == "pv" else {})}


def test_checkers_find_no_error(pdfs: dict[str, bytes], tmp_path: Path) -> None:
    paths = [tmp_path / f"{kind}.pdf" for kind in KINDS]
    for path, kind in zip(paths, KINDS, strict=True):
        path.write_bytes(pdfs[kind])
    outloud = [str(Path(sys.executable).with_name("outloud")), "--fail-on", "warning"]
    for command in (*(["qpdf", "--check", str(path)] for path in paths), [*outloud, *map(str, paths)]):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_same_town_gives_the_same_bytes(pdfs: dict[str, bytes], made: dict[str, Document], tmp_path: Path) -> None:
    again = documents(sobriety(tmp_path), ORIGIN, levers=[LEVER])
    assert [document.data for document in again] == [document.data for document in made.values()]
    assert [as_page(document) for document in again] == [as_page(document) for document in made.values()]
    assert as_pdf(again[KINDS.index("tableau-de-bord")]) == pdfs["tableau-de-bord"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_name_is_given_once_in_a_page_and_every_drawing_is_described(made: dict[str, Document], kind: str) -> None:
    page = html.fromstring(as_page(made[kind]))
    names = page.xpath("//@id")
    assert len(names) == len(set(names))
    for drawing in page.xpath("//svg"):
        for name in drawing.get("aria-labelledby").split():
            assert page.get_element_by_id(name).text_content()
        follows = drawing.xpath("ancestor::figure/following-sibling::div//table/caption")
        assert follows, "a drawing without its table"


@pytest.mark.parametrize("lever", LEVERS)
def test_a_note_is_one_page(lever: str) -> None:
    (note,) = documents(sobriety(), ORIGIN, ["note-agents"], [lever])
    with pikepdf.open(BytesIO(as_pdf(note))) as pdf:
        assert len(pdf.pages) == 1
