"""The directory of the town on a real controller, exported and replayed in an empty domain.

Samba accepts each of its policies. The empty domain has another name. Only a few sites are open: sites do not differ in
what they have there."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from lxml import etree

from lab.declared import declared_town
from piste.systems.windows.intent import ad_intent
from piste.town.model import load
from tests.support import playbooks
from tests.support.ad import converged
from tests.support.backups import read_backup
from tests.support.checkouts import lent
from tests.support.playbooks import Console, Played, console
from tests.support.samba import OTHER, Domain, running_domain
from tests.support.samba_reads import registry_pol

HOSTILE = "{{ lookup('ansible.builtin.env', 'HOME') }} {% raw %}"
KEY = "Software\\Policies\\Reprise"
BESIDE = {"Default Domain Policy", "Default Domain Controllers Policy", f"Reprise {HOSTILE}"}


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    with (
        lent(tmp_path_factory, ("hotel-de-ville", "ecole-jaures", "mediatheque")),
        console(tmp_path_factory.mktemp("export"), directory=True) as opened,
    ):
        yield opened


@pytest.fixture(scope="module")
def town(terminal: Console, tmp_path_factory: pytest.TempPathFactory) -> Domain:
    """Converge all hosts, and add what somebody made by hand; return the domain."""
    assert terminal.lab.directory is not None, terminal.lab.info["absent"]
    domain = Domain(terminal.lab.directory)
    converged(domain, tmp_path_factory.mktemp("converge"), load(playbooks.REPOSITORY / "inventories/town"))
    domain.tool("ou", "add", f"OU=Reprise,{domain.base_dn}", f"--description={HOSTILE}")
    domain.tool("group", "add", "GG-Reprise", "--groupou=OU=Reprise", f"--description={HOSTILE}")
    made = domain.tool("gpo", "create", f"Reprise {HOSTILE}", f"--tmpdir={terminal.folder}")
    value = {"keyname": KEY, "valuename": HOSTILE, "class": "MACHINE", "type": "REG_SZ", "data": HOSTILE}
    settings = terminal.folder / "settings.json"
    settings.write_text(json.dumps([value]), encoding="utf-8")
    guid = re.findall(r"\{[0-9A-F-]{36}\}", made)
    domain.tool("gpo", "load", *guid, f"--content={settings}")
    return domain


class Unsafe(yaml.SafeLoader):
    """Reader of YAML that takes marked text as it is."""


Unsafe.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))


def with_folder(terminal: Console, playbook: str, folder: Path, domain: Domain, *arguments: str) -> Played:
    given = terminal.folder / "given.json"
    given.write_text(json.dumps({"folder": str(folder), "piste_ad": domain.option}), encoding="utf-8")
    return terminal.play(f"playbooks/{playbook}.yml", "--extra-vars", f"@{given}", *arguments)


def export(terminal: Console, folder: Path, domain: Domain) -> dict[str, str]:
    """Export a domain; return the files for people and for a replay, by name."""
    before = domain.usn(), domain.sysvol()
    played = with_folder(terminal, "export_directory", folder, domain)
    assert played.code == 0, played.said
    assert (domain.usn(), domain.sysvol()) == before
    # The computers that a domain has are read for the inventory, and no replay makes them.
    files = [file for file in (folder / "directory").iterdir() if file.name != "computers.yml"]
    return {file.name: file.read_text(encoding="utf-8") for file in files}


@pytest.fixture(scope="module")
def exported(terminal: Console, town: Domain) -> tuple[Path, dict[str, str]]:
    folder = terminal.folder / "premier"
    return folder, export(terminal, folder, town)


def test_an_export_replayed_in_an_empty_domain_of_another_name_gives_the_same_export(
    terminal: Console, town: Domain, exported: tuple[Path, dict[str, str]]
) -> None:
    folder, first = exported
    with running_domain(OTHER) as other:
        foreseen = with_folder(terminal, "replay_directory", folder, other, "--check")
        assert foreseen.code == 0, foreseen.said
        done = with_folder(terminal, "replay_directory", folder, other)
        assert done.code == 0, done.said
        assert done.recap("commune")["changed"] == foreseen.recap("commune")["changed"] == 1
        before = other.usn(), other.sysvol()
        again = with_folder(terminal, "replay_directory", folder, other)
        assert (again.code, again.recap("commune")["changed"]) == (0, 0), again.said
        assert (other.usn(), other.sysvol()) == before
        assert other.tool("gpo", "aclcheck") == ""
        assert export(terminal, terminal.folder / "second", other) == first


@pytest.mark.story
def test_what_contractors_left_is_exported_whole_and_replays_with_nothing_but_repairs(
    terminal: Console, tmp_path: Path
) -> None:
    with running_domain(OTHER) as other:
        other.restore("brownfield")
        export(terminal, tmp_path, other)
        played = with_folder(terminal, "replay_directory", tmp_path, other, "--check")
    assert played.code == 0, played.said
    changed = [line for line in played.said.split("TASK [")[1:] if "\nchanged: " in line]
    assert [text.partition("]")[0] for text in changed] == ["Redire l’annuaire"]
    assert "lien vers une stratégie qui n’existe plus, laissé" in played.said


def test_the_backups_say_all_that_they_hold_and_whom_another_domain_has_to_have(
    town: Domain, exported: tuple[Path, dict[str, str]]
) -> None:
    folder = exported[0] / "gpo_backups"
    backups = {saved.name: saved for saved in map(read_backup, folder.glob("{*}"))}
    policies = listed(town)
    assert {saved.guid: name for name, saved in backups.items()} == {
        guid: policy["name"] for guid, policy in policies.items()
    }
    files = {f"{saved.guid}/{path}": raw for saved in backups.values() for path, raw in saved.files.items()}
    assert files == {path: raw for path, raw in town.sysvol().items() if not path.endswith("GPT.INI")}
    table = etree.parse(folder / "migration.migtable").getroot()
    sources = [source.findtext("{*}Source") for source in table]
    assert f"GP-Sans-Arret@{town.forest.domain}" in sources
    assert all(source.find("{*}DestinationByRelativeName") is not None for source in table)


def test_exporting_again_changes_no_file(
    terminal: Console, town: Domain, exported: tuple[Path, dict[str, str]]
) -> None:
    folder, first = exported
    before = {path: path.stat().st_mtime_ns for path in folder.glob("gpo_backups/{*}/*")}
    assert export(terminal, folder, town) == first
    assert {path: path.stat().st_mtime_ns for path in folder.glob("gpo_backups/{*}/*")} == before != {}


def test_a_check_of_an_export_leaves_no_file(terminal: Console, town: Domain, tmp_path: Path) -> None:
    played = with_folder(terminal, "export_directory", tmp_path / "export", town, "--check")
    assert played.code == 0, played.said
    assert list(tmp_path.iterdir()) == []


def test_a_relative_path_is_refused(terminal: Console) -> None:
    for playbook in ("export_directory", "replay_directory"):
        played = terminal.play(f"playbooks/{playbook}.yml", "--extra-vars", "folder=annuaire")
        assert (played.code, "chemin absolu" in played.said) == (2, True)


def test_text_that_jinja_would_evaluate_is_marked(exported: tuple[Path, dict[str, str]]) -> None:
    assert f'description: !unsafe "{HOSTILE}"' in exported[1]["organizational_units.yml"]
    assert f'description: !unsafe "{HOSTILE}"' in exported[1]["groups.yml"]
    assert f'name: !unsafe "Reprise {HOSTILE}"' in exported[1]["gpos.yml"]
    written = yaml.load(exported[1]["gpos.yml"], Unsafe)["gpos"]
    (made,) = [item for item in written if item["name"] == f"Reprise {HOSTILE}"]
    assert made["computer"]["registry"] == {f"{KEY}!{HOSTILE}": {"type": "sz", "data": HOSTILE}}
    assert exported[1]["gpos.yml"].count("{{") == exported[1]["gpos.yml"].count("!unsafe") == 3


def test_a_replay_refuses_an_export_that_lacks_a_file_before_it_writes(
    terminal: Console, town: Domain, exported: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    shutil.copytree(exported[0], tmp_path / "export")
    (tmp_path / "export/directory/gpo_links.yml").unlink()
    before = town.usn()
    played = with_folder(terminal, "replay_directory", tmp_path / "export", town)
    assert played.code == 2
    assert "directory/gpo_links.yml : absent" in played.said
    assert town.usn() == before


@pytest.mark.story
def test_samba_lists_shows_checks_and_saves_every_policy_of_the_town(
    terminal: Console, town: Domain, tmp_path: Path
) -> None:
    """Samba's own parsers read each file, and return its content."""
    policies, files = listed(town), town.sysvol()
    declared = {policy["name"] for policy in ad_intent(declared_town().commune)["gpos"]}
    assert declared == {policy["name"] for policy in policies.values()} - BESIDE
    assert town.tool("gpo", "aclcheck") == ""
    for guid, policy in policies.items():
        own = {path.partition("/")[2]: raw for path, raw in files.items() if path.startswith(guid)}
        assert re.findall(rb"Version *= *(\d+)", own["GPT.INI"]) == [policy["version"].encode()]
        read = [registry_pol(raw) for path, raw in own.items() if path.endswith("Registry.pol")]
        assert all(document["same"] for document in read)
        settings = sorted((key, value) for document in read for key, value, *_ in document["entries"])
        shown = json.loads(town.tool("gpo", "show", guid).partition("Policies     :")[2])
        assert sorted((value["keyname"], value["valuename"]) for value in shown) == settings
        town.tool("gpo", "backup", guid, f"--tmpdir={tmp_path}")
        saved = tmp_path / "policy" / guid
        assert {path: (saved / f"{path}.SAMBABACKUP").read_bytes() for path in own} == own
        assert [path for path in own if not (saved / f"{path}.xml").stat().st_size] == []


def listed(domain: Domain) -> dict[str, dict[str, str]]:
    """Return the name and version of each policy by GUID, as samba-tool lists them."""
    fields = re.compile(r"^(GPO|display name|version) +: (.*)$", re.MULTILINE)
    blocks = [dict(fields.findall(block)) for block in domain.tool("gpo", "listall").split("\n\n")]
    return {block["GPO"]: {"name": block["display name"], "version": block["version"]} for block in blocks if block}
