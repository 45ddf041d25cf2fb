"""The three forms of a document: data, accessible page, PDF to keep (PDF/A-3a, PDF/UA-1)."""

from __future__ import annotations

import base64
import json
import mimetypes
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from functools import cache
from itertools import chain, count
from pathlib import Path
from typing import Any

from piste.engine.converge.errors import PisteError
from piste.engine.converge.private import write_shared
from piste.engine.templates import page_template
from piste.engine.words import agreed
from piste.papers.dossier import notation
from piste.papers.dossier.blocks import (
    MISSING,
    Column,
    Gap,
    Section,
    Signatures,
    Table,
    Text,
    french,
    optional,
    printed,
)
from piste.papers.dossier.decision import approval, history
from piste.papers.dossier.document import Document
from piste.papers.dossier.glyphs import in_fonts
from piste.papers.dossier.layout import lay_out
from piste.papers.drawings.canvas import dark_rules

TEMPLATES = Path(__file__).with_name("templates")
DARK = dark_rules(".drawn ")
"""The style of drawings for who reads in the dark."""
WIDTHS = "".join(f".w-{part}{{width:{part}%}}" for part in range(1, 101))
"""The widths of columns, in percent, as classes: a server that refuses the style of an element keeps them."""
OPENING = """<!DOCTYPE html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; \
base-uri 'none'; form-action 'none'">"""
"""The first bytes of every page: no script runs after them, whatever comes."""
PNG = b"\x89PNG\r\n\x1a\n"


class NotTypeset(PisteError):
    """A document could not be typeset as PDF."""

    code = "PISTE-E072"


class Unsettled(NotTypeset):
    """Places that depend on each other found no end: numbers of pages would be wrong."""


