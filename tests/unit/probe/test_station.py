"""The modules around a station: the request that they make, the results that they keep."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Missing
from piste.trials.probe import results
from piste.trials.probe.station import MODULES
from tests.support.probe import SCHOOL, place, right, trials_of

SECRETS = {"meraki/ssid/VLB-Agents/psk": "une cle de test"}


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_PROBES_DIR", str(tmp_path / "probes"))
    monkeypatch.setenv("PISTE_LAB_DIR", str(tmp_path / "lab"))


def run(name: str, *, check: bool = False, **params: Any) -> dict[str, Any]:
    module = MODULES[name]
    given = {"environment": "lab", "site": SCHOOL, "secrets": SECRETS, **params}
    return module.run({**module.defaults, **given}, check)


def test_a_request_has_the_key_in_its_input_alone() -> None:
    made = run("probe_request", place="VLB-Agents", wifi="wlan0")
    assert SECRETS["meraki/ssid/VLB-Agents/psk"] not in json.dumps(made)
    request = json.loads(base64.b64decode(made["input"]))["request"]
    assert SECRETS["meraki/ssid/VLB-Agents/psk"] in request["joins"][1]["networks"]
    assert (request["interface"], request["isolate"]) == ("wlan0", True)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"place": "VLB-Agents", "wired": "eth0"}, "pas d’interface"),
        ({"place": "nulle-part", "wired": "eth0"}, "ni un segment ni un SSID"),
        ({"place": "utilisateurs", "wired": "eth0", "site": "nulle-part"}, "n’est pas un site"),
        ({"place": "utilisateurs", "wired": "eth0", "ca_file": "/nulle/part.pem"}, "l’autorité"),
    ],
)
def test_what_a_request_lacks_is_named(params: dict[str, Any], words: str) -> None:
    with pytest.raises(Missing, match=words):
        run("probe_request", **params)


def test_results_are_judged_and_kept_and_checked_only_in_check_mode() -> None:
    listed = list(trials_of(place("utilisateurs")).values())
    said = json.dumps({"format": 1, "answers": right(listed), "interface": "eth0"})
    given = {"place": "utilisateurs", "status": 0, "output": said}
    assert run("probe_results", check=True, **given)["record"] == ""
    assert results.latest("lab", SCHOOL) == []
    made = run("probe_results", **given)
    assert (made["verdict"], made["findings"]) == ("conform", [])
    (last,) = results.latest("lab", SCHOOL)
    assert (last.carrier, last.place.name) == ("ssh", "utilisateurs")


def test_a_station_that_fell_silent_conforms_nowhere() -> None:
    made = run("probe_results", place="utilisateurs", status=255, output="", errors="connexion perdue")
    assert made["verdict"] == "unknown"
    assert all(finding["state"] == "unknown" for finding in made["findings"])
    (last,) = results.latest("lab", SCHOOL)
    assert "connexion perdue" in last.place.error
    assert last.place.counts["conform"] == 0
