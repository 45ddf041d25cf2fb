"""The table of parity of the Macs with the other computers (CCTP 3.5.2.3, 4.3.3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from piste.papers.dossier.blocks import Cell, Column, Fact, Facts, Mark, Section, Table, Text, optional, required
from piste.papers.dossier.life.paper import Paper
from piste.town.model.forms import Record
from piste.town.model.parity import DerivedParity, Parity

PARITY: Mapping[Parity, tuple[str, Mark]] = {
    "same": ("✓ comme les autres", "good"),
    "other_means": ("✓ par un autre moyen", "good"),
    "missing": ("✗ manque", "bad"),
}


class MacParityTable(Record):
    """The Macs of the town, by site, and the needs of their users."""

    macs: dict[str, int]
    needs: list[DerivedParity]


def parity_sections(record: MacParityTable, paper: Paper[MacParityTable]) -> Iterator[Section]:
    """Print the table."""
    counts = Counter(need["parity"] for need in record.needs)
    sites = ", ".join(f"{site} ({count})" for site, count in record.macs.items())
    covered = counts["same"] + counts["other_means"]
    facts = [
        Fact("macs", "Mac en service", required(sum(record.macs.values()))),
        Fact("sites", "Sites", optional(sites)),
        Fact("covered", "Besoins couverts", required(f"{covered} sur {len(record.needs)}")),
    ]
    words = "Un besoin que les Mac n’ont pas reste écrit : la qualité de service doit être équivalente (CCTP 4.3.3)."
    yield Section("object", "Objet", [Facts("Les Mac de la Ville", facts), Text(words)])
    table = Table.of(
        "needs",
        "Parité, besoin par besoin",
        record.needs,
        lambda need: need["id"],
        (Column("need", "Besoin", 3), lambda need: need["need"]),
        (Column("others", "Autres postes", 3), lambda need: need["others"]),
        (Column("mac", "Mac", 3), lambda need: optional(need["mac"])),
        (Column("parity", "Parité", 2), lambda need: Cell(*PARITY[need["parity"]])),
        (Column("cctp", "CCTP"), lambda need: need["cctp"]),
        status=lambda need: need["status"],
        required=True,
    )
    yield Section("needs", "Parité", [table])