def write(document: Document, folder: Path) -> list[Path]:
    """Write a document as `<name>.json`, `<name>.html` and `<name>.pdf`; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    content = _content(document)
    forms = {"json": document.data, "html": _page_of(content).encode(), "pdf": _pdf_of(document, content)}
    paths = [folder / f"{document.name}.{extension}" for extension in forms]
    for path, form in zip(paths, forms.values(), strict=True):
        write_shared(path, form)
    return paths


def as_page(document: Document) -> str:
    """Render a document as a static page of HTML, without script, in a single file."""
    return _page_of(_content(document))


def _page_of(content: dict[str, Any]) -> str:
    style = (TEMPLATES / "document.css").read_text(encoding="utf-8") + f"{DARK}\n{WIDTHS}\n"
    return str(page_template("document.html", TEMPLATES).render(d=content, style=style, opening=OPENING))


def as_pdf(document: Document) -> bytes:
    """Typeset a document as PDF/A-3a and PDF/UA-1, with its data and its evidence attached.

    The same document gives the same bytes. Raises NotTypeset.
    """
    return _pdf_of(document, _content(document))


def as_slides(document: Document, slides: Iterable[Section]) -> bytes:
    """Typeset slides of 16:9, a section each, with the data of a document. Raises NotTypeset."""
    return _pdf_of(document, _content(replace(document, sections=tuple(slides), letter=True)), "slides.typ")


def _pdf_of(document: Document, content: dict[str, Any], template: str = "document.typ") -> bytes:
    """Typeset the plain data of a document, and change them on the way."""
    with tempfile.TemporaryDirectory() as made:
        place = Path(made)
        content["together"] = lay_out(content["sections"])
        for section in content["sections"]:
            for block in section["blocks"]:
                if block["kind"] == "figure":
                    block["file"] = f"{block['key']}.svg"
                    # Naming a font that typst has spares it a search for each text.
                    svg = block.pop("svg").replace('font-family="sans-serif"', 'font-family="Libertinus Serif"', 1)
                    (place / block["file"]).write_text(in_fonts(svg, "\N{REPLACEMENT CHARACTER}"), encoding="utf-8")
        if content["logo"]:
            (place / content["logo"]["file"]).write_bytes(document.origin.identity.logo)  # type: ignore[union-attr]
        content["attachments"] = [_attached(document, path) for path in _attachments(document, place)]
        source = Path(shutil.copy(TEMPLATES / template, place))
        moment = int(document.date.timestamp())
        try:
            return typeset(_with_data(source, content), document.title, moment)
        except Unsettled:
            # Where no place of the drawings holds, each is where the text has it.
            for section in content["sections"]:
                section["placed"] = False
            return typeset(_with_data(source, content), document.title, moment)


def _with_data(source: Path, content: Mapping[str, Any]) -> Path:
    """Write beside a source the data that it reads."""
    plain = in_fonts(json.dumps(content, ensure_ascii=False))
    source.with_name("document.json").write_text(plain, encoding="utf-8")
    return source


def typeset(source: Path, title: str, timestamp: int) -> bytes:
    """Typeset a source as PDF/A-3a and PDF/UA-1. Raises NotTypeset, Unsettled."""
    import typst

    try:
        result, warnings = typst.compile_with_warnings(
            source,
            format="pdf",
            pdf_standards=["a-3a", "ua-1"],
            font_paths=_fonts(),
            timestamp=timestamp,
        )
    except typst.TypstError as error:
        raise NotTypeset(
            f"{title} ne se compose pas en PDF",
            why=error.message,
            todo="Signalez ce défaut de Piste.",
        ) from error
    assert isinstance(result, bytes)
    if any("did not converge" in warning.message for warning in warnings):
        raise Unsettled(
            f"{title} ne se compose pas en PDF",
            why="la mise en page ne se fixe pas",
            todo="Signalez ce défaut de Piste.",
        )
    return result


@cache
def _fonts() -> Any:
    """Load the fonts of typst alone, once for all documents."""
    import typst

    return typst.Fonts(include_system_fonts=False)


def _attachments(document: Document, place: Path) -> Iterator[Path]:
    """Write in `place` the data of the document, then the evidence of its tests."""
    data = place / f"{document.name}.json"
    data.write_bytes(document.data)
    yield data
    taken = {"document.json", "document.typ", "slides.typ", *os.listdir(place)}
    for name, path in distinct(document.evidence, taken).items():
        yield Path(shutil.copy(path, place / name))


def distinct(files: Iterable[Path], taken: Collection[str] = ()) -> dict[str, Path]:
    """Name files of several folders that go into one: the second `ports.json` is `ports-2.json`.

    Names that differ by their capitals alone would be a single file on Windows.
    """
    named: dict[str, Path] = {}
    used = {name.casefold() for name in taken}
    for path in files:
        others = (f"{path.stem}-{rank}{path.suffix}" for rank in count(2))
        name = next(name for name in chain([path.name], others) if name.casefold() not in used)
        used.add(name.casefold())
        named[name] = path
    return named


def _attached(document: Document, path: Path) -> dict[str, str]:
    own = path.name == f"{document.name}.json"
    return {
        "path": path.name,
        "relationship": "data" if own else "supplement",
        "mime": mimetypes.guess_type(path.name)[0] or "application/octet-stream",
        "description": "Données du document" if own else f"Preuve : {path.name}",
    }


def _content(document: Document) -> dict[str, Any]:
    """Give the plain data that both templates read."""
    origin, about = document.origin, document.about
    sections = [*document.sections, *(() if document.letter else _closing(document))]
    return {
        "title": french(document.title),
        "subtitle": french(f"{about.subtitle}, le {document.date:%d/%m/%Y}" if document.letter else about.subtitle),
        "author": french(about.town),
        "description": french(f"{document.kind} : {about.name}"),
        "specimen": origin.specimen,
        "date": {"year": document.date.year, "month": document.date.month, "day": document.date.day},
        "reference": french(_reference(document)),
        "identity": [] if document.letter else [(label, french(value)) for label, value in _identity(document)],
        "letter": document.letter,
        "logo": _logo(document),
        "headline": _headline(document),
        "summary": [] if document.letter else [french(line) for line in _summary(document)],
        "sections": [printed(section) for section in sections],
        "attachments": [],
    }


def _headline(document: Document) -> dict[str, Any] | None:
    cell = document.headline
    return asdict(replace(cell, text=french(cell.text))) if cell else None


def _reference(document: Document) -> str:
    known = document.identity
    name = f"{known['reference']}, version {known['version']}" if known else f"{document.name} {document.about.id}"
    return f"{name}, {notation.moment(document.date.isoformat())}"


def _identity(document: Document) -> Iterator[tuple[str, str]]:
    """Give the labels and values that stand beneath the title."""
    known = document.identity
    if known is None:
        return
    yield "Référence", known["reference"]
    yield "Version", known["version"]
    yield "Marché", f"{known['market'] or f'numéro {MISSING}'}, lot {known['lot'] or MISSING}"
    town, holder = known["town"] or f"la Ville (nom {MISSING})", known["holder"] or f"le titulaire (nom {MISSING})"
    yield "Entre", f"{town} et {holder}"
    yield "Établi par", known["author"]
    yield "Approuvé par", f"{known['approver']} ({known['approved_by'] or f'nom {MISSING}'})"


def _logo(document: Document) -> dict[str, str] | None:
    """Give the logo as an image of data, which runs no script wherever it comes from."""
    content = document.origin.identity.logo if document.origin.identity else b""
    if not content:
        return None
    sort = "png" if content.startswith(PNG) else "svg+xml"
    return {
        "source": f"data:image/{sort};base64,{base64.b64encode(content).decode()}",
        "file": f"logo.{sort[:3]}",
        "alt": french(f"Logo : {document.about.town}"),
    }


def _summary(document: Document) -> Iterator[str]:
    """Say the date of the document, and the number of its gaps."""
    gaps = document.gaps
    mandatory, missing = notation.number(gaps.mandatory), len(gaps.missing)
    yield f"Établi le {notation.moment(document.date.isoformat())}."
    if document.headline and gaps.mandatory and not missing:
        yield f"Les {mandatory} champs obligatoires ont une valeur."
    elif missing:
        yield f"{agreed(missing, 'champ(s) obligatoire(s)')} à renseigner, sur {mandatory}."
    elif not gaps.mandatory:
        pass
    elif gaps.to_confirm:
        yield f"Non confirmé : les {mandatory} champs obligatoires ont une valeur, mais toutes ne sont pas confirmées."
    else:
        yield f"Complet : les {mandatory} champs obligatoires sont renseignés."
    if gaps.to_confirm:
        yield f"{agreed(len(gaps.to_confirm), 'donnée(s)')} d’exemple à confirmer."


def _closing(document: Document) -> Iterator[Section]:
    """The sections that end every document: its approval, gaps, versions, origin."""
    gaps, origin = document.gaps, document.origin
    signed = any(isinstance(block, Signatures) for section in document.sections for block in section.blocks)
    if document.identity and not signed and not document.published:
        yield approval(document.identity)
    if gaps.missing:
        yield Section("missing", "À renseigner", [_gaps("missing", "Champs obligatoires à renseigner", gaps.missing)])
    if gaps.to_confirm:
        yield Section("to-confirm", "À confirmer", [_gaps("to_confirm", "Données à confirmer", gaps.to_confirm)])
    if document.identity:
        yield history(document.identity["history"])
    dirty = "" if origin.clean or not origin.commit else ", avec des modifications non validées"
    said = [
        ("Date", notation.moment(document.date.isoformat())),
        ("environnement", notation.environment(origin.environment)),
        ("commit", f"{origin.commit or 'hors dépôt'}{dirty}"),
        ("empreinte de la déclaration", origin.declaration),
        ("outils", ", ".join(f"{name} {version}" for name, version in origin.tools.items())),
    ]
    yield Section("origin", "Provenance", [Text(" ; ".join(f"{what} : {value}" for what, value in said) + ".")])


def _once(names: Iterable[str]) -> Iterator[str]:
    """Write each name once, with its count."""
    yield from (f"{name} ({times} fois)" if times > 1 else name for name, times in Counter(names).items())


def _gaps(key: str, caption: str, gaps: Sequence[Gap]) -> Table:
    """List the places of gaps, a row a subject and a column of it."""
    places: dict[tuple[str, str], list[str]] = {}
    for gap in gaps:
        places.setdefault((gap.where, gap.column), []).append(gap.what or gap.where)
    return Table.of(
        key,
        caption,
        places.items(),
        lambda place: " : ".join(place[0]),
        (Column("where", "Où", 2), lambda place: optional(" : ".join(filter(None, place[0])))),
        (Column("what", "Quoi", 4), lambda place: optional(" ; ".join(_once(place[1])))),
        (Column("count", "Nombre"), lambda place: optional(len(place[1]))),
    )
