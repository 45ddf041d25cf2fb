"""Drawings of the declared sites: same bytes, content of their tables, no text over another."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from piste.engine.words import NO_BREAK, in_french
from piste.papers.dossier.blocks import Block, Drawing, Table
from piste.papers.dossier.drawn.cabling import cabling
from piste.papers.dossier.drawn.layer2 import layer2
from piste.papers.dossier.drawn.layer3 import layer3
from piste.papers.dossier.drawn.machines import Placed, cluster, machine_blocks
from piste.papers.dossier.drawn.panels import UNREAD, PortsRead, PortState, front_panel, link_cell
from piste.papers.dossier.drawn.racks import elevation_blocks
from piste.papers.dossier.drawn.reach import reach_blocks
from piste.papers.dossier.drawn.town import network_map, town_layer2, town_layer3
from piste.papers.dossier.subject import Subject
from piste.papers.drawings.canvas import Canvas
from piste.papers.drawings.panel import Socket, Use, panel
from piste.sites.crossings import crossings
from piste.sites.dossiers import declared
from piste.sites.flows import Picture, declared_rules
from piste.town.town import load_town
from tests.support.breadth import breadth
from tests.support.dossier import ROOT, commune, subject, town
from tests.support.drawn import faults, texts
from tests.support.towns import generated_town

GOLDEN = Path(__file__).with_name("cimetiere.svg")


def drawn(about: Subject) -> list[Drawing]:
    """Draw all of a site."""
    site, premises = about.site, about.site["premises"]
    models = {device["name"]: device["model"] for device in about.devices}
    blocks = [
        *layer2("site", site["name"], cabling(about)),
        *layer3("site", site),
        *elevation_blocks("site", premises["racks"], premises["ups"], models),
        *(
            front_panel(f"{rank}", device["name"], device["model"], device["ports"], about.named)
            for rank, device in enumerate(about.devices)
            if device["ports"]
        ),
    ]
    return [block for block in blocks if isinstance(block, Drawing)]


def test_no_site_has_a_text_over_another_or_a_key_twice() -> None:
    for name in town().sites:
        made = drawn(subject(name))
        assert {block.key: faults(block.svg) for block in made if faults(block.svg)} == {}, name
        assert len({block.key for block in made}) == len(made)


def test_a_drawing_is_the_file_that_is_kept() -> None:
    """A change of this file changes each drawing of the town: look before you keep it."""
    svg = drawn(subject("cimetiere"))[0].svg.replace("><", ">\n<") + "\n"
    if os.environ.get("PISTE_WRITE_PAGES"):
        GOLDEN.write_text(svg, "utf-8")
    assert svg == GOLDEN.read_text("utf-8")


def test_another_process_with_another_seed_draws_the_same() -> None:
    code = (
        "from tests.unit.drawings.test_site import drawn\nfrom tests.support.dossier import subject\n"
        "print(*(block.svg for block in drawn(subject('hotel-de-ville'))), sep='\\n')"
    )
    seed = {**os.environ, "PYTHONHASHSEED": "1" if os.environ.get("PYTHONHASHSEED") == "2" else "2"}
    other = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=seed, check=True, capture_output=True, text=True)
    assert other.stdout.splitlines() == [block.svg for block in drawn(subject("hotel-de-ville"))]


def test_the_hall_is_drawn_from_the_firewall_outwards() -> None:
    about = subject("hotel-de-ville")
    places = {place["name"]: (place["sort"], place["under"], place["known"]) for place in cabling(about)["places"]}
    assert places["fw-hdv"] == ("firewall", None, True)
    assert places["coeur-hdv"] == ("stack", "fw-hdv", True)
    assert places["sw-hdv-03"] == ("switch", "coeur-hdv", True)
    assert places["sw-hdv-04"] == ("switch", "coeur-hdv", False)
    assert places["nx-hdv-2"] == ("nexus", "coeur-hdv", True)
    assert places["ntnx-hdv-b"] == ("host", "nx-hdv-1", True)
    assert places["École Jean Jaurès"] == ("site", "coeur-hdv", True)
    assert places[""] == ("access_points", "coeur-hdv", False)


def test_a_cable_has_both_ends_ports_vlans_and_speed() -> None:
    cables = {(cable["near"], cable["far"]): cable for cable in cabling(subject("hotel-de-ville"))["cables"]}
    aggregate = cables["coeur-hdv", "sw-hdv-03"]
    assert aggregate["near_ports"] == ["sw-hdv-01/21", "sw-hdv-02/21"]
    assert aggregate["far_ports"] == ["sw-hdv-03/49", "sw-hdv-03/50"]
    school = cables["coeur-hdv", "École Jean Jaurès"]
    assert (school["near_ports"], school["vlans"], school["rate_mbps"], school["medium"]) == (
        ["sw-hdv-01/5"], "150,151,152,153,154,155", 1000, "Fibre monomode dédiée, Ineo",
    )  # fmt: skip
    assert cables["nx-hdv-1", "nx-hdv-2"]["far_ports"] == ["Ethernet1/47", "Ethernet1/48"]


def test_a_cable_that_nothing_declares_has_no_other_end() -> None:
    cables = [cable for cable in cabling(subject())["cables"] if cable["leads"] == "unknown"]
    assert [(cable["near"], cable["far"]) for cable in cables] == [
        ("Hôtel de ville", None), ("sw-jau-01", None), ("sw-jau-02", None), ("sw-jau-03", None),
    ]  # fmt: skip


def test_the_table_says_what_the_drawing_shows() -> None:
    about = subject()
    *drawings, table = layer2("site", about.site["name"], cabling(about))
    assert isinstance(table, Table)
    said = {cell.text for row in table.rows for cell in row.cells}
    shown = " ".join(box.text for block in drawings if isinstance(block, Drawing) for box in texts(block.svg))
    for device in ("sw-jau-01", "sw-jau-02", "sw-jau-03", "Hôtel de ville"):
        assert device in said
        assert device in shown
    assert {"25–28", "150–155", "sw-hdv-01/5"} <= said
    start = "départ\N{NO-BREAK SPACE}: sw-hdv-01/5"
    for text in ("liaisons 25–28", "VLAN 150–155", start, "6 bornes Wi-Fi", "ap-jau-01 à 06"):
        assert text in shown


def test_each_segment_is_drawn_with_its_gateway_and_its_zone() -> None:
    (drawing,) = layer3("site", subject().site)
    shown = " ".join(box.text for box in texts(drawing.svg))
    for segment in subject().site["segments"].values():
        for text in (segment["label"], f"VLAN {segment['vlan']}", segment["subnet"], segment["gateway"]):
            assert text in shown


def test_what_has_no_unit_is_listed_beside_its_rack_and_never_placed() -> None:
    site = subject("ccas").site
    (drawing,) = elevation_blocks("site", site["premises"]["racks"], site["premises"]["ups"], {})
    shown = [box.text for box in texts(drawing.svg)]
    assert "Rangs et hauteur non déclarés" in shown
    assert {"sw-ccas-01", "ups-ccas-1"} <= set(shown)
    assert not {"1", "2"} & set(shown)
    placed = subject("hotel-de-ville").site["premises"]
    (drawing,) = elevation_blocks("site", placed["racks"], placed["ups"], {})
    boxes = {box.text: box for box in texts(drawing.svg)}
    assert boxes["sw-hdv-01"].top < boxes["sw-hdv-02"].top < boxes["sw-hdv-03"].top < boxes["ups-hdv-1"].top
    assert "rang non déclaré" not in " ".join(boxes)


def test_the_map_of_the_town_has_each_site_by_kind_of_link() -> None:
    data = network_map(town())
    drawings = [block for block in town_layer2(data) if isinstance(block, Drawing)]
    shown = " ".join(box.text for block in drawings for box in texts(block.svg)).replace("\N{NO-BREAK SPACE}", " ")
    for site in town().sites.values():
        assert all(word in shown for word in in_french(site["name"]).split()), site["name"]
    assert "Fibre monomode dédiée, Ineo, 10 Gbit/s 2 sites" in shown
    assert "Liaison non déclarée 4 sites" in shown
    (table,) = [block for block in town_layer2(data) if isinstance(block, Table)]
    assert len(table.rows) == len(town().sites) - 1
    assert [faults(block.svg) for block in drawings if faults(block.svg)] == []


def test_the_map_of_the_routers_has_interfaces_and_zones() -> None:
    drawing, hops, zones = town_layer3(network_map(town()))
    assert isinstance(drawing, Drawing)
    assert isinstance(hops, Table)
    assert isinstance(zones, Table)
    shown = " ".join(box.text for box in texts(drawing.svg))
    assert {"10.93.240.1", "10.93.240.2", "192.0.2.2"} <= {row.cells[3].text for row in hops.rows}
    assert all(address in shown for address in ("10.93.240.1", "10.93.240.2", "192.0.2.2"))
    for row in zones.rows:
        assert f"{row.cells[2].text} segment" in shown
    assert faults(drawing.svg) == []


def test_a_link_to_another_site_than_the_core_is_under_that_site() -> None:
    data = network_map(town())
    (link,) = [link for link in data["links"] if link["site"] == "cimetiere"]
    link["to"] = "ccas"
    (drawing, *_) = town_layer2(data)
    assert isinstance(drawing, Drawing)
    boxes = {box.text: box for box in texts(drawing.svg)}
    assert boxes["Cimetière"].left > boxes["sociale (CCAS)"].right


def test_the_front_of_a_switch_has_each_port_with_its_use_and_its_vlan() -> None:
    switch = next(device for device in subject("hotel-de-ville").devices if device["name"] == "sw-hdv-03")
    drawing = front_panel("sw", switch["name"], switch["model"], switch["ports"], lambda end: end)
    boxes = texts(drawing.svg)
    shown = [box.text for box in boxes]
    assert {str(number) for number in range(1, 53)} <= set(shown)
    assert "MS210-48 · état des ports\N{NO-BREAK SPACE}: non lu" in shown
    assert shown.count("101+103") == 36
    assert any("49 vers coeur-hdv" in text and "50 vers coeur-hdv" in text for text in shown)
    assert "éteint\N{NO-BREAK SPACE}: port 48" in shown
    first, second, far = (next(box for box in boxes if box.text == number) for number in ("1", "2", "25"))
    assert first.left == second.left
    assert first.top < second.top < far.top
    assert faults(drawing.svg) == []


def test_a_use_of_ports_has_one_letter_and_one_colour_in_the_whole_town(monkeypatch: pytest.MonkeyPatch) -> None:
    signs: dict[str, set[tuple[str, int | None]]] = {}

    def noted(name: str, about: Sequence[str], sockets: Sequence[Socket], uses: Sequence[Use]) -> Canvas:
        for use in uses:
            signs.setdefault(use.words.partition(NO_BREAK)[0], set()).add((use.code, use.tint))
        assert {(socket.code, socket.tint) for socket in sockets} <= {(use.code, use.tint) for use in uses}
        return panel(name, about, sockets, uses)

    monkeypatch.setattr("piste.papers.dossier.drawn.panels.panel", noted)
    for name in town().sites:
        for device in subject(name).devices:
            if device["ports"]:
                front_panel("sw", device["name"], device["model"], device["ports"], lambda end: end)
    assert {"Imprimante", "Poste pédagogique", "Tableau blanc interactif", "éteint"} <= signs.keys()
    assert {words: given for words, given in signs.items() if len(given) > 1} == {}
    assert len({code for ((code, _),) in signs.values()}) == len(signs)


def test_a_port_that_was_read_shows_its_state_by_a_sign_a_word_and_its_speed() -> None:
    switch = subject().devices[0]
    ports = {
        "1": PortState("up", 1000), "2": PortState("down"), "3": PortState("up", 100), "4": PortState("off"),
        "5": PortState("error", 10_000, ("CRC",)), "6": PortState("up", 2500),
    }  # fmt: skip
    read = PortsRead("2026-11-28T05:00:00+00:00", {switch["name"]: ports})
    drawing = front_panel("sw", switch["name"], switch["model"], switch["ports"], lambda end: end, read)
    shown = [box.text for box in texts(drawing.svg)]
    assert {"1G", "100M", "10G", "2500M", "lien", "sans lien", "désactivé", "erreur", "inconnu"} <= set(shown)
    # A sign more each: that of the legend.
    assert (shown.count("?"), shown.count("!"), shown.count("×")) == (len(switch["ports"]) - 6 + 1, 2, 2)
    when = "ports relevés le 28/11/2026 à\N{NO-BREAK SPACE}06:00"
    unknown = len(switch["ports"]) - 6
    assert drawing.caption == f"Face avant de {switch['name']}, {when}"
    assert f"{when}, lien : 3, sans lien : 1, désactivé : 1, erreur : 1, inconnu : {unknown}" in drawing.alt
    assert faults(drawing.svg) == []
    assert [link_cell(state).text for state in (ports["1"], ports["5"], UNREAD)] == [
        "● lien, 1\N{NO-BREAK SPACE}Gbit/s", "! erreur, 10\N{NO-BREAK SPACE}Gbit/s : CRC", "? inconnu",
    ]  # fmt: skip


def test_each_cell_of_the_matrix_has_its_services_and_the_rules_behind() -> None:
    whole = {(entry["source"], entry["target"]): entry for entry in commune().crossings}
    assert whole["invite", "interne"]["accesses"] == 0
    assert whole["exterieur", "interne"]["accesses"] == 0
    guests = whole["invite", "exterieur"]
    assert (guests["services"], guests["accesses"], guests["exact"]) == (["dns", "web"], guests["of"], True)
    assert guests["rules"]["pare-feu"] == ["invites-noms (20 sites)", "invites-web (20 sites)"]
    assert whole["interne", "interne"]["rules"]["commutateurs"] == ["telephones"]
    assert "cœur" not in whole["interne", "interne"]["rules"]
    drawing, table = reach_blocks(commune().crossings)
    assert isinstance(drawing, Drawing)
    assert isinstance(table, Table)
    assert faults(drawing.svg) == []
    shown = [box.text for box in texts(drawing.svg)]
    assert len(table.rows) == sum(entry["accesses"] > 0 for entry in whole.values())
    assert shown.count("—") == len(whole) - len(table.rows)
    assert ["invités", "extérieur", f"{guests['of']} sur {guests['of']}", "dns, web"] in [
        [cell.text for cell in row.cells][:4] for row in table.rows
    ]


PLACED = Placed(
    "2026-11-28T05:00:00+00:00", {"hdv-dc1": "ntnx-hdv-a", "hdv-dc2": "ntnx-hdv-c"}, frozenset({"hdv-img1"})
)


def test_a_machine_is_on_the_node_where_it_was_read_and_on_no_node_otherwise() -> None:
    assert town().commune is not None
    hosting = town().commune["hosting"]
    assert hosting is not None
    unread, read = cluster(hosting), cluster(hosting, PLACED)
    (drawing, table) = machine_blocks(unread)
    assert isinstance(drawing, Drawing)
    assert isinstance(table, Table)
    assert {row.cells[-1].text for row in table.rows} == {"non lu"}
    assert "placement des machines : non lu" in drawing.alt
    (drawing, table) = machine_blocks(read)
    assert isinstance(drawing, Drawing)
    assert isinstance(table, Table)
    boxes = {box.text: box for box in texts(drawing.svg)}
    assert abs(boxes["hdv-dc1"].top - boxes["ntnx-hdv-a"].top) < 20
    assert abs(boxes["hdv-dc2"].top - boxes["ntnx-hdv-c"].top) < 20
    assert [row.cells[-1].text for row in table.rows][:2] == ["ntnx-hdv-a", "ntnx-hdv-c"]
    assert {row.cells[-1].text for row in table.rows[2:]} == {"à l’arrêt", "? inconnu"}
    assert drawing.caption == "Grappe ntnx-hdv, placement relevé le 28/11/2026 à\N{NO-BREAK SPACE}06:00"
    assert faults(drawing.svg) == []


@pytest.mark.parametrize(("seed", "size"), breadth([(3, 8), (7, 30)], 2))
def test_a_town_of_other_names_and_sizes_is_drawn(tmp_path: Path, seed: int, size: int) -> None:
    whole = load_town(generated_town(tmp_path, seed, size).inventory).require()
    blocks: list[Block] = [block for name in whole.sites for block in drawn(declared(whole, name))]
    data = network_map(whole)
    blocks += [*town_layer2(data), *town_layer3(data)]
    blocks += reach_blocks(crossings(whole, Picture(whole, declared_rules(whole))))
    drawings = [block for block in blocks if isinstance(block, Drawing)]
    assert len(drawings) > 2 * size
    assert {block.caption: faults(block.svg) for block in drawings if faults(block.svg)} == {}
    assert all(block.size and block.size[0] < 900 for block in drawings)


HOSTILE = (
    "</text><script>alert(1)</script>", "x" * 300, "\u202etxt.exe", "漢字" * 40, "a&b\"'<>]]>", "\x00\x07", "é" * 90,
)  # fmt: skip


@pytest.mark.parametrize("name", breadth(HOSTILE, 3))
def test_a_hostile_name_is_drawn_as_text(name: str) -> None:
    about = subject("hotel-de-ville")
    site: Any = hostile(about.site, name)
    other = Subject(site, name, dict.fromkeys(about.names, name), nexus=hostile(about.nexus, name))
    made = drawn(other)
    assert made
    assert [faults(block.svg) for block in made if faults(block.svg)] == []


def hostile(value: Any, name: str) -> Any:
    """Give a value with each name, room, label, medium and model followed by another."""
    if isinstance(value, dict):
        fields = ("name", "room", "label", "medium", "operator", "model", "rack", "stack")
        return {
            key if key not in ("sw-hdv-01", "ups-hdv-1") else f"{key}{name}": (
                f"{part}{name}" if key in fields and isinstance(part, str) else hostile(part, name)
            )
            for key, part in value.items()
        }
    return [hostile(part, name) for part in value] if isinstance(value, list | tuple) else value
