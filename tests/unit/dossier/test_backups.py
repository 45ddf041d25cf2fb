"""The plan of backups: families by return, their sets, what is lacking is seen."""

from __future__ import annotations

from dataclasses import replace

from piste.papers.dossier.backups import backup_plan, sections
from piste.papers.dossier.blocks import Table, gaps
from piste.papers.dossier.reversibility_plan import read_plan
from piste.papers.dossier.subject import Commune
from tests.support.dossier import town


def subject(**changed: object) -> Commune:
    whole = town()
    assert whole.commune
    protection = {**whole.commune["protection"], **changed}
    return Commune(replace(whole, commune={**whole.commune, "protection": protection}), read_plan())  # type: ignore[typeddict-item]


def tables(of: Commune) -> dict[str, Table]:
    blocks = [block for section in sections(backup_plan(of), of) for block in section.blocks]
    return {block.key: block for block in blocks if isinstance(block, Table)}


def test_families_come_by_return_with_their_sets() -> None:
    printed = tables(subject())
    order = [row.key for row in printed["families"].rows]
    assert order[:2] == ["bases", "identite"]
    assert order[-1] == "hors-prod"
    texts = [str(cell) for cell in printed["families"].rows[0].cells]
    assert any("3-2-1, immuable" in text for text in texts)
    assert {row.key for row in printed["sets-bases"].rows} == {"hdv-sql1", "hdv-glpi1", "base-glpi"}


def test_a_family_without_a_store_is_a_gap() -> None:
    whole = town()
    assert whole.commune
    families = [{**family, "stores": []} for family in whole.commune["protection"]["families"]]
    of = subject(families=families)
    missing = [gap.label for gap in gaps(tuple(sections(backup_plan(of), of))).missing]
    assert len(missing) == len(families)


def test_families_have_their_french_names() -> None:
    printed = tables(subject())
    names = [row.cells[0].text for row in printed["families"].rows]
    assert {"identité", "hors production", "Microsoft 365", "bases"} <= {*names}
    assert printed["sets-identite"].caption.startswith("Famille identité : ")
