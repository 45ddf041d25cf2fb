"""Load of the firewall: it is counted before segments move, and what nobody says is named."""

from __future__ import annotations

import pytest

from piste.town.model import Town
from piste.town.model.routing.load import FirewallLoad, say_load
from tests.unit.model.broken_town import ALL, Case, Copy, check, host

HARDWARE, FLOWS, SEGMENTS, ROUTING = ALL + "hardware.yml", ALL + "flows.yml", ALL + "segments.yml", ALL + "routing.yml"
MODEL, INSPECTED = "model: NGFW 1101", "inspection: {mbps: 1000000, source: essai}"
SERVERS = "offset: 2, zone: interne, gateway: ngfw, expected_mbps: 40,"


def load_of(town: Town) -> FirewallLoad:
    assert town.commune is not None
    load = town.commune["firewall_load"]
    assert load is not None
    return load


def test_the_load_of_the_firewall_counts_its_segments_and_its_interfaces(town: Town) -> None:
    load = load_of(town)
    carried = [
        f"{key}@{name}"
        for name, site in town.sites.items()
        for key, segment in site["segments"].items()
        if segment["gateway_device"] == "ngfw" and site["lifecycle"] in ("open", "closing")
    ]
    assert (load["vlans"], load["interfaces"], load["expected_mbps"]) == (len(carried) + 1, 2, 40 * len(carried))
    assert "utilisateurs@police-municipale" in carried
    assert say_load(load) == (
        f"fw-hdv (NGFW 1101) : 2 interfaces sur 8, {len(carried) + 1} VLAN, "
        f"{40 * len(carried)} Mbit/s attendus pour 1000000 Mbit/s inspectés (essai) ; tenu."
    )


def test_a_site_without_a_declared_traffic_counts_for_its_links_at_most(copy: Copy) -> None:
    """The links are an upper bound: they prove that it holds, never that it does not."""
    copy.edit(SEGMENTS, "offset: 7, zone: interne, gateway: ngfw, expected_mbps: 40,",
              "offset: 7, zone: interne, gateway: ngfw,")  # fmt: skip
    copy.edit(HARDWARE, INSPECTED, "inspection: {mbps: 40000, source: essai}")
    unknown = load_of(copy.load())
    assert unknown["unsaid"] == ["surete@hotel-de-ville", "surete@ctm", "surete@police-municipale"]
    assert (unknown["verdict"], unknown["most_mbps"]) == ("unknown", None), "no link from the site of the core"
    copy.edit(host("hotel-de-ville"), "  surete:\n", "  surete:\n    expected_mbps: 100\n")
    made = copy.load()
    known = load_of(made)
    far = [link for name in ("ctm", "police-municipale") for link in made.sites[name]["premises"]["links"]]
    links = sum(link["rate_mbps"] or 0 for link in far)
    assert (known["verdict"], known["most_mbps"]) == ("holds", known["expected_mbps"] + 2 * links), "both directions"
    copy.edit(HARDWARE, "mbps: 40000", f"mbps: {known['expected_mbps'] + 2 * links - 1}")
    assert load_of(copy.load())["verdict"] == "unknown"


CASES = [
    Case(
        "more than the model inspects, more interfaces than it has",
        [
            (HARDWARE, "ports: 8, " + INSPECTED, "ports: 1, inspection: {mbps: 1000, source: fiche du 3 mars 2026}"),
        ],
        [("M220", "hardware[NGFW 1101]", HARDWARE, "  NGFW 1101")],
        ["2 interfaces pour 1", "1040 Mbit/s attendus, pour 1000 inspectés (fiche du 3 mars 2026)"],
    ),
    Case(
        "a model without figures, segments without a declared traffic",
        [(HARDWARE, ", ports: 8, " + INSPECTED, ""), (SEGMENTS, SERVERS, SERVERS.replace(" expected_mbps: 40,", ""))],
        [("M221", "hardware[NGFW 1101]", HARDWARE, "  NGFW 1101")],
        ["le nombre de ses interfaces n’est pas dit", "le débit qu’il inspecte n’est pas dit",
         "sans débit attendu (expected_mbps) : serveurs@hotel-de-ville"],
    ),
    Case(
        "a firewall whose model nobody says",
        [(FLOWS, f", {MODEL}", "")],
        [("M221", "firewall.engines", FLOWS, "  engines:")],
        ["fw-hdv, 27 VLAN : son modèle n’est pas dit"],
    ),
    Case(
        "a model that nothing declares",
        [(FLOWS, MODEL, "model: NGFW 1102")],
        [("M033", "firewall.engines[1].model", FLOWS, "  engines:"),
         ("M221", "firewall.engines", FLOWS, "  engines:")],
        ["Vouliez-vous dire « NGFW 1101 » ?"],
    ),
    Case(
        "a switch in place of a firewall, a firewall in place of a switch",
        [
            (FLOWS, MODEL, "model: MS425-32"),
            (host("ecole-jaures"), "switches:\n", "awaited_devices: {NGFW 1101: 1}\nswitches:\n"),
        ],
        [("M033", "firewall.engines[1].model", FLOWS, "  engines:"),
         ("M033", "sites[ecole-jaures].awaited_devices[NGFW 1101]", host("ecole-jaures"), "awaited_devices"),
         ("M221", "hardware[MS425-32]", HARDWARE, "  MS425-32")],
        ["MS425-32 n’est pas un pare-feu"],
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_firewall_that_does_not_carry_its_segments_or_is_not_known_to_is_named(case: Case, copy: Copy) -> None:
    check(copy, case)
