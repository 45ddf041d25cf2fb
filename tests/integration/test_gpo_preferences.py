"""Preferences and 802.1X policies on a real controller, read by Samba's own client too."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from ldap3 import MODIFY_REPLACE

from piste.systems.windows.gpo import acl, extensions
from piste.systems.windows.gpo.document import content_of
from piste.systems.windows.gpo.part import FOLDERS
from piste.systems.windows.gpo.preference_table import KINDS
from piste.systems.windows.gpo.stored import SIDES
from piste.systems.windows.gpo.xml import append, canonical, parse, serialise
from piste.systems.windows.gpos import PARTS
from piste.systems.windows.names import Names
from tests.support.backups import latest_backup
from tests.support.gpos import Console, console
from tests.support.preferences import KEYS, rich
from tests.support.samba import Domain

WIRED: dict[str, Any] = {
    "name": "Filaire de la Ville",
    "enforced": False,
    "auth_mode": "machine",
    "eap": "tls",
    "server_names": ["nps1.ad.ville.test"],
    "trusted_roots": ["0102030405060708090a0b0c0d0e0f1011121314"],
}
WIRELESS: dict[str, Any] = {
    "name": "Wi-Fi",
    "ssids": {
        "VLB-Agents": {key: WIRED[key] for key in ("server_names", "trusted_roots")}
        | {"eap": "peap", "windows_logon": False}
    },
}


def preferences(side: str, group: str) -> dict[str, Any]:
    """Return every kind of a side with every field."""
    entries = {kind.name: {KEYS.get(kind.name, "nom"): rich(kind, group)} for kind in KINDS if side in kind.sides}
    entries.get("services", {})["dot3svc"] = {"startup": "automatic", "service_action": "start"}
    return {name: items for name, items in entries.items() if items}


@pytest.fixture
def here(domain: Domain) -> Iterator[Console]:
    domain.tool("group", "add", "GG-Essai")
    with console(domain) as opened:
        yield opened


def policy() -> dict[str, Any]:
    return {
        "name": "Préférences",
        "computer": {"preferences": preferences("computer", "GG-Essai"), "wired": WIRED, "wireless": WIRELESS},
        "user": {"preferences": preferences("user", "GG-Essai")},
    }


def test_check_says_what_the_run_does_and_the_second_run_does_nothing(here: Console) -> None:
    foreseen = here.run(policy(), check=True)
    assert here.writes == 0
    done = here.run(policy())
    assert foreseen["operations"] == done["operations"] != []
    written = here.writes
    again = here.run(policy())
    assert (again["changed"], here.writes) == (False, written)


def test_what_is_gathered_replays_without_a_change(here: Console) -> None:
    here.run(policy())
    (gathered,) = here.gathered("Préférences")
    assert gathered["user"]["preferences"] == policy()["user"]["preferences"]
    assert "foreign" not in gathered["computer"]
    assert here.run(gathered, state="replaced")["changed"] is False


def test_samba_saves_all_of_it_and_restores_it_as_another_policy(here: Console, tmp_path: Path) -> None:
    here.run(policy())
    here.domain.tool("gpo", "aclcheck")
    (path,) = [path for path in here.domain.sysvol() if path.endswith("Drives.xml")]
    guid = path.split("/")[0]
    here.domain.tool("gpo", "backup", guid, f"--tmpdir={tmp_path}")
    here.domain.tool("gpo", "restore", "Copie", str(tmp_path / "policy" / guid))
    assert here.gathered("Copie")[0]["user"]["preferences"] == here.gathered("Préférences")[0]["user"]["preferences"]


def test_drift_made_by_hand_is_found_and_repaired_and_the_rest_left_alone(here: Console) -> None:
    here.run(policy())
    (path,) = [path for path in here.domain.sysvol() if path.endswith("Drives.xml")]
    root = parse(here.domain.sysvol()[path])
    foreign = deepcopy(root[0])
    foreign.set("uid", "{00000000-0000-0000-0000-000000000001}")
    (properties,) = foreign.iterchildren("Properties")
    properties.attrib.update({"letter": "Q", "cpassword": "j1Uyj3"})
    next(root.iter("Properties")).set("label", "à la main")
    append(root, foreign)
    here.sysvol.write(f"Policies/{path}", serialise(root))
    assert here.run(policy())["changed"]
    mine, other = parse(here.domain.sysvol()[path])
    assert next(mine.iter("Properties")).get("label") == policy()["user"]["preferences"]["drive_maps"]["P:"]["label"]
    assert canonical(other) == canonical(foreign)
    again = here.run(policy())
    assert again["changed"] is False
    assert again["warnings"] == [
        "gpo Préférences : user.foreign contient aussi, non déclaré et gardé : Preferences/Drives/Drives.xml "
        "(Drive « P: », avec un mot de passe lisible par tous)"
    ]


def test_what_is_not_declared_is_said_and_goes_only_when_asked(here: Console) -> None:
    here.run(policy())
    drives = policy()["user"]["preferences"]["drive_maps"]
    less = {"name": "Préférences", "user": {"preferences": {"drive_maps": {"Z:": drives["P:"]}}}}
    kept = here.run(less)
    assert list(here.gathered("Préférences")[0]["user"]["preferences"]["drive_maps"]) == ["P:", "Z:"]
    warnings = "\n".join(kept["warnings"])
    assert "user.preferences.drive_maps contient aussi, non déclaré et gardé : P:" in warnings
    assert "user.preferences.shared_printers contient aussi, non déclaré et gardé" in warnings
    here.run(less, state="replaced")
    assert here.gathered("Préférences")[0]["user"]["preferences"] == less["user"]["preferences"]
    assert here.run(less, state="replaced")["changed"] is False


def test_a_wired_policy_edited_by_another_tool_is_put_right(here: Console) -> None:
    here.run(policy())
    name = "ms-net-ieee-8023-GP-PolicyData"
    with here.domain.ldap() as connection:
        connection.search(here.domain.base_dn, f"({name}=*)", attributes=[name])
        (entry,) = connection.entries
        text = str(entry[name]).replace("<OneXEnforced>false", "<OneXEnforced>true")
        connection.modify(entry.entry_dn, {name: [(MODIFY_REPLACE, [text])]})
    done = here.run(policy())
    assert done["changed"]
    assert here.gathered("Préférences")[0]["computer"]["wired"]["enforced"] is False
    assert here.run(policy())["changed"] is False


def test_a_policy_is_saved_whole_before_it_goes(here: Console, tmp_path: Path) -> None:
    here.run(policy())
    (before,) = here.gathered("Préférences")
    confirm = ["gpo_deletion:Préférences"]
    here.run(policy(), state="deleted", confirm=confirm, driver={"backup_dir": str(tmp_path)})
    assert here.gathered("Préférences") == []
    saved = latest_backup(tmp_path, "Préférences")
    for side in SIDES:
        files = {
            path.removeprefix(f"{FOLDERS[side]}/"): raw
            for path, raw in saved.files.items()
            if path.startswith(FOLDERS[side])
        }
        pairs = extensions.parse(saved.extensions[side])
        content = content_of(side, saved.guid, files, saved.objects[side], pairs)
        read = PARTS.read(content, Names(here.directory))
        assert read == {name: value for name, value in before[side].items() if name != "enabled"}
    assert saved.controller == here.directory.controller
    assert acl.parse(saved.descriptor).owner.startswith(here.directory.sid)
    kinds = {trustee.name: (trustee.kind, trustee.from_acl) for trustee in saved.trustees}
    assert kinds["Domain Admins"] == ("GlobalGroup", True)
    assert kinds["GG-Essai"] == ("GlobalGroup", False)
