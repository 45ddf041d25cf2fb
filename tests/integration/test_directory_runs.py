"""The engineer's round on the directory, from the command line: plan, apply, undo, drift."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.ad.image import Image
from piste.commands.output import EXIT
from piste.runs.records.journal import latest
from piste.runs.records.record import Record
from piste.town.model import load
from tests.support.ad import Town, converged
from tests.support.checkouts import lent
from tests.support.playbooks import console, only
from tests.support.samba import Domain
from tests.support.terminal import Said, Terminal

SCHOOL = "ecole-jaures"
PLACE = f"Ville/Écoles/{SCHOOL}"
PLACES = (SCHOOL, "mediatheque")
"""Sites disturbed below, the only open sites beside the town hall: more sites prove no more and take long."""
CONCERNED = ",".join(("commune", *PLACES))
PLAYBOOK = "playbooks/domains/directory.yml"
MODULES = ("ad_organizational_units", "ad_groups", "ad_wmi_filters", "ad_gpos", "ad_gpo_links")
KEY = "Software\\Policies\\Ville"


class Round:
    """Terminal on a domain that matches its declaration."""

    def __init__(self, terminal: Terminal, domain: Domain, folder: Path) -> None:
        self.terminal, self.domain = terminal, domain
        self.town = Town(domain, folder)
        self.piste = terminal.piste

    def state(self) -> str:
        live = {name: self.town.module(name, state="gathered")["gathered"] for name in MODULES}
        return json.dumps(live, ensure_ascii=False, sort_keys=True, indent=1)

    def guid(self, policy: str) -> str:
        with self.domain.ldap() as connection:
            connection.search(f"CN=Policies,CN=System,{self.domain.base_dn}", f"(displayName={policy})")
            return str(connection.entries[0].entry_dn).partition(",")[0].removeprefix("CN=")

    def written(self) -> tuple[int, dict[str, bytes]]:
        """Return what any write changes: the directory's count, the files of SYSVOL."""
        return self.domain.usn(), self.domain.sysvol()

    def play(self, *arguments: str) -> Record:
        """Run plain Ansible; return the record that it leaves."""
        played = self.terminal.console.play(*arguments, **self.terminal.environment)
        assert played.code == 0, played.said
        return latest(self.terminal.console.folder / "journal", last=1)[0]

    def play_tasks(self, *plays: tuple[str, str, dict[str, Any]]) -> Record:
        """Run tasks of plain Ansible, each on a host; return the record that they leave."""
        path = self.terminal.console.folder / "tasks.yml"
        usual = {"domain": "{{ piste_ad }}", "owner": "{{ inventory_hostname }}"}
        content = [
            {"hosts": host, "connection": "local", "gather_facts": False, "tasks": [{module: {**usual, **options}}]}
            for host, module, options in plays
        ]
        path.write_text(json.dumps(content, ensure_ascii=False), "utf-8")
        return self.play(str(path))

    def taken_back(self, name: str, *options: str) -> Said:
        before = self.written()
        back = self.piste("undo", name, *options)
        assert (back.code, self.written() == before) == (EXIT["changes"], True), back.out + back.err
        applied = self.piste("apply", back.plan_id, "--yes")
        assert applied.code == 0, applied.out + applied.err
        return back


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Terminal, Domain, Image]]:
    folder = tmp_path_factory.mktemp("round")
    with lent(tmp_path_factory, ("hotel-de-ville", *PLACES)) as clone, console(folder, directory=True) as made:
        assert made.lab.directory is not None, made.lab.info["absent"]
        domain = Domain(made.lab.directory)
        kept = converged(domain, tmp_path_factory.mktemp("converge"), load(clone / "inventories/town"))
        yield Terminal(made), domain, kept


@pytest.fixture
def round_(opened: tuple[Terminal, Domain, Image], tmp_path: Path) -> Round:
    terminal, domain, declared = opened
    domain.controller.restore(declared)
    return Round(terminal, domain, tmp_path)


def summed_up(operations: list[dict[str, Any]]) -> list[tuple[str, str, str, str]]:
    """List the operations by owner: the order between owners depends on the machine."""
    return [(o["owner"], o["action"], o["kind"], o["key"]) for o in sorted(operations, key=lambda o: str(o["owner"]))]


