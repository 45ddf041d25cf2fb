"""Each population has its VLAN, its Wi-Fi, its group policies, and reaches what is declared."""

from __future__ import annotations

import shutil
from pathlib import Path

from piste.sites.flows import Picture, declared_rules
from piste.sites.populations import Population, populations
from piste.town import declared
from tests.unit.model.broken_town import Copy
from tests.unit.repository.tree import ROOT


def every() -> dict[tuple[str, str], Population]:
    town = declared.rule()
    return {(here.site, here.segment): here for here in populations(town, Picture(town, declared_rules(town)))}


def test_the_matrix_of_populations_has_vlan_wifi_policies_and_reach() -> None:
    known = every()
    assert len({here.vlan for here in known.values()}) == len(known) > 100
    agents, public = known["mediatheque", "utilisateurs"], known["mediatheque", "public"]
    assert (agents.ssids, agents.carrier) == (("VLB-Agents", "VLB-Metier"), "core")
    assert agents.policies[:2] == ("Socle commun", "Socle administration")
    assert "Socle libre accès" in public.policies
    assert public.policies[0] == "Socle commun"
    assert known["mediatheque", "invites"].policies == ()
    assert {name for row in agents.reaches for name in row.destinations} >= {"controleurs", "hdv-imp1", "internet"}
    assert not [here for here in known.values() if here.zone == "invite" for row in here.reaches
                if set(row.destinations) - {"internet", "resolveur"}]  # fmt: skip


def reaching_the_police(known: dict[tuple[str, str], Population]) -> set[str]:
    """Name the sites whose populations reach the computers of the police, by any name."""
    holding = {"utilisateurs@police-municipale", "utilisateurs@every", "utilisateurs@elsewhere", "ville"}
    elsewhere = {place: here for place, here in known.items() if place[0] != "police-municipale"}
    return {site for (site, _), here in elsewhere.items() for row in here.reaches if holding & {*row.destinations}}


def test_no_population_reaches_the_computers_of_the_police(tmp_path: Path) -> None:
    known = every()
    assert known["police-municipale", "utilisateurs"].carrier == "ngfw"
    assert reaching_the_police(known) == set()
    for name in ("group_vars", "inventories/town"):
        shutil.copytree(ROOT / name, tmp_path / name, symlinks=True)
    copy, sites = Copy(tmp_path), sorted({site for site, _ in known})
    copy.edit("inventories/town/host_vars/police-municipale.yml", "carrier: ngfw", "carrier: core")
    copy.edit("group_vars/all/segmentation.yml", ", utilisateurs@police-municipale]", "]")
    said = ", ".join(f"{site}: {{why: essai, permanent: essai}}" for site in sites)
    copy.edit("group_vars/all/segmentation.yml", "unfiltered: {}", f"unfiltered: {{{said}}}")
    town = copy.load()
    open_ = {(here.site, here.segment): here for here in populations(town, Picture(town, declared_rules(town)))}
    assert len(reaching_the_police(open_)) > 10
