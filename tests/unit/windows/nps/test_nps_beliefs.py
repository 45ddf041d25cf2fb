"""Beliefs about NPS: nothing unproven is written without a model or a confirmation."""

from pathlib import Path
from typing import Any

import pytest

from lab.winrm.nps_documents import MODEL
from piste.engine.converge import belief
from piste.engine.converge.belief import unsettled
from piste.engine.converge.errors import Guarded
from piste.systems.beliefs import kept
from piste.systems.beliefs.answers import Verdict
from piste.systems.beliefs.form import beliefs
from piste.systems.beliefs.known import Environment
from piste.systems.windows.nps.beliefs import EAP_TLS, MODELS
from piste.systems.windows.nps.document import NETWORK_POLICIES, NETWORK_PROFILES, REQUEST_POLICIES, REQUEST_PROFILES
from tests.support.nps import SERVERS, TEMPLATE, World
from tests.unit.repository.tree import ROOT

TLS = {
    "name": "Ville - Agents",
    "order": 10,
    "conditions": {"machine_groups": ["GP-hdv"]},
    "eap": [{"method": "tls", "certificate": {"template": TEMPLATE}}],
}
AT = {
    "name": "Ville - MAC",
    "order": 10,
    "conditions": {"nas_port_type": ["wired"], "nas_address": r"^10\.93\.(40|41)\.", "calling_station": "^00-"},
    "authentication": "accept",
}
WORD = "unproven:windows.nps_nas_address"
IMPORT = [f"unproven:windows.{id_}" for id_ in ("nps_sql_logging", "nps_service", "nps_mac")]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setattr(belief, "_known", [Environment("production")])
    return World(tmp_path, model=False)


def refused(world: World, module: str, config: list[dict[str, Any]], *, imports: int = 0, **options: Any) -> str:
    with pytest.raises(Guarded) as stop:
        world.once(module, config, **options)
    assert len(world.imports) == imports
    return str(stop.value)


def test_eap_tls_is_refused_on_a_server_that_shows_none(world: World) -> None:
    refusal = refused(world, "nps_network_policies", [TLS])
    assert all(f"{server} : une configuration d’EAP-TLS" in refusal for server in SERVERS)
    assert "Carte à puce ou autre certificat" in refusal
    assert refused(world, "nps_network_policies", [TLS], confirm=["unproven"]) == refusal
    assert refused(world, "nps_network_policies", [TLS], check=True) == refusal


def test_a_server_is_no_model_for_the_other(world: World, tmp_path: Path) -> None:
    (folder := tmp_path / "other").mkdir()
    model = World(folder).document(SERVERS[0])
    blob = model.values(NETWORK_PROFILES, MODEL, "msEAPConfiguration")
    world.edit(SERVERS[0], lambda live: live.write(NETWORK_PROFILES, MODEL, {"msEAPConfiguration": ("bin.hex", blob)}))
    refusal = refused(world, "nps_network_policies", [TLS], servers=list(SERVERS))
    assert [f"{server} : une configuration" in refusal for server in SERVERS] == [False, True]


def test_a_configuration_in_a_form_that_is_not_read_is_no_model(world: World) -> None:
    odd = "0d" + "0" * 30 + "08000000" + "0" * 60
    for server in SERVERS:
        world.edit(server, lambda live: live.write(NETWORK_PROFILES, MODEL, {"msEAPConfiguration": ("bin.hex", [odd])}))
    assert "une configuration d’EAP-TLS" in refused(world, "nps_network_policies", [TLS])


def test_the_bytes_that_an_export_gives_need_no_model(world: World) -> None:
    blob = "0d" + "0" * 30 + "08000000" + "0" * 60
    world.once("nps_network_policies", [{**TLS, "eap": [{"method": "tls", "verbatim": blob}]}], confirm=IMPORT)
    assert world.document().values(NETWORK_PROFILES, TLS["name"], "msEAPConfiguration") == [blob]


def test_peap_is_recorded_whole_and_needs_no_model(world: World) -> None:
    peap = {**TLS, "eap": [{"method": "peap", "certificate": {"template": TEMPLATE}}]}
    assert world.once("nps_network_policies", [peap], confirm=IMPORT)["changed"]


def test_a_condition_on_an_attribute_that_no_export_shows_needs_one_confirmation(world: World) -> None:
    refusal = refused(world, "nps_connection_request_policies", [AT])
    assert WORD in refusal
    assert "called_station" not in refusal
    planned = world.once("nps_connection_request_policies", [AT], check=True)
    words = {line.partition(" : ")[0] for line in planned["withheld"] if line.startswith("à confirmer")}
    assert words == {f"à confirmer ({word})" for word in (*IMPORT, WORD)}
    assert WORD in refused(world, "nps_connection_request_policies", [AT], confirm=["unproven", *IMPORT])
    assert world.once("nps_connection_request_policies", [AT], confirm=[*IMPORT, WORD])["changed"]
    elsewhere = {**AT, "name": "Ville - MAC 2", "order": 11}
    assert WORD in refused(world, "nps_connection_request_policies", [AT, elsewhere], confirm=IMPORT, imports=2)


def show(world: World, places: Any = (NETWORK_POLICIES, NETWORK_PROFILES)) -> None:
    """Write a policy with a condition of the same attribute, as the console of each server does."""
    policy = {
        "msNPAction": ("string", ["Essai"]),
        "msNPConstraint": ("string", ['MATCH("NAS-IP-Address=^192\\.0\\.2\\.1$")']),
        "msNPSequence": ("int", ["99"]),
    }
    for server in SERVERS:
        for place, properties in zip(places, (policy, {}), strict=True):
            world.edit(server, lambda live, at=place, changes=properties: live.write(at, "Essai", changes))


def test_a_model_on_the_server_never_lifts_a_refutation(world: World) -> None:
    show(world)
    kept.settle("production", {"windows.nps_nas_address": Verdict("refuted", "vu à la console")}, "person")
    assert "vu à la console" in refused(world, "nps_connection_request_policies", [AT], confirm=[*IMPORT, WORD])
    kept.settle("production", {"windows.nps_nas_address": Verdict("confirmed", "vu à la console")}, "person")
    assert world.once("nps_connection_request_policies", [AT], confirm=IMPORT)["changed"]


@pytest.mark.parametrize("places", [(NETWORK_POLICIES, NETWORK_PROFILES), (REQUEST_POLICIES, REQUEST_PROFILES)])
def test_a_model_on_the_server_spares_the_word(world: World, places: Any) -> None:
    show(world, places)
    assert world.once("nps_connection_request_policies", [AT], confirm=IMPORT)["changed"]


def test_the_lab_shows_a_model_of_all_that_is_believed(tmp_path: Path) -> None:
    document = World(tmp_path).document()
    live = document.values(NETWORK_POLICIES, MODEL, "msNPConstraint")
    live += document.values(NETWORK_PROFILES, MODEL, "msEAPConfiguration")
    believed = ("NAS-IP-Address", "NAS-Identifier", "Called-Station-Id")
    written = [*live, *(f'MATCH("{attribute}=x")' for attribute in believed)]
    every = (*MODELS, EAP_TLS)
    assert list(unsettled(every, written, [])) == [model.id for model in every]
    assert list(unsettled(every, written, live)) == []


def test_a_sign_is_of_a_belief_that_the_page_settles() -> None:
    page = (ROOT / "docs" / "recette-windows.md").read_text("utf-8")
    for model in (*MODELS, EAP_TLS):
        assert beliefs()[model.id].source
        assert model.id in page
