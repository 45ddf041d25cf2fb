"""Policies of the start-up and of telemetry on a real controller: applied, taken back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from piste.engine.repository import ROOT
from piste.systems.windows.intent import ad_intent
from piste.town.model import Town as Declared
from piste.town.model import load
from tests.support.ad import Town
from tests.support.samba import Domain

START, TELEMETRY = "Sobriété - Démarrage", "Sobriété - Télémétrie"
RETURN = f"{START} (retour)"
SITE = "ccas"
STEPS = ("diagnosis", "information", "pilot")


def town_after(folder: Path, *steps: str) -> Declared:
    """Load the town with steps of both levers, rehearsed as the laboratory does."""
    lines = [
        f'  - {{lever: {lever}, step: {step}, date: "2026-11-20", by: DSI}}'
        for lever in ("demarrage-postes", "telemetrie-postes")
        for step in steps
    ]
    path = folder / "rollout.yml"
    path.write_text("\n".join(["---", "sobriety_rollout:", *lines, ""]), "utf-8")
    return load(ROOT / "inventories/town", rehearsed=path, today=date(2026, 11, 24)).require()


def policies(town: Declared) -> list[dict[str, Any]]:
    assert town.commune is not None
    return [gpo for gpo in ad_intent(town.commune)["gpos"] if gpo["name"].startswith((START, TELEMETRY))]


def links(town: Declared) -> list[dict[str, Any]]:
    """Give the links of the site that the two levers have."""
    (place, *_) = ad_intent(town.sites[SITE])["links"]
    own = {name: link for name, link in place["links"].items() if name.startswith((START, TELEMETRY))}
    order = [name for name in place.get("order", ()) if name in own]
    return [{"target": place["target"], "links": own} | ({"order": order} if order else {})]


@pytest.fixture
def live(domain: Domain, tmp_path: Path) -> Town:
    built = Town(domain, tmp_path)
    target = "Ville/Administration/ccas"
    parts = target.split("/")
    built.module("ad_organizational_units", [{"path": "/".join(parts[: rank + 1])} for rank in range(len(parts))])
    domain.tool("group", "add", "GP-Pilote-Sobriete")
    return built


def linked(domain: Domain) -> set[str]:
    said = domain.tool("gpo", "getlink", f"OU=ccas,OU=Administration,OU=Ville,{domain.base_dn}")
    return {line.partition(":")[2].strip() for line in said.splitlines() if line.strip().startswith("Name")}


def operations(result: Mapping[str, Any]) -> list[str]:
    return [f"{operation['action']} {operation['key']}" for operation in result["operations"]]


def test_a_lever_comes_and_goes_and_the_former_state_is_written_back(
    live: Town, domain: Domain, tmp_path: Path
) -> None:
    pilot = town_after(tmp_path, *STEPS)
    wanted = policies(pilot)
    assert len(wanted) == 6
    made = live.module("ad_gpos", wanted)
    assert sorted(operations(made)) == sorted(f"create {gpo['name']}" for gpo in wanted)
    # What was written is what is read: nothing to change, and the gathered policies replay as they are.
    assert live.module("ad_gpos", wanted)["operations"] == []
    gathered = live.module("ad_gpos", [{"name": gpo["name"]} for gpo in wanted], state="gathered")["gathered"]
    read = {gpo["name"]: gpo for gpo in gathered}
    computer = read[START]["computer"]
    (value,) = computer["preferences"]["registry"].values()
    assert (value["type"], value["remove_when_unapplied"], value["action"]) == ("binary", True, "replace")
    assert computer["preferences"]["services"]["AdobeARMservice"]["startup"] == "manual"
    assert read[RETURN]["computer"]["preferences"]["services"]["AdobeARMservice"]["startup"] == "automatic"
    assert "registry" not in read[RETURN]["computer"]["preferences"]
    task = read[RETURN]["computer"]["preferences"]["scheduled_tasks"]["Piste - Démarrage - telemetrie-office"]
    assert task["actions"][0]["arguments"].endswith('OfficeTelemetryAgentLogOn2016" /ENABLE')
    assert read[TELEMETRY]["computer"]["policies"]["telemetry.level"] == "required"
    assert live.module("ad_gpos", gathered, state="replaced")["operations"] == []

    live.module("ad_gpo_links", links(pilot))
    assert linked(domain) == {f"{START} (pilote)", f"{TELEMETRY} (pilote)"}

    back = town_after(tmp_path, *STEPS, "reverted")
    assert live.module("ad_gpos", policies(back))["operations"] == []
    live.module("ad_gpo_links", links(back))
    # Telemetry is made of policies, which Windows forgets with the link; services and tasks need the opposite.
    assert linked(domain) == {f"{RETURN} (pilote)"}
    assert live.module("ad_gpo_links", links(back))["operations"] == []
