"""The configurations of the Nexus switches in a bag: as text, verified, or named as unread."""

from __future__ import annotations

import base64
import random
from pathlib import Path

from lab.nexus.configuration import as_declared, by_hand, running
from piste.exports.bag.contents import NEXUS, Contents
from piste.exports.bag.gaps import _unread
from piste.exports.bag.verify import examine
from piste.systems.nexus.configuration import MASK, masked
from tests.support.bags import tiny
from tests.support.nexus import declared


def test_a_bag_with_configurations_verifies_and_no_line_looks_like_a_secret(tmp_path: Path) -> None:
    config = by_hand(as_declared(declared()["switches"][0], {}), "10.93.2.254")
    key = base64.b64encode(random.Random(1).randbytes(200)).decode()
    config["extra"] += [f"username essai sshkey ssh-rsa {key}", f'tacacs-server host 10.93.1.8 key 7 "{key[:40]}"']
    folder = tmp_path / "sac/data/systems/nexus"
    folder.mkdir(parents=True)
    (folder / "nx-hdv-1.txt").write_text(masked(running(config, "midi")), "utf-8")
    bag = tiny(tmp_path)
    assert {finding.state for finding in examine(bag)} == {"ok"}
    text = (bag / "data/nexus/nx-hdv-1.txt").read_text("utf-8")
    assert text.count(MASK) > 5
    assert "  name ancien-essai" in text.splitlines()
    assert not (bag / "data/systems/nexus").exists()


def test_a_switch_that_was_not_read_is_a_gap(tmp_path: Path) -> None:
    contents = Contents(tmp_path)
    (tmp_path / "nexus").mkdir()
    (tmp_path / "nexus/nx-hdv-1.txt").write_text("hostname nx-hdv-1\n", "utf-8")
    contents.lacks(NEXUS, ["nx-hdv-1.txt", "nx-hdv-2.txt"], "nx-hdv-2 ne répond pas.")
    assert list(_unread(contents)) == ["**nexus**, fichiers absents : nx-hdv-2. nx-hdv-2 ne répond pas."]
