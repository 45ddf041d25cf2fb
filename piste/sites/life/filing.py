"""The papers of the life of the assets, each in its folder; the index of the lots."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from piste.engine.cells import write as write_table
from piste.engine.words import agreed
from piste.papers.dossier.document import Kind, make
from piste.papers.dossier.forms import write
from piste.papers.dossier.life.kinds import DELIVERY, ERASURE, LOT, MAC_PARITY, SWITCHED_OFF
from piste.papers.dossier.life.paper import Paper
from piste.papers.dossier.life.switched_off import SwitchedOff
from piste.runs.records.chain import journal_folder
from piste.runs.records.journal import newest
from piste.sites.dossiers import origin
from piste.sites.life import papers
from piste.sites.life.off import switched_off
from piste.sites.verified import folder as verifications
from piste.town.model import Town
from piste.town.model.life.history import orders
from piste.town.model.lots.derived import DerivedLot

INDEX, OFF = "lots-clients-legers.csv", "moins-value.csv"
LOT_COLUMNS = (
    "lot", "label", "site", "planned_on", "deployed_on", "state", "thin_clients", "replaces", "study_on", "study_by",
    "verdict", "status", "document",
)  # fmt: skip


PAPERS = ("delivery", "erasure", "lot", "off", "parity")
"""The papers that are asked for by name (`piste asset report`)."""


def file_papers(
    town: Town, name: str, wanted: Sequence[str], environment: str, out: Path, tests: Path | None = None
) -> Iterator[str]:
    """Write the papers of a kind, all where none is `wanted`; say each. Raises as `papers` does."""
    verified, source = papers.Verified(tests or verifications(environment)), origin(town, environment)
    kind, made = _gathered(town, name, wanted, environment, verified)
    for paper in made:
        document = make(kind, paper, source)
        write(document, out / paper.id)
        missing = len(document.gaps.missing)
        state = f"{agreed(missing, 'champ(s)')} à renseigner" if missing else "complet"
        yield f"{out / paper.id / kind.name}.pdf, .html, .json : {state}"
        if kind is SWITCHED_OFF:
            count = write_table(out / OFF, list(SwitchedOff.model_fields), map(dict, paper.content.items))
            yield f"{out / OFF} : {agreed(count, 'équipement(s)')}"
    if kind is LOT:
        yield f"{out / INDEX} : {agreed(write_table(out / INDEX, LOT_COLUMNS, index(town)), 'lot(s)')}"


def _gathered(
    town: Town, name: str, wanted: Sequence[str], environment: str, verified: papers.Verified
) -> tuple[Kind[Any], Iterable[Paper[Any]]]:
    if name == "delivery":
        chosen = wanted or orders(town.history)
        return DELIVERY, [papers.delivery(town, order, papers.Verified(verified.folder)) for order in chosen]
    if name == "erasure":
        known = {asset["name"] for asset in town.assets}
        erased = dict.fromkeys(e.asset for e in town.history if e.action == "erase" and e.asset in known)
        return ERASURE, [papers.erasure(town, asset) for asset in wanted or erased]
    if name == "lot":
        ready = [lot["id"] for lot in lots(town) if lot["state"] in ("ready", "deployed")]
        return LOT, [papers.lot(town, lot, papers.Verified(verified.folder)) for lot in wanted or ready]
    if name == "parity":
        return MAC_PARITY, [papers.parity(town)]
    return SWITCHED_OFF, [switched_off(town, newest(journal_folder(), environment))]


def lots(town: Town) -> list[DerivedLot]:
    """List the lots of the sites that the town has."""
    listed = town.commune["thin_client_lots"] if town.commune else []
    return [lot for lot in listed if lot["site"] in town.sites]


def index(town: Town) -> Iterator[Mapping[str, Any]]:
    """Give a row a lot; a lot without a study has a row, and no document."""
    for lot in lots(town):
        study = lot["study"]
        yield {
            **lot,
            "lot": lot["id"],
            "thin_clients": len(lot["thin_clients"]),
            "replaces": len(lot["replaces"]),
            "study_on": study["made_on"] if study else None,
            "study_by": study["by"] if study else None,
            "verdict": study["verdict"] if study else None,
            "document": f"{lot['id']}/{LOT.name}.pdf" if lot["state"] in ("ready", "deployed") else None,
        }
