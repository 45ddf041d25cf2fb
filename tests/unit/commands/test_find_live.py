"""`piste find --live`: a place beside the declaration; the rest is unknown."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from piste.cli import main
from piste.runs.plans import play
from piste.runs.plans.play import Order, Played, Trouble

pytestmark = pytest.mark.usefixtures("root")

PRINTER = "02:93:05:00:00:81"
SEEN = {
    "network": "VLB ecole-jaures", "serial": "QZZZ-0005-0002", "port": "7", "ssid": None, "vlan": "151", "online": True,
    "seen_at": "2026-11-27T13:24:00+00:00", "mac": PRINTER, "ip": "10.93.41.10",
}  # fmt: skip
UPLINK = {**SEEN, "serial": "QZZZ-0005-0001", "port": "25"}


@pytest.fixture
def orders() -> list[Order]:
    return []


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, orders: list[Order]) -> Any:
    def run(word: str, *located: dict[str, Any], said: str = "", form: str = "text") -> Result:
        def stand_in(order: Order, *, check: bool, **more: Any) -> Played:
            orders.append(order)
            troubles = [Trouble("commune", "Demander au Dashboard", "unknown", said)] if said else []
            return Played(located=list(located), troubles=troubles)

        monkeypatch.setattr(play, "play", stand_in)
        return CliRunner().invoke(main, ["find", word, "--live", "--format", form])

    return run


def test_a_printer_is_given_with_its_switch_its_port_and_what_is_declared_there(ask: Any, orders: list[Order]) -> None:
    said = ask("02-93-05-00-00-81", UPLINK, SEEN)
    assert said.exit_code == 0
    assert orders[0].extra == {"sought_mac": PRINTER}
    for line in (
        "  commutateur      sw-jau-02/7, École Jean Jaurès (ecole-jaures)",
        "  VLAN             151",
        "  vu               le 27/11/2026 à 14:24, en ligne",
        "  déclaré          Imprimante : comme déclaré",
        "  vu aussi         sw-jau-01/25",
        "  non demandé      nx-hdv-1, nx-hdv-2 : leurs tables d’adresses MAC ne sont pas",
    ):
        assert line in said.output.splitlines()


def test_an_address_is_asked_of_the_network_of_its_segment(ask: Any, orders: list[Order]) -> None:
    assert ask("10.93.41.10", SEEN).exit_code == 0
    assert orders[0].extra == {"sought_address": "10.93.41.10", "sought_network": "VLB ecole-jaures"}


@pytest.mark.parametrize(
    ("changes", "declared", "differs"),
    [
        ({"vlan": "155"}, "Imprimante, VLAN 151 : vue dans le VLAN 155", True),
        ({"port": "8"}, "Libre : déclaré éteint", True),
        ({"port": "9"}, "Liaison : la machine est derrière", False),
        ({"port": "1"}, "Borne Wi-Fi : la machine est derrière", False),
        ({"port": "99"}, "port que rien ne déclare", True),
        ({"serial": "QZZZ-9999-0001"}, "équipement que rien ne déclare", True),
        ({"port": None}, "le Dashboard ne dit pas sur quel port", False),
        ({"serial": "QZZZ-0005-0041", "port": None, "ssid": "VLB-Agents"}, "comme déclaré", False),
        ({"serial": "QZZZ-0005-0041", "port": None, "ssid": "Pirate"}, "SSID que rien ne déclare ici", True),
    ],
)
def test_a_place_is_judged_by_the_declaration(ask: Any, changes: dict[str, Any], declared: str, differs: bool) -> None:
    answer = json.loads(ask(PRINTER, {**SEEN, **changes}, form="json").stdout)["live"]
    (place,) = answer["places"]
    assert (answer["state"], place["declared"], place["differs"]) == ("seen", declared, differs)
    assert answer["not_asked"] == ["nx-hdv-1", "nx-hdv-2"]


def test_an_access_point_is_named_with_its_ssid(ask: Any) -> None:
    on_air = {**SEEN, "serial": "QZZZ-0005-0041", "port": None, "ssid": "VLB-Agents", "seen_at": None, "online": None}
    lines = ask(PRINTER, on_air).output.splitlines()
    assert "  borne            ap-jau-01, École Jean Jaurès (ecole-jaures)" in lines
    assert "  SSID             VLB-Agents" in lines
    assert "  vu               à un moment que rien ne dit" in lines


@pytest.mark.parametrize(
    ("word", "located", "said", "why"),
    [
        (PRINTER, [], "", "le Dashboard ne l’a pas vue depuis 30 jours"),
        (PRINTER, [{**SEEN, "serial": None}], "", "ou ne dit pas sur quel équipement ; le réseau VLB"),
        (PRINTER, [], "api.meraki.com ne répond pas", "api.meraki.com ne répond pas"),
        ("8.8.8.8", [], "", "aucun site n’a cette adresse"),
    ],
)
def test_what_is_not_seen_is_unknown_with_its_reason(
    ask: Any, word: str, located: list[dict[str, Any]], said: str, why: str
) -> None:
    answered = ask(word, *located, said=said, form="json")
    live = json.loads(answered.stdout)["live"]
    assert (answered.exit_code, live["state"], live["places"]) == (3, "unknown", [])
    assert why in live["why"]
    text = " ".join(ask(word, *located, said=said).output.split())
    assert "Où elle est : inconnu" in text
    assert "introuvable" not in text


def test_no_network_is_asked_for_an_address_of_no_site(ask: Any, orders: list[Order]) -> None:
    ask("8.8.8.8")
    assert orders == []


@pytest.mark.parametrize("word", ["imp-jau-01", "10.93.41.0/24", "QZZZ-0005-0002"])
def test_another_word_is_refused_before_anything_is_asked(ask: Any, orders: list[Order], word: str) -> None:
    said = ask(word)
    assert said.exit_code == 1
    assert "n’en est pas une" in " ".join(said.output.split())
    assert orders == []


def test_without_the_option_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(play, "play", lambda *given, **more: pytest.fail("a system was asked"))
    assert "live" not in json.loads(CliRunner().invoke(main, ["find", PRINTER, "--format", "json"]).output)
