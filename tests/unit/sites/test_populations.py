"""Each population has its VLAN, its Wi-Fi, its group policies, and reaches what is declared."""

from __future__ import annotations

from piste.sites.flows import Picture, declared_rules
from piste.sites.populations import Population, populations
from piste.town import declared


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


def test_no_population_reaches_the_computers_of_the_police() -> None:
    known = every()
    police = known["police-municipale", "utilisateurs"]
    assert police.carrier == "ngfw"
    for here in known.values():
        for row in here.reaches:
            named = [name for name in row.destinations if name == "utilisateurs@police-municipale"]
            assert not named, (here.site, here.segment, row)
