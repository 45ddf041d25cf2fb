"""Judgement of the firewall, the cluster and the aggregates, on made readings."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from lab.declared import declared_town
from piste.runs.plans.play import Played
from piste.sites.living.hosting import machines
from piste.sites.living.judged import lives
from piste.sites.living.seen import FILE, Seen, age
from piste.town.model import Town
from tests.support.living import alive

HALL = "hotel-de-ville"
Damage = Callable[[dict[str, Any]], Any]


@cache
def town() -> Town:
    loaded: Town = declared_town()
    return loaded


def judged(folder: Path, damage: Damage = lambda known: None) -> dict[str, Seen]:
    whole = town()
    site = whole.sites[HALL]
    known = alive(whole, site)
    damage(known)
    (folder / FILE).write_text(json.dumps(known), "utf-8")
    return {seen.id_: seen for seen in lives(whole, site, machines(whole, site), Played(), folder)}


def node(**changes: Any) -> Damage:
    return lambda known: known["smc"]["engines"]["fw-hdv"]["nodes"][0].update(changes)


def standby(known: dict[str, Any]) -> None:
    nodes = known["smc"]["engines"]["fw-hdv"]["nodes"]
    nodes.append({**nodes[0], "name": "fw-hdv node 2", "state": "Standby"})


def tunnel(state: str) -> Damage:
    return lambda known: known["smc"]["tunnels"][0].update(monitoring=state)


def host(**changes: Any) -> Damage:
    return lambda known: next(iter(known["prism"]["nodes"].values())).update(changes)


def machine(state: list[str]) -> Damage:
    return lambda known: known["prism"]["machines"].update({"hdv-dc1": state})


def port(serial: str, number: str, **changes: Any) -> Damage:
    return lambda known: known["meraki"]["ports"][serial][number].update(changes)


def reported(serial: str, at: str) -> Damage:
    return lambda known: known["meraki"]["devices"][serial].update(reported_at=at)


def unread(system: str, part: str) -> Damage:
    return lambda known: known[system]["unread"].update({part: "refusé (403)"})


def test_a_town_hall_where_everything_lives_is_conform(tmp_path: Path) -> None:
    tests = judged(tmp_path)
    assert {test.verdict for test in tests.values() if not test.id_.startswith("untried.")} == {"conform"}
    assert tests["living.engines"].observed.startswith("1 nœud en ligne, politique installée le 21/09/2026 à")
    assert tests["firmware"].observed.startswith("31 sur 31 à jour (100")
    assert "living.aggregates" in tests


@pytest.mark.parametrize(
    ("at", "verdict", "said"),
    [
        ("2026-09-21T14:13:20+00:00", "wrong", "hdv-rct1 à l’arrêt, dans ses heures"),
        ("2026-09-21T20:30:00+00:00", "conform", "1 en veille"),
        ("2026-09-20T10:00:00+00:00", "conform", "1 en veille"),
    ],
    ids=["Monday at four", "Monday at half past ten", "Sunday"],
)
def test_a_machine_that_is_off_is_asleep_only_outside_its_hours(
    tmp_path: Path, at: str, verdict: str, said: str
) -> None:
    def off(known: dict[str, Any]) -> None:
        known["prism"] |= {"read_at": at}
        known["prism"]["machines"]["hdv-rct1"] = ["OFF"]

    test = judged(tmp_path, off)["living.machines"]
    assert (test.verdict, said in test.observed) == (verdict, True)


def test_versions_that_nobody_approved_judge_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list of versions without the day of its decision is a proposal."""
    approved = town().firmware
    monkeypatch.setitem(approved, "NGFW", {**approved["NGFW"], "approved": None})
    seen = judged(tmp_path)["firmware"]
    assert seen.verdict == "unknown"
    assert "fw-hdv node 1 : versions proposées, non approuvées (firmware[NGFW].approved)" in seen.observed
    for name, entry in [*approved.items()]:
        monkeypatch.setitem(approved, name, {**entry, "approved": None})
    seen = judged(tmp_path)["firmware"]
    assert (seen.verdict, "aucune version n’est approuvée" in seen.reason) == ("untested", True)


