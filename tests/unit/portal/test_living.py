"""Life on the portal: kept by a verification, shown with its date, unknown without it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from piste.exports.portal.known import Known
from piste.exports.portal.living import placed, ports_read
from piste.sites.living.kept import Kept
from tests.support.dossier import SCHOOL
from tests.support.dossier import town as whole_town
from tests.support.living import NEXUS_PORT, READ_AT, alive, keep
from tests.support.portal import few, known, rendered

Damage = Callable[[dict[str, Any]], Any]
HALL = "hotel-de-ville"
PAGE = f"sites/{SCHOOL}.html"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path / "kept"))
    monkeypatch.setenv("PISTE_TODAY", "2026-09-22")
    return tmp_path


def read(folder: Path, damage: Damage = lambda life: None) -> Kept:
    """Keep a reading where all lives as declared, less what was damaged."""
    life = alive(whole_town(), whole_town().sites[SCHOOL])
    damage(life)
    return keep(whole_town(), life)


def shown(page: str, facts: Known) -> str:
    made = rendered(facts, "engineer", page)
    return " ".join(html.fromstring(made[page].decode()).text_content().split())


def switch() -> Any:
    return next(device for device in few().sites[SCHOOL]["devices"] if device["kind"] == "switch")


def port(**changes: Any) -> Damage:
    return lambda life: life["meraki"]["ports"][switch()["serial"]]["5"].update(changes)


def device(**changes: Any) -> Damage:
    return lambda life: life["meraki"]["devices"][switch()["serial"]].update(changes)


@pytest.mark.parametrize(
    ("damage", "link"),
    [
        (lambda life: None, "up"),
        (port(status="Disconnected", speed_mbps=None), "down"),
        (port(status="Disabled", speed_mbps=None), "off"),
        (port(errors=["CRC"]), "error"),
        (port(warnings=["High proportion of CRC errors"]), "error"),
        (port(status="Rebooting"), "unknown"),
        (device(status="offline"), "unknown"),
        (device(status="alerting"), "up"),
        # An hour before the reading: the Dashboard only shows what it knew then.
        (device(reported_at="2026-09-21T13:13:20+00:00"), "unknown"),
        # An hour after it: a clock is wrong.
        (device(reported_at="2026-09-21T15:13:20+00:00"), "unknown"),
        (lambda life: life["meraki"]["devices"].clear(), "unknown"),
        (lambda life: life["meraki"]["ports"].clear(), "unknown"),
        (lambda life: life["meraki"].pop("devices"), "unknown"),
        (lambda life: life["meraki"].pop("ports"), "unknown"),
        (port(speed_mbps="vite"), "unknown"),
    ],
)
def test_a_port_lives_only_where_its_switch_said_so_at_the_reading(place: Path, damage: Damage, link: str) -> None:
    life = read(place, damage)
    assert ports_read(life, few().sites[SCHOOL]).of(switch()["name"], "5").link == link


def test_the_page_of_a_site_shows_its_ports_with_the_moment_of_their_reading(place: Path) -> None:
    page = shown(PAGE, known(living=read(place, port(errors=["CRC"]))))
    assert f"Face avant de {switch()['name']}, ports relevés le 21/09/2026 à 16:13" in page
    assert "● lien, 10 Gbit/s" in page
    assert "! erreur, 10 Gbit/s : CRC" in page
    assert "? inconnu" not in page.partition("Ports de")[2]


def test_ports_that_nothing_ever_read_are_unknown_and_the_gaps_say_what_reads_them() -> None:
    page = shown(PAGE, known())
    assert "ports non relevés" in page
    assert "? inconnu" in page.partition("Ports de")[2]
    assert "ports des commutateurs" in shown("lacunes.html", known())
    assert "piste verify " in shown("lacunes.html", known())


def test_a_machine_is_on_the_node_where_it_was_read_and_nowhere_else(place: Path) -> None:
    def damage(life: dict[str, Any]) -> None:
        life["prism"]["places"] |= {"hdv-dc1": ["ntnx-hdv-b"], "hdv-dc2": ["ntnx-hdv-a", "ntnx-hdv-b"],
                                    "hdv-rct1": [None], "hdv-img1": [None]}  # fmt: skip
        life["prism"]["machines"]["hdv-rct1"] = ["OFF"]

    whole = known(town=whole_town())
    assert "piste verify hotel-de-ville" in shown("lacunes.html", whole)
    page = html.fromstring(rendered(known(living=read(place, damage)), "engineer", "carte.html")["carte.html"].decode())
    rows = {row[0].text: row[-1].text_content() for row in page.xpath("//tbody/tr")}
    assert (rows["hdv-dc1"], rows["hdv-rct1"]) == ("ntnx-hdv-b", "à l’arrêt")
    assert (rows["hdv-dc2"], rows["hdv-img1"]) == ("? inconnu", "? inconnu")
    assert "Grappe ntnx-hdv, placement relevé le 21/09/2026" in page.text_content()
    assert "? inconnu" in shown("carte.html", known())


def nexus_port(name: str = "nx-hdv-1", number: str = "1/1", **changes: Any) -> Damage:
    port = {**NEXUS_PORT, **changes}
    return lambda life: life["nexus"]["nexus_ports"][name]["values"].update({number: port})


@pytest.mark.parametrize(
    ("damage", "shown_as"),
    [
        (nexus_port(), "● lien, 10 Gbit/s"),
        (nexus_port(status="off", speed_mbps=None), "× désactivé"),
        (
            nexus_port(status="down", speed_mbps=None, reason="Link not connected"),
            "○ sans lien : Link not connected",
        ),
        (nexus_port(status="error", speed_mbps=None, reason="<b>suspended</b>"), "! erreur : <b>suspended</b>"),
        (nexus_port(status="up et fier"), "? inconnu"),
        (lambda life: life["nexus"]["nexus_ports"].pop("nx-hdv-1"), "? inconnu"),
        (lambda life: life.pop("nexus"), "? inconnu"),
    ],
)
def test_a_port_of_a_nexus_is_as_its_switch_said(place: Path, damage: Damage, shown_as: str) -> None:
    path = f"sites/{HALL}.html"
    made = rendered(known(living=read(place, damage)), "engineer", path)[path].decode()
    (table,) = html.fromstring(made).xpath("//table[contains(., 'Ports de nx-hdv-1')]")
    rows = [[" ".join(cell.text_content().split()) for cell in row] for row in table.xpath(".//tbody/tr")]
    first = next(row for row in rows if row[0].startswith("1/1"))
    assert first[1:3] == [shown_as, "Ethernet1/1"]
    assert rows[-1][:3] == ["1/49–1/50", "? inconnu", "port-channel10"]


def test_the_front_of_a_nexus_has_its_ports_and_its_links_with_the_moment_of_its_reading(place: Path) -> None:
    page = shown(f"sites/{HALL}.html", known(living=read(place, nexus_port(number="1/30", status="off"))))
    said = "ports relevés le 21/09/2026 à 16:13"
    assert f"Face avant de nx-hdv-1, {said}" in page
    assert f"Ports de nx-hdv-2, {said}" in page
    assert "port-channel10 vers" in page
    assert "hors déclaration : port 30" in page
    never = shown(f"sites/{HALL}.html", known())
    assert "Face avant de nx-hdv-1, ports non relevés" in never
    assert "ports du Nexus nx-hdv-1" in shown("lacunes.html", known())


def test_a_part_that_was_not_read_again_stays_with_its_own_date(place: Path) -> None:
    read(place)
    later = "2026-09-22T06:00:00+00:00"

    def refused(life: dict[str, Any]) -> None:
        life["meraki"].pop("ports")
        life["meraki"]["read_at"] = later

    life = read(place, refused)
    assert life["ports"]["read_at"].isoformat() == READ_AT
    assert life["devices"]["read_at"].isoformat() == later


def test_a_part_says_nothing_of_another_that_was_read_at_another_moment(place: Path) -> None:
    read(place, lambda life: (device(status="offline")(life), life["prism"]["machines"].update({"hdv-rct1": ["ON"]}),
                              life["prism"]["places"].update({"hdv-rct1": [None]})))  # fmt: skip

    def later(life: dict[str, Any]) -> None:
        for system, part in (("meraki", "ports"), ("prism", "places")):
            life[system].pop(part)
            life[system]["read_at"] = "2026-09-22T06:00:00+00:00"
        life["prism"]["machines"]["hdv-rct1"] = ["OFF"]

    life = read(place, later)
    assert ports_read(life, few().sites[SCHOOL]).of(switch()["name"], "5").link == "unknown"
    assert "hdv-rct1" not in placed(life).stopped


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00", "2026-09-21T14:13:20"])
def test_a_moment_that_no_calendar_has_is_no_reading(place: Path, moment: str) -> None:
    read(place)
    life = read(place, lambda life: life["meraki"].update(read_at=moment))
    assert life["ports"]["read_at"].isoformat() == READ_AT
