"""Sixty secrets and a person, planted in a lab by hand: `piste capture` keeps none of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.integration.test_capture import PISTE, SITES
from tests.support.checkouts import lent
from tests.support.playbooks import Console, console
from tests.unit.capture.test_secrets import PERSON, Planter, forms_of, leaks, texts

SYSTEMS = ("meraki", "smc", "prism", "glpi")
FEWEST = 60
MISSED = ["LZL3YcYwlfpkyTOYAmfMNpsFas85nght"]
"""A random text that is not recognised: a capture that keeps names keeps it too (docs/capture.md)."""
pytestmark = [pytest.mark.story, pytest.mark.timeout(3600)]


@pytest.fixture(autouse=True)
def clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with lent(tmp_path_factory, SITES) as folder:
        yield folder


def planted(there: Console) -> list[str]:
    """Write secrets where people do: keys, notes, names; some are those of the vault."""
    p, systems = Planter(), there.lab.systems
    meraki: Any = there.lab.meraki
    vault = [value for path, value in sorted(there.secrets.items()) if path.startswith(("meraki/", "radius/"))]
    (network, *_) = meraki.edit("GET", "/organizations/930093/networks")
    base = f"/networks/{network['id']}"
    meraki.edit("PUT", base, {"notes": p.said(), "enrollmentString": p.field()})
    meraki.edit("PUT", f"{base}/snmp", {"access": "community", "communityString": p.field()})
    for slot in range(4, 14):
        ssid = f"{base}/wireless/ssids/{slot}"
        key = {"authMode": "psk", "encryptionMode": "wpa", "psk": p.field()}
        meraki.edit("PUT", ssid, {"name": f"R{slot} {PERSON}", "enabled": True, **key})
        meraki.edit("PUT", f"{ssid}/splash/settings", {"welcomeMessage": p.said(), "redirectUrl": ""})
        rule = {"policy": "allow", "protocol": "any", "destCidr": "192.0.2.0/24", "comment": p.drawn()}
        meraki.edit("PUT", f"{ssid}/firewall/l3FirewallRules", {"rules": [rule]})
    smc: Any = systems["smc"].simulator
    glpi: Any = systems["glpi"].simulator
    for rank in range(8):
        written = {"name": f"hôte {rank} de {PERSON}", "address": f"192.0.2.{rank + 1}", "comment": p.said()}
        smc.edit("POST", "/elements/host", written)
        noted = vault[rank] if rank < len(vault) else p.drawn()
        computer = {"name": f"PC {rank}", "contact": PERSON, "comment": p.said(), "otherserial": noted}
        glpi.edit("POST", "Assets/Computer", computer)
        p.made.append(noted)
    prism: Any = systems["prism"].simulator
    for machine in prism.world.of("Vm").values():
        machine["description"] = p.said()
    return p.made


def listened(there: Console) -> list[str]:
    """Keep what the simulators answer from now on."""
    served: list[str] = []
    for name in SYSTEMS:
        simulator: Any = there.lab.systems[name].simulator
        answer = simulator.handle

        def heard(request: Any, answer: Any = answer) -> Any:
            response = answer(request)
            with suppress(ValueError):  # a text of JSON may be escaped
                served.append(json.dumps(json.loads(response.body), ensure_ascii=False))
            return response

        simulator.handle = heard
    return served


@pytest.mark.parametrize("keep_names", [False, True], ids=["masked", "names"])
def test_a_capture_by_its_command_has_no_planted_secret_nor_person(keep_names: bool, tmp_path: Path) -> None:
    folder = tmp_path / "capture"
    with console(tmp_path, "brownfield", firewall=True, hosting=True, inventory=True) as there:
        secrets, served = planted(there), listened(there)
        asked = [*(f"--system={name}" for name in SYSTEMS), *(["--keep-names"] if keep_names else [])]
        code, said, _ = there.run(["python", *PISTE, "capture", "--to", str(folder), *asked], {}, timeout=1800)
        assert folder.is_dir(), (code, said)
    whole = "\n".join(served)
    shown = {secret for secret in secrets if secret in whole}
    assert len(shown) >= FEWEST, sorted({*secrets} - shown)
    assert PERSON in whole
    assert leaks(folder, secrets) == (MISSED if keep_names else [])
    assert [secret for secret in secrets if any(form in said for form in forms_of(secret))] == []
    if not keep_names:
        first, last = PERSON.split()
        assert [text for text in texts(folder) if re.search(rf"(?i){first}|{last}", text)] == []