@pytest.mark.parametrize(
    ("damage", "test", "verdict", "said"),
    [
        (node(state="Offline"), "living.engines", "wrong", "Offline"),
        (standby, "living.engines", "conform", "2 nœuds en ligne"),
        (node(state="Standby"), "living.engines", "wrong", "Standby"),
        (node(state="Unknown"), "living.engines", "unknown", "pas de nouvelles"),
        (node(monitoring="TIMEOUT"), "living.engines", "unknown", "pas de nouvelles"),
        (node(policy="fw_policy/essai"), "living.engines", "wrong", "fw_policy/essai y est installée"),
        (node(policy=None), "living.engines", "wrong", "aucune politique installée"),
        (node(version="7.0.1"), "firmware", "wrong", "fw-hdv node 1 en 7.0.1, non 7.1.2"),
        (node(version=None), "firmware", "unknown", "fw-hdv node 1 : version inconnue"),
        (lambda known: known["smc"]["engines"].clear(), "living.engines", "wrong", "n’est pas dans le SMC"),
        (lambda known: known["smc"]["engines"]["fw-hdv"].update(pending=2), "living.engines", "wrong",
         "2 modifications à installer"),
        (lambda known: known["smc"]["engines"]["fw-hdv"].update(pending=None), "living.engines", "unknown",
         "ne dit pas ce qui attend"),
        (unread("smc", "engines"), "living.engines", "unknown", "refusé"),
        (tunnel("ERROR"), "living.tunnels", "wrong", "csu"),
        (tunnel("NOT_MONITORED"), "living.tunnels", "unknown", "csu"),
        (host(hypervisor="ENTERED_MAINTENANCE_MODE"), "living.nodes", "wrong", "en maintenance"),
        (host(degraded=True), "living.nodes", "wrong", "dégradé"),
        (host(connected="DISCONNECTED"), "living.nodes", "wrong", "sans contact"),
        (host(connected="$UNKNOWN"), "living.nodes", "unknown", "sans nouvelles"),
        (host(hypervisor=None), "living.nodes", "unknown", "sans nouvelles"),
        (host(hypervisor="HA_FAILOVER_SOURCE"), "living.nodes", "wrong", "ses machines repartent ailleurs"),
        (host(hypervisor="HA_HEALING_TARGET"), "living.nodes", "wrong", "bascule en cours"),
        (host(version="9.0"), "firmware", "wrong", "en 9.0, non 10.3"),
        (lambda known: known["nexus"]["versions"].update({"nx-hdv-1": "9.3(1)"}), "firmware", "wrong",
         "nx-hdv-1 en 9.3(1), non 9.3(13)"),
        (lambda known: known.update(nexus=None), "firmware", "unknown", "n’a pas été lu (Nexus)"),
        (machine(["OFF"]), "living.machines", "wrong", "hdv-dc1 à l’arrêt"),
        (machine(["ON", "ON"]), "living.machines", "unknown", "2 machines de ce nom"),
        (machine(["UNDETERMINED"]), "living.machines", "unknown", "UNDETERMINED"),
        (unread("prism", "nodes"), "living.nodes", "unknown", "refusé"),
        (port("QZZZ-0000-0003", "50", status="Disconnected"), "living.aggregates", "wrong", "sw-hdv-03/50 sans lien"),
        (port("QZZZ-0000-0003", "50", speed_mbps=1000), "living.aggregates", "wrong", "pas le même débit"),
        (port("QZZZ-0000-0002", "12", speed_mbps=1000), "living.ports", "wrong", "à 1000 Mb/s au lieu de 10000"),
        (port("QZZZ-0000-0002", "12", speed_mbps=None), "living.ports", "unknown", "débit inconnu"),
        (lambda known: known["meraki"]["devices"]["QZZZ-0000-0003"].update(status="offline"), "living.aggregates",
         "unknown", "sw-hdv-03/49 n’est pas connu"),
        (lambda known: known["meraki"]["devices"]["QZZZ-0000-0003"].update(supplies=["powered", "disconnected"]),
         "living.switches", "wrong", "une alimentation sans courant"),
        (lambda known: known["meraki"]["devices"].pop("QZZZ-0000-0003"), "living.switches", "wrong",
         "n’est dans aucun réseau"),
        # An hour after the reading: a clock is wrong, and the report proves nothing.
        (reported("QZZZ-0000-0003", "2026-09-21T15:13:20+00:00"), "living.switches", "unknown", "daté de l’avenir"),
        (reported("QZZZ-0000-0003", "2026-09-21T14:16:20+00:00"), "living.switches", "conform", "en ligne"),
    ],
)  # fmt: skip
def test_what_does_not_live_is_named(damage: Damage, test: str, verdict: str, said: str, tmp_path: Path) -> None:
    seen = judged(tmp_path, damage)[test]
    assert seen.verdict == verdict
    assert said in f"{seen.observed} {seen.reason}"
    assert seen.read_at is not None


@pytest.mark.parametrize(
    ("seconds", "said"), [(3, "moins d’une minute"), (60, "1 minute"), (7300, "2 heures"), (200_000, "2 jours")]
)
def test_an_age_is_written_for_people(seconds: float, said: str) -> None:
    assert age(seconds) == said
