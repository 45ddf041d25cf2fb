"""Certificates in the stores of Windows servers: the present is judged, not the former."""

from __future__ import annotations

from typing import Any

from lab import Lab
from lab.declared import declared_town
from lab.winrm import WinrmSimulator
from piste.systems.windows.stored_certificates import MODULES


def test_the_certificate_that_lasts_longest_is_judged_and_a_silent_server_is_unknown() -> None:
    commune = declared_town().commune
    assert commune
    declared = commune["certificates"]
    with Lab(tls=True, inventory=[], others=("winrm",)) as lab:
        info = lab.info["winrm"]
        access = {name: info[name] for name in ("username", "password")}
        access |= {"urls": info["hosts"], "authentication": "basic", "ca_file": lab.info["ca_file"]}
        params: dict[str, Any] = {"winrm": access, "declared": declared}
        result = MODULES["win_certificates"].run(params, False)
        assert {trial["id"]: trial["state"] for trial in result["trials"]} == {
            "certificate.radius-nps1": "ok", "certificate.radius-nps2": "ok"
        }  # fmt: skip
        facts = result["certificates"]["facts"]["radius-nps1"]
        assert (facts["common_name"], facts["trusted"]) == ("hdv-nps1.ad.lebourget.example", None)
        simulator = lab.systems["winrm"].simulator
        assert isinstance(simulator, WinrmSimulator)
        assert simulator.calls.of("winrm")["writes"] == 0
        simulator.machines["hdv-nps1"].state["certificates"] = []
        access["urls"] = {**info["hosts"], "hdv-nps2": "https://127.0.0.1:9/wsman"}
        result = MODULES["win_certificates"].run(params, False)
        assert [trial["state"] for trial in result["trials"]] == ["unknown", "unknown"]
        assert "aucun certificat de ces noms" in result["certificates"]["unread"]["radius-nps1"]