FILTER, GPO, OTHER = "Postes de travail Windows 10 et 11", "Socle administration", "Socle écoles"


def disturb(here: Round) -> None:
    """Alter an object of each kind, as another administrator."""
    here.domain.tool("group", "delete", "GV-Police")
    here.domain.tool("group", "delete", f"GG-{SCHOOL}")
    here.domain.tool("gpo", "del", here.guid("Socle libre accès"))
    town = here.town.module
    town("ad_organizational_units", [{"path": PLACE, "description": "Autre", "protected": False}])
    town("ad_gpo_links", [{"target": "Ville", "links": {OTHER: {}, "Socle commun": {"enforced": True}}}])
    town("ad_wmi_filters", [{"name": FILTER, "queries": [{"query": "SELECT 2"}]}])
    policies = {"onedrive.files_on_demand": None, "onedrive.silent_sign_in": False, "edge.in_private": "forbidden"}
    town("ad_gpos", [{"name": GPO, "comment": "Autre", "computer": {"policies": policies}}])


DISTURBED = [
    ("commune", "create", "group", "GV-Police"),
    ("commune", "update", "wmi_filter", FILTER),
    ("commune", "update", "gpo", GPO),
    ("commune", "create", "gpo", "Socle libre accès"),
    ("commune", "update", "gpo_links", "Ville"),
    (SCHOOL, "update", "organizational_unit", PLACE),
    (SCHOOL, "create", "group", f"GG-{SCHOOL}"),
    ("mediatheque", "update", "gpo_links", "Ville/Culture/mediatheque/Postes publics"),
]
"""Samba removes the links of a policy with it: a site links again a policy that the town makes again."""


def test_what_others_did_is_a_drift_put_right_and_that_is_taken_back(round_: Round) -> None:
    disturb(round_)
    disturbed, before = round_.state(), round_.written()
    planned = round_.piste("plan", CONCERNED, "--domain", "directory")
    assert summed_up(round_.terminal.operations(planned.plan_id)) == DISTURBED
    assert round_.written() == before
    assert round_.piste("apply", planned.plan_id, "--yes").code == 0
    round_.taken_back(planned.plan_id, "--confirm", "gpo_deletion")
    assert round_.state() == disturbed


@pytest.mark.story
def test_a_plan_that_is_done_in_part_is_finished_by_itself(round_: Round) -> None:
    disturb(round_)
    planned = round_.piste("plan", CONCERNED, "--domain", "directory")
    round_.play(PLAYBOOK, "-l", "commune")  # as far as an application got before it died
    (round_.terminal.console.folder / "plans" / f"{planned.plan_id}.begun").touch()
    applied = round_.piste("apply", planned.plan_id, "--yes")
    assert applied.code == 0, applied.out + applied.err
    assert applied.out.splitlines()[-1].startswith(f"{len(DISTURBED) - 5} opérations appliquées sur {len(DISTURBED)}")
    assert round_.piste("plan", SCHOOL, "--domain", "directory").code == 0


@pytest.mark.story
@pytest.mark.usefixtures("opened")
def test_a_domain_that_is_silent_is_unknown_and_the_network_is_still_reported(tmp_path: Path) -> None:
    with console(tmp_path, "brownfield") as alone:
        drift = Terminal(alone).piste("drift", "--format", "json", **only("directory", "network"))
    report = json.loads(drift.out)
    assert drift.code == EXIT["unknown"]
    assert {trouble["kind"] for trouble in report["troubles"]} == {"unknown"}
    assert {"commune", SCHOOL} <= {trouble["host"] for trouble in report["troubles"]}
    assert {operation["system"] for operation in report["operations"]} == {"meraki"}
    assert ("network", "TEST prestataire 2023") in {(orphan["kind"], orphan["key"]) for orphan in report["orphans"]}


def value(number: int) -> dict[str, Any]:
    return {"type": "dword", "data": number}


