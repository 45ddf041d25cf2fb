"""The playbook that reads for a twin: what answers is read, the rest named, nothing written."""

from __future__ import annotations

from pathlib import Path

from piste.trials.twin.readings import read
from tests.support.playbooks import console

HALL, SCHOOL = "hotel-de-ville", "ecole-jaures"


def test_what_answers_is_read_and_the_rest_is_missing_without_a_single_write(tmp_path: Path) -> None:
    with console(tmp_path) as terminal:
        # The network of the town hall exists, that of the school does not yet.
        world = terminal.lab.meraki
        organization = world.world.data["organization"]["id"]
        made = {"name": f"VLB {HALL}", "productTypes": ["switch", "wireless"]}
        network = world.edit("POST", f"/organizations/{organization}/networks", made)["id"]
        world.edit("POST", f"/networks/{network}/devices/claim", {"serials": ["QZZZ-0000-0001", "QZZZ-0000-0004"]})
        folder = tmp_path / "lu"
        folder.mkdir()
        limit = ("-l", f"commune,{HALL},{SCHOOL}", "-e", f"folder={folder}")
        done = terminal.play("playbooks/read_twin.yml", *limit)
        assert done.code == 0, done.said
        assert list(terminal.lab.calls.writes()) == []
    known = read(folder, [HALL, SCHOOL])
    assert {port["serial"] for port in known.networks[HALL]["switch_ports"]} == {"QZZZ-0000-0001", "QZZZ-0000-0004"}
    assert {"serial": "QZZZ-0000-0004", "port": "52", "to": "QZZZ-0000-0001", "to_port": "12"} in known.cables
    assert f"réseau de {SCHOOL} : il n’y en a pas" in known.missing
    # No directory answers here.
    assert "zones DNS : pas lu" in known.missing
