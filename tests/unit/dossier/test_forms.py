"""The three forms say the same; the PDF can be kept, the page is accessible."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from lxml import html

from piste.papers.dossier import forms
from piste.papers.dossier.document import KINDS, PARTY_KINDS, TOWN_KINDS, Document
from piste.papers.dossier.forms import as_page, as_pdf, distinct, write
from tests.support.breadth import breadth
from tests.support.dossier import EAP, IDENTITY, ORIGIN, PORTS, commune, document, party, subject

TOWN_NAMES = [kind.name for kind in TOWN_KINDS]
PARTY_NAMES = [kind.name for kind in PARTY_KINDS]
NAMES = [kind.name for kind in KINDS] + TOWN_NAMES + PARTY_NAMES
KEPT = (
    "fiche-site",
    "pv-recette",
    next(kind.name for kind in (*TOWN_KINDS, *PARTY_KINDS) if kind.letter),
    TOWN_NAMES[0],
)
"""A page, a report with its evidence, a letter: all others are made alike, and `test_same` has their texts."""
EVERY = breadth(NAMES, KEPT)
type Written = Callable[[str], Path]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Document]:
    about = subject(folder=tmp_path_factory.mktemp("verifications"))
    subjects = dict.fromkeys(TOWN_NAMES, commune()) | dict.fromkeys(PARTY_NAMES, party())
    origin = replace(ORIGIN, identity=IDENTITY)
    return {name: document(name, subjects.get(name, about), origin) for name in NAMES}


@pytest.fixture(scope="module")
def written(made: dict[str, Document], tmp_path_factory: pytest.TempPathFactory) -> Written:
    """Give the folder of a document, written once."""
    place = tmp_path_factory.mktemp("dossiers")

    @cache
    def folder(name: str) -> Path:
        write(made[name], place)
        return place

    return folder


@pytest.mark.parametrize("name", EVERY)
def test_the_pdf_says_what_it_is_and_is_whole(written: Written, name: str) -> None:
    with pikepdf.open(written(name) / f"{name}.pdf") as pdf:
        metadata = pdf.open_metadata()
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"], metadata["pdfuaid:part"]) == ("3", "A", "1")
        assert str(pdf.Root.Lang) == "fr-FR"
        assert bool(pdf.Root.MarkInfo.Marked)
        assert "/StructTreeRoot" in pdf.Root
        assert str(pdf.Root.OutputIntents[0].S) == "/GTS_PDFA1"
        assert not pdf.is_encrypted
        assert not {"/OpenAction", "/AA"} & set(pdf.Root.keys())
        assert "/JavaScript" not in (pdf.Root.Names.keys() if "/Names" in pdf.Root else ())
        fonts = [
            obj for obj in pdf.objects if isinstance(obj, pikepdf.Dictionary) and obj.get("/Type") == "/FontDescriptor"
        ]
        assert fonts
        assert all({"/FontFile", "/FontFile2", "/FontFile3"} & set(font.keys()) for font in fonts)


@pytest.mark.parametrize("name", EVERY)
def test_the_data_are_attached_as_they_are(written: Written, made: dict[str, Document], name: str) -> None:
    folder = written(name)
    with pikepdf.open(folder / f"{name}.pdf") as pdf:
        attachment = pdf.attachments[f"{name}.json"]
        assert attachment.get_file().read_bytes() == made[name].data == (folder / f"{name}.json").read_bytes()
        assert str(attachment.obj.AFRelationship) == "/Data"
        assert attachment.get_file().mime_type == "application/json"
        (*_, af) = pdf.Root.AF
        assert str(af.Type) == "/Filespec"


def test_the_report_holds_its_evidence(written: Written) -> None:
    with pikepdf.open(written("pv-recette") / "pv-recette.pdf") as pdf:
        evidence = {name: spec.get_file().read_bytes() for name, spec in pdf.attachments.items() if "pv-" not in name}
    assert evidence == {"eap.txt": EAP, "ports.json": PORTS}


@pytest.mark.parametrize("names", [KEPT, pytest.param(NAMES, marks=pytest.mark.story)], ids=["some", "each"])
def test_checkers_find_no_error(written: Written, names: list[str]) -> None:
    paths = [str(written(name) / f"{name}.pdf") for name in names]
    outloud = [str(Path(sys.executable).with_name("outloud")), "--fail-on", "warning"]
    for command in (*(["qpdf", "--check", path] for path in paths), [*outloud, *paths]):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_same_document_gives_the_same_bytes(made: dict[str, Document]) -> None:
    fiche = made["fiche-site"]
    assert as_pdf(fiche) == as_pdf(fiche)
    assert as_page(fiche) == as_page(fiche)


@pytest.mark.parametrize("name", EVERY)
def test_the_page_is_static_and_has_its_landmarks(written: Written, name: str) -> None:
    page = html.parse(written(name) / f"{name}.html").getroot()
    assert page.get("lang") == "fr"
    assert len(page.findall(".//h1")) == 1
    assert page.xpath("//script | //link | //img | //iframe | //*[@onclick]") == []
    # A letter is short: it has no summary to jump from.
    letter = next(kind.letter for kind in (*KINDS, *TOWN_KINDS, *PARTY_KINDS) if kind.name == name)
    landmarks = [len(page.findall(f".//{part}")) for part in ("header", "nav", "main", "footer")]
    assert landmarks == [1, 0 if letter else 1, 1, 1]
    assert '.boxes { list-style-type: "☐' in page.find(".//style").text
    # Nobody ticks what a letter says.
    assert not (letter and page.xpath("//*[@class='boxes']"))
    skip = page.find(".//a[@class='skip']")
    assert page.get_element_by_id(skip.get("href").removeprefix("#")).tag == "main"
    for table in page.findall(".//table"):
        assert table.get("aria-label") or table.find("caption").text_content()
        assert {cell.get("scope") for cell in table.iter("th")} <= {"col", "row"}
    identities = page.xpath("//@id")
    assert len(identities) == len(set(identities))


def test_a_layout_that_finds_no_end_has_its_drawings_where_the_text_has_them(
    made: dict[str, Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    real, placed = forms.typeset, []

    def typeset(source: Path, title: str, timestamp: int) -> bytes:
        data = json.loads(source.with_name("document.json").read_text(encoding="utf-8"))
        placed.append(any(section["placed"] for section in data["sections"]))
        if placed[-1]:
            raise forms.Unsettled(title)
        return real(source, title, timestamp)

    monkeypatch.setattr(forms, "typeset", typeset)
    assert as_pdf(made["fiche-site"]).startswith(b"%PDF")
    assert placed == [True, False]


def test_every_page_of_a_specimen_says_so(made: dict[str, Document]) -> None:
    fiche = made["fiche-site"]
    real = replace(fiche, origin=replace(ORIGIN, environment="production"))
    assert "SPÉCIMEN LABORATOIRE" in as_page(fiche)
    assert "SPÉCIMEN" not in as_page(real).upper().replace("É", "É")
    assert _banners(as_pdf(fiche)) == _pages(as_pdf(fiche)) > 1
    assert _banners(as_pdf(real)) == 0


def _pages(pdf: bytes) -> int:
    with pikepdf.open(BytesIO(pdf)) as opened:
        return len(opened.pages)


def _banners(pdf: bytes) -> int:
    """Count the pages that paint the red band of the header."""
    with pikepdf.open(BytesIO(pdf)) as opened:
        contents = [page.Contents.read_bytes() for page in opened.pages]
    red = re.compile(rb"0\.607\d* 0\.109\d* 0\.109\d* (?:rg|scn?)")
    return sum(bool(red.search(content.split(b"BT")[0])) for content in contents)


def test_what_is_declared_never_becomes_markup() -> None:
    about = subject()
    hostile = '<script>alert(1)</script> #panic() *x* $y$ & "z"'
    site = {**about.site, "name": hostile}
    fiche = document("fiche-site", replace(about, site=site))  # type: ignore[arg-type]
    page = as_page(fiche)
    assert "<script" not in page
    assert html.fromstring(page).find(".//h1").text == f"Fiche site – {hostile}"
    assert json.loads(fiche.data)["site"]["name"] == hostile
    with pikepdf.open(BytesIO(as_pdf(fiche))) as pdf:
        assert str(pdf.docinfo.Title) == f"Fiche site – {hostile}"


def test_evidence_of_one_name_from_several_folders_is_all_attached(made: dict[str, Document], tmp_path: Path) -> None:
    proofs = []
    for rank, name in enumerate(("ports.json", "ports.json", "ports-2.json", "document.json", "pv-recette.json")):
        proofs.append(tmp_path / str(rank) / name)
        proofs[-1].parent.mkdir()
        proofs[-1].write_bytes(f"{rank}\n".encode())
    content = as_pdf(replace(made["pv-recette"], evidence=tuple(proofs)))
    with pikepdf.open(BytesIO(content)) as pdf:
        files = {name: file.get_file().read_bytes() for name, file in pdf.attachments.items()}
    assert files.pop("pv-recette.json") == made["pv-recette"].data
    assert sorted(files.values()) == [f"{rank}\n".encode() for rank in range(5)]


def test_names_that_differ_by_their_capitals_are_two_files_everywhere() -> None:
    paths = [Path("a/ports.json"), Path("b/Ports.json"), Path("c/PORTS.json"), Path("d/document.json")]
    named = distinct(paths, {"Document.json"})
    assert [*named.values()] == paths
    assert len({name.casefold() for name in named} | {"document.json"}) == 5