REMOVED = {"name": "Ancienne", "comment": "de 2019", "computer": {"registry": {f"{KEY}!Un": value(1)}},
           "filtering": ["GV-Ancien"], "wmi_filter": "Anciens"}  # fmt: skip
BEFORE = (
    ("commune", "ad_organizational_units", {"config": [{"path": "Ville/Ancienne", "protected": True}]}),
    ("commune", "ad_groups", {"config": [{"name": "GV-Ancien", "ou": "Ville/Ancienne", "members": {"Guest": True}}]}),
    ("commune", "ad_wmi_filters", {"config": [{"name": "Anciens", "queries": [{"query": "SELECT 1"}]}]}),
    ("commune", "ad_gpos", {"config": [REMOVED]}),
    ("commune", "ad_gpo_links", {"config": [{"target": "Ville", "links": {"Ancienne": {"enforced": True}}}]}),
    ("commune", "ad_gpo_links", {"config": [{"target": "Ville/Ancienne", "links": {GPO: {}}}]}),
)
NEW = {"name": "Nouvelle", "computer": {"registry": {f"{KEY}!Un": value(2)}}, "filtering": ["GV-Nouveau"],
       "wmi_filter": "Nouveaux"}  # fmt: skip
INSIDE = f"{PLACE}/Nouvelle"
THEN = (
    ("commune", "ad_organizational_units", {"config": [{"path": "Ville/Nouvelle", "protected": True}]}),
    (SCHOOL, "ad_organizational_units", {"base": PLACE, "config": [{"path": INSIDE}]}),
    ("commune", "ad_groups", {"config": [{"name": "GV-Nouveau", "ou": "Ville/Nouvelle", "members": {"Guest": True}}]}),
    (SCHOOL, "ad_groups", {"base": PLACE, "config": [{"name": f"GG-{SCHOOL}", "ou": INSIDE, "description": "Autre"}]}),
    ("commune", "ad_wmi_filters", {"config": [{"name": "Nouveaux", "queries": [{"query": "SELECT 2"}]}]}),
    ("commune", "ad_gpos", {"config": [NEW]}),
    ("commune", "ad_gpo_links", {"config": [
        {"target": "Ville", "links": {"Ancienne": None, "Nouvelle": {}}},
        {"target": "Ville/Nouvelle", "links": {"Nouvelle": {}}, "block_inheritance": True},
    ]}),
    (SCHOOL, "ad_gpo_links", {"base": PLACE, "config": [{"target": INSIDE, "links": {"Nouvelle": {}}}]}),
    ("commune", "ad_gpos", {"absent": ["Ancienne"], "backup_dir": "{{ piste_gpo_backups }}",
                            "confirm": ["gpo_deletion"]}),
    ("commune", "ad_wmi_filters", {"absent": ["Anciens"]}),
    ("commune", "ad_groups", {"absent": ["GV-Ancien"], "confirm": ["members"]}),
    ("commune", "ad_organizational_units", {"absent": ["Ville/Ancienne"], "confirm": ["protected"]}),
)  # fmt: skip
WORDS = [word for name in ("gpo_deletion", "members", "protected") for word in ("--confirm", name)]


@pytest.mark.story
def test_what_came_goes_and_what_went_comes_back_whole_for_the_town_and_its_site(round_: Round) -> None:
    round_.play_tasks(*BEFORE)
    before = round_.state()
    run = round_.play_tasks(*THEN)
    assert "Ancien" not in round_.state()
    bare = round_.piste("undo", run["id"])
    asked = ("gpo_deletion:Nouvelle", "members:GV-Nouveau", "protected:Ville/Nouvelle")
    assert [word for word in asked if f"à confirmer ({word})" not in bare.out] == [], bare.out
    assert round_.piste("apply", bare.plan_id, "--yes").code == EXIT["partial"]
    back = round_.taken_back(run["id"], *WORDS)
    assert round_.state() == before
    assert "commune / gpo Ancienne : refaite avec son contenu, sous un autre identifiant" in back.err
    assert "commune / group GV-Ancien : refait sous un autre identifiant (SID)" in back.err
    again = round_.piste("undo", run["id"], *WORDS)
    assert (again.code, round_.state() == before) == (0, True), again.out + again.err
