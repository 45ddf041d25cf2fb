"""Write the operating dossiers by domain as pages of text, from the declaration."""

from __future__ import annotations

from piste.commands.validate import INVENTORY
from piste.papers.dossier.operations_text import DOCS, pages
from piste.town.town import load_town

if __name__ == "__main__":
    DOCS.mkdir(exist_ok=True)
    for page in pages(load_town(INVENTORY)):
        page.path.write_text(page.text, "utf-8")
