"""The air of access points against the plan of the town, what a silence leaves unknown; F18."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from piste.cli import main
from piste.commands.read import _rows
from piste.engine.finding import Finding
from piste.exports.portal.known import known
from piste.readings import store
from piste.readings.table import READERS, SUBJECTS, Answer
from piste.readings.wifi.findings import figures, findings
from piste.readings.wifi.kept import take
from piste.town import declared
from piste.town.model.access import dot1x_share
from piste.town.model.dates import now
from tests.support.town import dot1x, site

SITE, POINT, SERIAL, OTHER = "ecole-jaures", "wifi.ecole-jaures.ap-jau-01", "QZZZ-0005-0041", "QZZZ-0005-0042"
WELL: dict[str, Any] = {
    "radios": {
        SERIAL: {
            "2.4": {"channel": 6, "width": 20, "power": 17},
            "5": {"channel": 44, "width": 40, "power": 17},
        }
    },
    "uses": {SERIAL: {"2.4": {"total": 30.0, "other": 5.0}, "5": {"total": 15.0, "other": 5.0}}},
    "signals": {SERIAL: {"snr": 35, "rssi": -60, "why": ""}},
    "profiles": {SERIAL: {"name": "Basic Indoor Profile", "min_bitrate": {"2.4": 11.0, "5": 12.0}}},
    "ssids": {"VLB ecole-jaures": {"VLB-Agents": {"mode": "psk", "limits": [0, 0, 0, 0]}}},
    "ports": {"QZZZ-0005-0001": {"access": 20, "dot1x": 5}},
    "unread": {},
}


@pytest.fixture(autouse=True)
def _kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path))


def air(*path: Any, value: Any = None) -> dict[str, Any]:
    """Change a value of a day on which all is well; without a value, take it out."""
    changed = deepcopy(WELL)
    *inside, last = path or ("unread",)
    place = changed
    for key in inside:
        place = place[key]
    if not path:
        return changed
    if value is None:
        del place[last]
    else:
        place[last] = value
    return changed


def on_air(**modes: str) -> dict[str, Any]:
    """Return SSIDs on the air, without limits."""
    return {
        "VLB ecole-jaures": {name.replace("_", "-"): {"mode": mode, "limits": [0] * 4} for name, mode in modes.items()}
    }


def judged(read: dict[str, Any]) -> Finding:
    town = declared.town("lab")
    content = {"air": {"read_at": now().isoformat(timespec="seconds"), **read}}
    assert take(town, "lab", Answer(content, {}, {}))
    return next(finding for finding in findings(town, "lab") if finding.id == POINT)


def test_a_day_as_planned_is_said_with_its_figures_and_its_day() -> None:
    finding = judged(WELL)
    assert (finding.state, finding.site, finding.todo) == ("ok", SITE, "")
    assert "canal 44 occupé à 15 % ; SNR 35 dB" in finding.what
    assert finding.evidence.startswith("Dashboard, lu le ")


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("radios", SERIAL, "2.4", "channel"), 3, "canal 3 à 2,4 GHz, hors de 1, 6, 11"),
        (("radios", SERIAL, "2.4", "width"), 40, "canal large de 40 MHz à 2,4 GHz, 20 au plus"),
        (("radios", SERIAL, "5", "width"), 80, "canal large de 80 MHz à 5 GHz, 40 au plus"),
        (("uses", SERIAL, "5", "total"), 61.4, "canal occupé à 61 % à 5 GHz, 60 au plus"),
        (("uses", SERIAL, "2.4", "other"), 40.0, "40 % du canal pris par autre chose que le Wi-Fi à 2,4 GHz"),
        (("signals", SERIAL, "snr"), 12, "signal des clients à 12 dB du bruit, 20 au moins"),
        (("profiles", SERIAL, "min_bitrate", "2.4"), 1.0, "débit minimal de 1 Mbit/s à 2,4 GHz, 11 au moins"),
    ],
)
def test_what_departs_from_the_plan_is_wrong_and_says_what_to_do(path: Any, value: Any, said: str) -> None:
    finding = judged(air(*path, value=value))
    assert (finding.state, finding.gravity) == ("wrong", "minor")
    assert said in finding.what
    assert "docs/wifi.md" in finding.todo


@pytest.mark.parametrize(
    ("read", "said"),
    [
        (air("uses"), "usage du canal pas relevé à 2,4 GHz"),
        ({**air("uses"), "unread": {"uses": "403"}}, "occupation des canaux : 403"),
        (air("radios", SERIAL, "5"), "canal pas relevé à 5 GHz"),
        ({**WELL, "radios": {}, "uses": {}}, "le Dashboard n’en dit rien, elle n’émettait pas"),
        (air("signals", SERIAL, "why", value="404"), "signal des clients : 404"),
        (air("signals", SERIAL), "signal des clients : pas relevé"),
        (air("profiles", SERIAL), "débit minimal : son profil radio n’est pas relevé"),
        (air("radios", SERIAL, "5", "width"), "largeur du canal pas relevée à 5 GHz"),
        (air("uses", SERIAL, "5", "other"), "brouillage pas relevé à 5 GHz"),
        ({**WELL, "radios": {SERIAL: {}}, "uses": {}}, "elle n’émet sur aucune bande"),
        (
            air("profiles", SERIAL, value={"name": "Salle", "min_bitrate": {"2.4": None}}),
            "débit minimal à 2,4 GHz laissé aux SSID par Salle",
        ),
    ],
)
def test_what_was_not_read_is_unknown_and_never_compliant(read: dict[str, Any], said: str) -> None:
    finding = judged(read)
    assert finding.state == "unknown"
    assert said in finding.what
    assert finding.todo


def test_an_access_point_without_clients_has_no_signal_and_is_not_at_fault() -> None:
    read = air("signals", SERIAL, value={"snr": None, "rssi": None, "why": ""})
    assert (judged(read).state, "aucun client" in judged(read).what) == ("ok", True)


def test_access_points_of_a_site_that_share_a_channel_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    read = air("radios", OTHER, value=WELL["radios"][SERIAL])
    assert judged(read).state == "ok"
    town = declared.town("lab")
    assert town.commune
    monkeypatch.setitem(town.commune["radio_plan"], "neighbours", 0)
    monkeypatch.setattr(declared, "town", lambda _: town)
    assert "1 autre borne du site sur son canal à 5 GHz" in judged(read).what


def test_a_crowded_place_has_narrower_channels(monkeypatch: pytest.MonkeyPatch) -> None:
    town = declared.town("lab")
    point = next(device for device in town.sites[SITE]["devices"] if device["serial"] == SERIAL)
    monkeypatch.setitem(point, "dense", True)  # type: ignore[misc]
    monkeypatch.setitem(point, "covers", "Préau")  # type: ignore[misc]
    monkeypatch.setattr(declared, "town", lambda _: town)
    finding = judged(WELL)
    assert finding.what.startswith("ap-jau-01 (Préau) : canal large de 40 MHz à 5 GHz, 20 au plus")


def test_nothing_read_is_unknown_and_a_laboratory_says_nothing_of_it_until_it_asks() -> None:
    town = declared.town("lab")
    assert list(findings(town, "lab")) == []
    assert {finding.state for finding in findings(town, "production")} == {"unknown"}
    assert [figure.value for figure in figures(town, "production")] == [None, None]
    assert not take(town, "lab", Answer(None, {}, {"Lire les ondes": "coffre fermé"}))
    assert all("coffre fermé" in finding.what for finding in findings(town, "lab"))


def test_a_reading_of_an_earlier_form_is_unknown_with_its_remedy_everywhere() -> None:
    judged(WELL)
    former = {"points": {}, "ssids": {"VLB-Agents": "8021x-radius"}, "ports": None, "unread": {}}
    with store.opened("lab") as base:
        base.execute("UPDATE reading SET content = ?", (json.dumps(former).encode(),))
    town = declared.town("lab")
    finding = next(finding for finding in findings(town, "lab") if finding.id == POINT)
    assert finding.state == "unknown"
    assert "piste read wifi" in finding.todo
    assert next(figure.value for figure in figures(town, "lab")) is None
    for asked in (["status"], ["findings", "--open"], ["findings", SITE, "--format", "csv"]):
        done = CliRunner().invoke(main, [*asked, "-e", "lab"])
        assert done.exception is None or isinstance(done.exception, SystemExit), asked
        assert "Traceback" not in done.output, asked
    assert judged(WELL).state == "ok", "the next reading takes its place"


def test_f18_counts_what_was_read_beside_what_is_declared() -> None:
    read = air("ssids", value=on_air(VLB_Agents="8021x-radius", VLB_Pedagogique="psk"))
    judged(read)
    town = declared.town("lab")
    wifi, wired = figures(town, "lab")
    every = sum(dot1x_share(site)["internal_ssids"] for site in declared.serving(town).values())
    assert (wifi.id, wifi.numerator, wifi.denominator) == ("F18", 1, every)
    assert wifi.unknown == every - dot1x_share(town.sites[SITE])["internal_ssids"]
    assert (wired.id, wired.value, wired.numerator, wired.denominator) == ("F18.wired", 25.0, 5, 20)
    planned = sum(dot1x_share(site)["ssids"] for site in declared.serving(town).values())
    assert wifi.said.startswith(f"802.1X : 1 des {every} SSID internes (déclaré : {planned}), 5 des 20 ports d’accès (")


def test_an_internal_ssid_that_nobody_declares_counts_and_is_named() -> None:
    judged(air("ssids", value=on_air(VLB_Agents="8021x-radius", Secretariat="psk")))
    wifi, _ = figures(declared.town("lab"), "lab")
    every = sum(dot1x_share(site)["internal_ssids"] for site in declared.serving(declared.town("lab")).values())
    assert (wifi.numerator, wifi.denominator) == (1, every + 1)


def test_a_port_counts_by_the_kind_of_its_policy() -> None:
    whole: Any = site(SITE)
    assert (dot1x_share(whole)["ssids"], dot1x_share(whole)["ports"]) == (0, 0)
    access = [port for device in whole["devices"] for port in device["ports"] if port["mode"] == "access"]
    access[0]["access_policy"], access[1]["access_policy"] = "agents", "adresses"
    whole["access_policies"] = [{"name": "agents", "kind": "hybrid"}, {"name": "adresses", "kind": "mab"}]
    share = dot1x_share(dot1x(whole))  # type: ignore[arg-type]
    assert share["ssids"] == share["internal_ssids"] > 0
    assert (share["ports"], share["access_ports"]) == (1, sum(port["enabled"] for port in access))


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("read", "state"),
    [(air("radios", SERIAL, "5", "width", value=80), "wrong"), (air("signals", SERIAL, "why", value="404"), "unknown")],
)
def test_every_page_and_command_says_the_air_of_an_access_point_in_the_same_words(
    read: dict[str, Any], state: str
) -> None:
    town = declared.derived("production")
    content = {"air": {"read_at": now().isoformat(timespec="seconds"), **read}}
    assert take(town, "production", Answer(content, {}, {}))
    (finding,) = (judgment for judgment in findings(town, "production") if judgment.id == POINT)
    assert finding.state == state
    for asked in (["findings", SITE, "--open"], ["findings", "--format", "csv"]):
        output = words(CliRunner().invoke(main, [*asked, "-e", "production"]).output)
        assert words(finding.what) in output, asked
        assert words(finding.todo) in output, asked
    # A status counts what is minor, and says nothing of it in other words.
    status = words(CliRunner().invoke(main, ["status", "-e", "production"]).output)
    assert ("1 à corriger" in status, "GHz" in status) == (state == "wrong", False)
    shown = known(town, "production", now().isoformat(), "", True, subjects=[SUBJECTS["wifi"]]).findings
    assert [(entry.what, entry.todo) for entry in shown if entry.id == POINT] == [(finding.what, finding.todo)]


def test_a_silence_has_the_same_reason_for_the_verb_and_the_findings() -> None:
    town = declared.derived("production")
    assert not take(town, "production", Answer(None, {}, {"Lire les ondes": "coffre fermé"}))
    (finding,) = (judgment for judgment in findings(town, "production") if judgment.id == POINT)
    (row,) = _rows(READERS["wifi"], town, "production", something=False)
    reason = row["why"]
    assert reason in finding.what
    assert "coffre fermé" in reason
    output = CliRunner().invoke(main, ["findings", "--format", "csv", "-e", "production"]).output
    assert words(finding.what) in words(output)
