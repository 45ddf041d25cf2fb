"""The portal as files: pages that ask nothing of elsewhere, a style, a script that filters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from piste.engine.templates import page_template
from piste.exports.portal import search
from piste.exports.portal.page import EDITIONS, FIRST, LEGAL, Audience, Group, Page, Part, is_inside
from piste.exports.portal.places import TEMPLATES
from piste.papers.dossier import forms
from piste.papers.dossier.blocks import Section, french, printed

STYLE, SCRIPT = "portail.css", "recherche.js"


def files(
    pages: Sequence[Page], audience: Audience, *, town: str, specimen: bool, origin: str
) -> Iterator[tuple[str, bytes]]:
    """Yield the path and content of each file of an edition; equal pages give equal bytes."""
    menu = [{"path": page.path, "title": french(page.menu)} for page in pages if page.menu]
    searched = any(page.path == search.PATH for page in pages)
    for page in pages:
        content: Mapping[str, Any] = {
            "path": page.path,
            "title": french(page.title),
            "lead": french(page.lead),
            "town": french(town),
            "edition": EDITIONS[audience],
            "specimen": specimen,
            "root": "../" * page.depth,
            "menu": menu,
            "crumbs": [*_crumbs(page, pages)],
            "search": search.PATH if searched else "",
            "scripted": page.path == search.PATH,
            "groups": [*_groups(page)],
            "origin": origin,
            "accessibility": _accessibility(pages),
            "legal": LEGAL if any(page.path == LEGAL for page in pages) else "",
        }
        yield page.path, str(page_template("portal.html", TEMPLATES, forms.TEMPLATES).render(p=content)).encode()
        if page.path.startswith(search.LISTS):
            yield page.path.removesuffix("html") + "js", search.script(page)
    # The widths are before the narrow screens, which take them off.
    yield STYLE, f"{forms.WIDTHS}\n{(TEMPLATES / STYLE).read_text('utf-8')}{forms.DARK}\n".encode()
    if searched:
        yield SCRIPT, (TEMPLATES / SCRIPT).read_bytes()


def _crumbs(page: Page, pages: Sequence[Page]) -> Iterator[dict[str, str]]:
    """Yield the pages that a page is under, the first page first."""
    known = {each.path: each for each in pages}
    above: list[Page] = []
    here = page
    while here.path != FIRST and (over := known.get(here.above)) and over not in above:
        above.append(over)
        here = over
    yield from ({"path": each.path, "title": french(each.menu or each.title)} for each in reversed(above))


def _groups(page: Page) -> Iterator[dict[str, Any]]:
    """Yield the entries of the contents of a page: a group with its sections, or a section."""
    grouped: dict[Group | str, list[Part]] = {}
    for part in page.parts:
        grouped.setdefault(part.group or part.section.key, []).append(part)
    for group, parts in grouped.items():
        sections = [_plain(part.section, page.depth) for part in parts]
        if isinstance(group, Group):
            yield {"key": group.key, "title": french(group.title), "sections": sections, "titled": True}
        else:
            yield {"key": sections[0]["key"], "title": sections[0]["title"], "sections": sections, "titled": False}


def _accessibility(pages: Sequence[Page]) -> str:
    """Word the link that each page must have to the declaration (RGAA, obligations)."""
    page = next((page for page in pages if page.path == "accessibilite.html"), None)
    return french(f"Accessibilité : {page.lead[0].lower()}{page.lead[1:]}") if page and page.lead else ""


def _plain(section: Section, depth: int) -> dict[str, Any]:
    """Give the plain data of a section, whose links lead from the folder of the page."""
    root = "../" * depth

    def moved(cell: dict[str, Any]) -> dict[str, Any]:
        return {**cell, "link": root + cell["link"]} if cell["link"] and is_inside(cell["link"]) else cell

    plain = printed(section)
    for block in plain["blocks"]:
        for row in block.get("rows") or ():
            row["cells"] = [moved(cell) for cell in row["cells"]]
        for fact in block.get("facts") or ():
            fact["cell"] = moved(fact["cell"])
    return plain
