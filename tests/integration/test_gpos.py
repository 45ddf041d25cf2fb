"""Group policy objects on a real domain controller, read with Samba's own tools too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Ambiguous, Guarded, Interrupted, InvalidConfig, Unreachable
from piste.systems.windows.gpo.store import Store
from tests.support.backups import latest_backup
from tests.support.gpos import Console, as_administrator, console, dn, guid, real, version, whole
from tests.support.rich_gpo import rich
from tests.support.samba import Domain

KEY = "Software\\Policies\\Ville"


def value(number: int) -> dict[str, Any]:
    return {"type": "dword", "data": number}


def policy(name: str = "Essai", **more: Any) -> dict[str, Any]:
    return {"name": name, "computer": {"registry": {f"{KEY}!Un": value(1)}}, **more}


FULL = policy(
    comment="Réglages d’essai\nsur deux lignes",
    user={"enabled": False, "registry": {f"{KEY}!Texte": {"type": "sz", "data": "été"}}},
    filtering=["Domain Computers", "Domain Users"],
    exempt=["Domain Admins"],
)


@pytest.fixture
def here(domain: Domain) -> Iterator[Console]:
    with console(domain) as opened:
        yield opened


def operations(result: dict[str, Any]) -> list[str]:
    return [f"{operation['action']} {operation['key']}" for operation in result["operations"]]


def test_check_writes_nothing_the_run_does_what_it_said_and_the_second_run_changes_nothing(here: Console) -> None:
    before = here.domain.usn()
    foreseen = here.run(FULL, check=True)
    assert (here.writes, here.domain.usn()) == (0, before)
    done = here.run(FULL)
    assert foreseen["operations"] == done["operations"] != []
    written = here.writes
    again = here.run(FULL)
    assert (again["changed"], again["warnings"], here.writes) == (False, [], written)


def test_samba_reads_what_is_written(here: Console) -> None:
    here.run(FULL)
    shown = here.domain.tool("gpo", "show", guid(here))
    assert '"keyname": "Software\\\\Policies\\\\Ville"' in shown
    assert "GPO_FLAG_USER_DISABLE" in shown
    assert "version      : 65537" in shown
    assert "display name : Essai" in here.domain.tool("gpo", "listall")
    here.domain.tool("gpo", "aclcheck")


def test_what_is_gathered_is_what_was_declared(here: Console) -> None:
    here.run(FULL)
    (gathered,) = here.gathered("Essai")
    assert gathered == FULL | {"computer": {"enabled": True, **FULL["computer"]}, "wmi_filter": None}
    assert here.run(gathered, state="replaced")["changed"] is False


def test_a_change_raises_the_version_of_its_side_alone_and_nothing_else(here: Console) -> None:
    here.run(policy())
    files = here.domain.sysvol()
    here.run(policy(user={"registry": {f"{KEY}!Deux": value(2)}}))
    now = here.domain.sysvol()
    assert version(here) == 1 << 16 | 1
    assert {path for path in now if files.get(path) != now[path]} == {
        f"{guid(here)}/GPT.INI",
        f"{guid(here)}/User/Registry.pol",
    }


def test_who_applies_a_policy_costs_no_version(here: Console) -> None:
    here.run(policy())
    here.run(policy(filtering=["Domain Users"], exempt=["Domain Admins"]))
    assert version(here) == 1
    here.run(policy(filtering=["Authenticated Users"], exempt=[]))
    (gathered,) = here.gathered("Essai")
    assert (gathered["filtering"], gathered["exempt"]) == (["Authenticated Users"], [])
    here.domain.tool("gpo", "aclcheck")


def test_an_entry_is_taken_away_and_those_of_others_stay_and_are_said(here: Console) -> None:
    here.run(policy(computer={"registry": {f"{KEY}!Un": value(1), f"{KEY}!Autre": value(3)}}))
    done = here.run(policy())
    assert done["warnings"] == [f"gpo Essai : computer.registry contient aussi, non déclaré et gardé : {KEY}!Autre"]
    here.run(policy(computer={"registry": {f"{KEY}!Autre": None}}))
    assert list(here.gathered("Essai")[0]["computer"]["registry"]) == [f"{KEY}!Un"]


def test_an_exclusive_policy_holds_what_is_declared(here: Console) -> None:
    here.run(policy(computer={"registry": {f"{KEY}!Un": value(1), f"{KEY}!Autre": value(3)}}))
    here.run(policy(exclusive=True))
    assert list(here.gathered("Essai")[0]["computer"]["registry"]) == [f"{KEY}!Un"]
    assert here.run(policy(exclusive=True))["changed"] is False


def test_the_last_setting_goes_with_its_file_and_its_extension(here: Console) -> None:
    here.run(policy())
    here.run(policy(computer={"registry": {f"{KEY}!Un": None}}))
    assert not [path for path in here.domain.sysvol() if path.endswith("Registry.pol") and guid(here) in path]
    assert "Machine Exts" not in here.domain.tool("gpo", "show", guid(here))


# what others do meanwhile


def break_version(here: Console) -> None:
    (here.domain.policies / guid(here) / "GPT.INI").write_bytes(b"[General]\r\nVersion=7\r\ndisplayName=x\r\n")


def break_extensions(here: Console) -> None:
    with here.domain.ldap() as connection:
        connection.modify(dn(here), {"gPCMachineExtensionNames": [("MODIFY_REPLACE", [])]})


def break_acl(here: Console) -> None:
    sddl = here.domain.samba("ntacl", "get", "--as-sddl", real(here)).strip()
    here.domain.samba("ntacl", "set", sddl.replace("(", "(A;OICI;0x001f01ff;;;WD)(", 1), real(here))


def break_file(here: Console) -> None:
    (here.domain.policies / guid(here) / "Machine" / "Registry.pol").unlink()


def break_ini(here: Console) -> None:
    (here.domain.policies / guid(here) / "GPT.INI").unlink()


def break_folder(here: Console) -> None:
    here.domain.run("rm", "-r", real(here))


def break_attributes(here: Console) -> None:
    with here.domain.ldap() as connection:
        connection.modify(dn(here), {name: [("MODIFY_REPLACE", [])] for name in ("flags", "versionNumber")})


STRIKES = (
    break_version,
    break_extensions,
    break_acl,
    break_file,
    break_ini,
    break_folder,
    break_attributes,
)


def test_what_was_broken_by_hand_is_found_and_repaired(here: Console) -> None:
    here.run(FULL)
    for strike in STRIKES:
        strike(here)
        foreseen = here.run(FULL, check=True)
        assert operations(foreseen) == ["update Essai"], strike.__name__
        assert here.run(FULL)["operations"] == foreseen["operations"], strike.__name__
        assert here.run(FULL)["changed"] is False, strike.__name__
        assert whole(here), strike.__name__


def test_a_policy_made_by_samba_tool_is_taken_over(domain: Domain) -> None:
    domain.tool("gpo", "create", "Essai")
    with console(domain, **as_administrator(domain)) as here:
        here.run(FULL)
        assert here.run(FULL)["changed"] is False
        assert whole(here)


def test_a_policy_of_somebody_else_is_refused_by_the_right_that_is_missing(here: Console) -> None:
    here.domain.tool("gpo", "create", "Essai")
    with pytest.raises(Interrupted, match="droits insuffisants"):
        here.run(FULL)


# what is refused


def test_a_policy_goes_by_its_word_alone_and_after_a_backup(here: Console, tmp_path: Path) -> None:
    here.run(FULL)
    driver = {"backup_dir": str(tmp_path / "sauvegardes")}
    waiting = here.run(absent=["Essai"], driver=driver)
    assert (waiting["changed"], "gpo_deletion:Essai" in "".join(waiting["withheld"])) == (False, True)
    with pytest.raises(Guarded, match="backup_dir manque"):
        here.run(absent=["Essai"], confirm=["gpo_deletion"])
    files = {path.partition("/")[2]: raw for path, raw in here.domain.sysvol().items() if path.startswith(guid(here))}
    folder = guid(here)
    done = here.run(absent=["Essai"], confirm=["gpo_deletion"], driver=driver)
    assert operations(done) == ["delete Essai"]
    assert (here.gathered(), (here.domain.policies / folder).exists()) == (defaults(here), False)
    back = latest_backup(tmp_path / "sauvegardes", "Essai")
    assert {path: raw for path, raw in back.files.items() if path != "GPO.cmt"} == {
        path: raw for path, raw in files.items() if path not in ("GPT.INI", "GPO.cmt")
    }
    assert (back.comment, back.flags) == (FULL["comment"], 1)
    assert here.run(absent=["Essai"], confirm=["gpo_deletion"], driver=driver)["changed"] is False


def defaults(here: Console) -> list[dict[str, Any]]:
    return here.gathered("Default Domain Policy", "Default Domain Controllers Policy")


def test_what_a_removed_policy_was_makes_it_again(here: Console, tmp_path: Path) -> None:
    here.run(FULL)
    before = here.gathered("Essai")
    done = here.run(absent=["Essai"], confirm=["gpo_deletion"], driver={"backup_dir": str(tmp_path)})
    (operation,) = done["operations"]
    here.run(operation["content"]["before"])
    assert here.gathered("Essai") == before


def test_a_policy_that_is_linked_stays(here: Console, tmp_path: Path) -> None:
    here.run(policy())
    here.domain.tool("ou", "add", "OU=Ville")
    here.domain.tool("gpo", "setlink", f"OU=Ville,{here.directory.base}", guid(here))
    with pytest.raises(Interrupted, match="encore liée à Ville") as caught:
        here.run(absent=["Essai"], confirm=["gpo_deletion"], driver={"backup_dir": str(tmp_path)})
    assert caught.value.kind == "refused"
    assert whole(here)


def test_the_domains_own_policies_stay(here: Console, tmp_path: Path) -> None:
    with pytest.raises(Guarded, match="le domaine ne s’en passe pas"):
        here.run(absent=["Default Domain Policy"], confirm=["gpo_deletion"], driver={"backup_dir": str(tmp_path)})


def test_overridden_removes_the_owners_undeclared_policies_alone(here: Console, tmp_path: Path) -> None:
    here.run(policy("VLB - Un"), policy("VLB - Deux"), policy("Autre"))
    done = here.run(
        policy("VLB - Un"),
        state="overridden",
        confirm=["gpo_deletion"],
        driver={"prefix": ["vlb - "], "backup_dir": str(tmp_path)},
    )
    assert operations(done) == ["delete VLB - Deux"]


def test_all_faults_of_all_policies_come_at_once_before_any_write(here: Console) -> None:
    bad = {
        "name": "Deux",
        "wmi_filter": "Absent",
        "exempt": ["S-1-5-21-1-2-3-500"],
        "computer": {
            "policies": {"power.sleep_after_acc": 600},
            "scripts": {"startup": [{"name": "x.cmd", "file": "/nulle/part.cmd"}]},
            "foreign": {"Registry.pol": "pas du base64"},
        },
    }
    with pytest.raises(InvalidConfig) as caught:
        here.run(policy("Un", filtering=["GG-Absent"], comment=3.5), bad)
    assert {fault.path for fault in caught.value.faults} == {
        "config[Un].comment",
        "config[Un].filtering",
        "config[Deux].wmi_filter",
        "config[Deux].exempt",
        "config[Deux].computer.policies[power.sleep_after_acc]",
        "config[Deux].computer.scripts.startup[0].file",
        "config[Deux].computer.foreign[Registry.pol]",
    }
    assert here.writes == 0


def test_a_document_that_would_break_its_schema_is_refused_before_any_policy_is_written(here: Console) -> None:
    trigger = {"xml": "<TimeTrigger><Enabled>peut-être</Enabled></TimeTrigger>"}
    tasks = {"scheduled_tasks": {"T": {"triggers": [trigger], "actions": [{"command": "x.exe"}]}}}
    bad = {"name": "Deux", "computer": {"preferences": tasks}}
    for check in (True, False):
        with pytest.raises(Guarded, match=r"Deux, computer : ScheduledTasks/ScheduledTasks\.xml : .*son schéma"):
            here.run(policy("Un"), bad, check=check)
    assert here.writes == 0


def test_a_wired_policy_without_its_service_is_refused_unless_the_service_is_there_already(here: Console) -> None:
    wired = {"name": "Filaire", "eap": "tls", "server_names": ["nps1.ville.example"], "trusted_roots": ["01" * 20]}
    with pytest.raises(InvalidConfig, match=r"config\[Essai\].computer.security.services.dot3svc"):
        here.run({"name": "Essai", "computer": {"wired": wired}})
    assert here.writes == 0
    here.run(policy(computer={"security": {"services": {"dot3svc": {"startup": "automatic"}}}}))
    here.run({"name": "Essai", "computer": {"wired": wired}})
    assert here.gathered("Essai")[0]["computer"]["wired"]["server_names"] == ["nps1.ville.example"]


def test_two_policies_of_one_name_are_distinguished_by_their_identifier(here: Console, tmp_path: Path) -> None:
    here.run(policy())
    twin = f"Essai {guid(here)}"
    with here.domain.ldap() as connection:
        other = Store(here.directory, here.sysvol).create("Provisoire")
        connection.modify(other.dn, {"displayName": [("MODIFY_REPLACE", ["essai"])]})
    with pytest.raises(Ambiguous, match="2 stratégies s’appellent"):
        here.run(policy())
    assert twin in [item["name"] for item in here.run(state="gathered")["gathered"]]
    here.run(absent=[f"essai {other.guid}"], confirm=["gpo_deletion"], driver={"backup_dir": str(tmp_path)})
    assert here.run(policy())["changed"] is False


def test_a_directory_that_does_not_answer_is_unknown(here: Console) -> None:
    with console(here.domain, address="127.0.0.1") as away, pytest.raises(Unreachable) as caught:
        away.run(policy())
    assert caught.value.kind == "unknown"


# other tools


def test_samba_saves_and_parses_what_is_written(here: Console) -> None:
    here.domain.tool("group", "add", "GG-Essai")
    here.run(rich("Essai"))
    done = here.domain.run("mktemp", "-d")
    folder = done.stdout.strip()
    here.domain.tool("gpo", "backup", guid(here), f"--tmpdir={folder}")
    parsed = here.domain.run("find", folder, "-name", "*.xml").stdout
    assert all(f"/{name}.xml" in parsed for name in ("Registry.pol", "GptTmpl.inf", "GPT.INI", "audit.csv"))
    here.domain.tool("gpo", "aclcheck")
