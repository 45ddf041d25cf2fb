"""The kept configurations: nights, changes and their authors, years, copies, refusals."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.private import write_private
from piste.exports.bag.reading import Answers
from piste.exports.configurations.changes import at, changed, tree
from piste.exports.configurations.copies import present, send
from piste.exports.configurations.examination import beyond, examine
from piste.exports.configurations.home import NOTE, Home
from piste.exports.configurations.keep import Kept, collected, counted, keep
from piste.exports.configurations.objects import Tree, differences
from piste.exports.configurations.reader import readings
from piste.exports.configurations.repository import Altered, Repository, blob, is_name
from piste.town.model.configurations import DerivedCopy, TownConfigurations
from tests.support.bags import SITE, exported
from tests.support.town import declared_town
from tests.unit.records.made import operation, run, task

NIGHTS = ("2026-11-26T02:00:00Z", "2026-11-27T02:00:00Z", "2026-11-28T02:00:00Z")


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_TODAY", "2026-11-28")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "configurations/lab")


def night(
    home: Home,
    folder: Path,
    read_at: str,
    answers: Answers | None = None,
    secrets: Mapping[str, str] = {},
    **given: Any,
) -> Kept:
    """Keep a small export, as a night does."""
    place = folder / read_at.replace(":", "-")
    return keep(home, collected(exported(place, **given), answers or Answers(), read_at, secrets))


def ports(*numbers: int, vlan: int = 150, name: str = "port") -> dict[str, Any]:
    network = {"serial": "QZZZ-0005-0001", "name": name, "vlan": vlan}
    return {
        f"network/{SITE}": {
            "network": f"VLB {SITE}",
            "switch_ports": [{**network, "port_id": str(number)} for number in numbers],
        }
    }


def test_a_night_is_a_commit_where_something_changed_and_only_there(home: Home, tmp_path: Path) -> None:
    first = night(home, tmp_path, NIGHTS[0])
    again = night(home, tmp_path, NIGHTS[1])
    third = night(home, tmp_path, NIGHTS[2], **{"printing/print_queues": {"print_queues": []}})
    assert (bool(first.commit), again.commit, again.differences) == (True, "", [])
    assert counted(third.differences) == "+0 ~0 -1"
    assert third.message.splitlines()[:3] == ["Configurations du 28/11/2026 : +0 ~0 -1", "", "impression : +0 ~0 -1"]
    assert [kept.commit.read_at for kept in home.nights()] == [NIGHTS[0], NIGHTS[2]]
    log = subprocess.run(
        ["git", f"--git-dir={home.years()[0].folder}", "log", "-1", "--format=%an <%ae> %aI%n%s"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert log == "Piste <piste@localhost> 2026-11-28T02:00:00Z\nConfigurations du 28/11/2026 : +0 ~0 -1\n"
    assert home.years()[0].folder.stat().st_mode & 0o077 == 0


def test_a_system_that_did_not_answer_keeps_its_last_files_and_is_named(home: Home, tmp_path: Path) -> None:
    night(home, tmp_path, NIGHTS[0])
    silent = Answers(failed={"printing": "imp1 n’a pas\nrépondu\x1b[31m."})
    kept = night(
        home, tmp_path, NIGHTS[1], silent, **{"printing/print_queues": None, "firewall/policies": {"policies": []}}
    )
    assert [(each.thing.domain, each.action) for each in kept.differences] == [("firewall", "delete")]
    assert "printing/print_queues.yml" in home.nights()[-1].files
    assert "impression : inconnu, derniers fichiers gardés (imp1 n’a pas répondu\\u001B[31m.)" in kept.message
    assert "Piste-Unknown: printing" in kept.message
    note = home.note()
    assert (note["read_at"]["printing"], note["read_at"]["firewall"]) == (NIGHTS[0], NIGHTS[1])
    assert "printing" in note["unread"]


def test_a_file_with_a_secret_never_enters_the_history(home: Home, tmp_path: Path) -> None:
    night(home, tmp_path, NIGHTS[0])
    leak = {"print_queues": [{"name": "imp-jau-01", "comment": f"-----BEGIN RSA {'PRIVATE'} KEY-----"}]}
    kept = night(home, tmp_path, NIGHTS[1], secrets={"firewall/policies.yml": "valeur du secret smc/api_key"},
                 **{"printing/print_queues": leak, "firewall/policies": {"policies": []}})  # fmt: skip
    assert (kept.commit, kept.differences) == ("", [])
    assert set(home.note()["unread"]) == {"printing", "firewall"}
    every = subprocess.run(
        ["git", f"--git-dir={home.years()[0].folder}", "log", "-p", "--all"], capture_output=True, text=True, check=True
    ).stdout
    assert "PRIVATE KEY" not in every


def test_each_change_has_its_run_or_is_outside_of_piste(home: Home, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    night(home, tmp_path, NIGHTS[0], **ports(1, 2, 3, 4))
    key = "QZZZ-0005-0001/{}".format
    wrote = [
        operation(key(1), kind="switch_port", fields=["vlan"], content={"before": {}, "after": {"vlan": 151}}),
        operation(key(2), kind="switch_port", fields=["vlan"], content={"before": {}, "after": {"vlan": 999}}),
        operation(key(3), kind="switch_port", fields=["vlan"], owner="ccas"),
        operation(key(5), kind="switch_port", action="create", fields=["vlan"]),
    ]
    run(journal, 1, task(operations=wrote), day="2026-11-26")
    run(journal, 2, task(operations=[operation(key(4), kind="switch_port", action="delete")]), day="2026-11-25")
    night(home, tmp_path, NIGHTS[1], **ports(1, 2, 3, 5, vlan=151, name="renommé"))
    (since,) = changed(home, "lab", journal)
    said = {
        change.difference.thing.key: (change.difference.action, [each.user for each in change.authors.runs],
                                      change.authors.outside)
        for change in since.changes
    }  # fmt: skip
    assert said == {
        key(1): ("update", ["marie"], ("name",)),
        key(2): ("update", [], ("*",)),
        key(3): ("update", [], ("*",)),
        key(4): ("delete", [], ("*",)),
        key(5): ("create", ["marie"], ()),
    }
    assert all(change.difference.thing.owner == SITE for change in since.changes)
    assert changed(home, "lab", journal, date(2026, 11, 27)) == []
    assert len(changed(home, "lab", journal, date(2026, 11, 26))) == 1


def test_what_a_partial_reading_lacks_is_doubtful(home: Home, tmp_path: Path) -> None:
    night(home, tmp_path, NIGHTS[0])
    remark = Answers(remarks={"printing": ["une file est illisible"]})
    night(home, tmp_path, NIGHTS[1], remark, **{"printing/print_queues": {"print_queues": []}})
    (since,) = changed(home, "lab", tmp_path / "journal")
    assert [(change.difference.action, change.doubtful) for change in since.changes] == [("delete", True)]
    night(home, tmp_path, NIGHTS[2], remark, **{"printing/print_queues": None})
    assert "printing/print_queues.yml" in home.nights()[-1].files, "a file without a new reading stays"


def test_living_readings_are_no_configuration(home: Home, tmp_path: Path) -> None:
    night(home, tmp_path, NIGHTS[0], **{"hosting/clusters": {"clusters": [{"name": "a"}]}})
    assert "hosting/clusters.yml" not in home.nights()[-1].files
    assert not night(home, tmp_path, NIGHTS[1], **{"hosting/clusters": {"clusters": [{"name": "b"}]}}).commit


BACKUP = "<BackupInst><BackupTime><![CDATA[{}]]></BackupTime><ID>a</ID>{}</BackupInst>"


def test_the_hour_of_a_backup_of_a_policy_is_no_change(home: Home, tmp_path: Path) -> None:
    def policy(read_at: str, more: str = "") -> Kept:
        folder = tmp_path / read_at.replace(":", "-") / "gpo_backups/{A-1}"
        folder.mkdir(parents=True)
        (folder / "bkupInfo.xml").write_text(BACKUP.format(read_at[:-1], more))
        (folder / "gpreport.xml").write_text(f"<GPO><ReadTime>{read_at}</ReadTime></GPO>", "utf-16")
        return night(home, tmp_path, read_at)

    policy(NIGHTS[0])
    assert policy(NIGHTS[1]).commit == ""
    changed_policy = policy(NIGHTS[2], "<Comment/>")
    assert [(each.thing.key, each.action) for each in changed_policy.differences] == [("gpo_backups", "update")]


def test_a_year_is_a_repository_that_follows_the_year_before(home: Home, tmp_path: Path) -> None:
    for year in ("2023", "2024", "2025", "2026"):
        night(home, tmp_path, f"{year}-06-01T02:00:00Z", **ports(1, vlan=int(year) - 1000))
    assert [repository.year for repository in home.years()] == ["2023", "2024", "2025", "2026"]
    assert [repository.year for repository in beyond(home, 2)] == ["2023"]
    states = {finding.id: finding.state for finding in examine(home, declared(keep_years=2))}
    assert states == {
        "configurations.repository": "ok", "configurations.sequence": "ok", "configurations.age": "wrong",
        "configurations.retention": "wrong",
    }  # fmt: skip
    since = changed(home, "lab", tmp_path / "journal", date(2024, 6, 1))
    assert [[change.difference.fields for change in year.changes] for year in since] == [[("vlan",)]] * 2
    forged = home.year("2025")
    forged.write({}, {}, "Nuit de trop\n\nPiste-Read-At: 2025-12-31T02:00:00Z", 0)
    assert [f.what for f in examine(home, declared()) if f.state == "wrong" and f.id == "configurations.sequence"] == [
        "2026 ne suit pas la dernière nuit de 2025"
    ]


def declared(*given: DerivedCopy, keep_years: int = 5) -> TownConfigurations:
    return TownConfigurations(keep_years=keep_years, copies=list(given))


def test_one_byte_of_the_history_changed_is_seen(home: Home, tmp_path: Path) -> None:
    night(home, tmp_path, NIGHTS[0])
    folder = home.years()[0].folder
    path = next(path for path in (folder / "objects").glob("*/*") if path.parent.name not in ("pack", "info"))
    path.chmod(0o600)
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(raw)
    assert [finding.state for finding in examine(home, declared())] == ["wrong"]


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("config", "[core]\n\tbare = true\n\tsshCommand = touch ici\n"),
        ("config", "[include]\n\tpath = /srv/ailleurs\n"),
        ("objects/info/alternates", "/srv/ailleurs/objects\n"),
    ],
)
def test_a_repository_with_a_setting_of_somebody_else_is_refused(
    home: Home, tmp_path: Path, place: str, text: str
) -> None:
    night(home, tmp_path, NIGHTS[0])
    (home.years()[0].folder / place).parent.mkdir(exist_ok=True)
    (home.years()[0].folder / place).write_text(text)
    with pytest.raises(Altered, match="PISTE-E141"):
        night(home, tmp_path, NIGHTS[1], **ports(1))
    assert [finding.state for finding in examine(home, declared())] == ["wrong"]


def test_no_hook_runs(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    night(home, tmp_path, NIGHTS[0])
    hooks = home.years()[0].folder / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("reference-transaction", "pre-push", "post-commit", "update"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {tmp_path}/couru\n")
        (hooks / name).chmod(0o700)
    night(home, tmp_path, NIGHTS[1], **ports(1))
    (tmp_path / "support").mkdir()
    assert send(home, [bundle(tmp_path / "support")]) == {}
    assert not (tmp_path / "couru").exists()


@pytest.mark.parametrize(
    "name", ["../a", "a/../../b", "/etc/passwd", ".git/config", "a//b", "network/a\n.yml", "a/.b", "-rf", "a\\b"]
)
def test_a_name_that_would_leave_the_folder_is_none(name: str) -> None:
    assert not is_name(name)


def test_the_files_of_a_commit_are_names_of_an_export(home: Home, tmp_path: Path) -> None:
    night(home, tmp_path, NIGHTS[0])
    repository = home.years()[0]
    link = subprocess.run(
        ["git", f"--git-dir={repository.folder}", "hash-object", "-w", "--stdin"], input=b"/etc/passwd",
        capture_output=True, check=True,
    ).stdout.decode().strip()  # fmt: skip
    tree_of = subprocess.run(
        ["git", f"--git-dir={repository.folder}", "mktree"], input=f"120000 blob {link}\ta.yml\n".encode(),
        capture_output=True, check=True,
    ).stdout.decode().strip()  # fmt: skip
    with pytest.raises(Altered, match="n’est pas un fichier d’export"):
        repository.files(tree_of)


def bundle(folder: Path, store: str = "hors-site") -> DerivedCopy:
    return DerivedCopy(store=store, push=None, bundle=str(folder), status=None)


def test_a_bundle_goes_elsewhere_and_comes_back_by_git_alone(home: Home, tmp_path: Path) -> None:
    night(home, tmp_path, NIGHTS[0])
    support = tmp_path / "support"
    assert "n’est pas là" in send(home, [bundle(support)])["hors-site"]
    support.mkdir()
    night(home, tmp_path, NIGHTS[1], **ports(1))
    assert send(home, [bundle(support)]) == {}
    subprocess.run(
        ["git", "clone", "-q", "-b", "main", str(support / "configurations-2026.bundle"), str(tmp_path / "clone")],
        check=True, capture_output=True,
    )  # fmt: skip
    files = {path.relative_to(tmp_path / "clone").as_posix() for path in (tmp_path / "clone").rglob("*.yml")}
    assert files == set(home.nights()[-1].files)
    raw = bytearray((support / "configurations-2026.bundle").read_bytes())
    raw[-30] ^= 1
    (support / "configurations-2026.bundle").write_bytes(raw)
    wrong = [finding.state for finding in examine(home, declared(bundle(support))) if "copies" in finding.id]
    assert wrong == ["unknown"]


SSH = """#!/bin/sh
echo "$*" >> {folder}/ssh
case "$*" in *StrictHostKeyChecking=yes*BatchMode=yes*|*BatchMode=yes*StrictHostKeyChecking=yes*) ;; *) exit 9 ;; esac
for last; do :; done
exec sh -c "$last"
"""


def test_a_bundle_with_other_nights_is_never_replaced(home: Home, tmp_path: Path) -> None:
    support = tmp_path / "support"
    support.mkdir()
    night(home, tmp_path, NIGHTS[0])
    assert send(home, [bundle(support)]) == {}
    file = support / "configurations-2026.bundle"
    before = file.read_bytes()
    other = Home(tmp_path / "autre/lab")
    night(other, tmp_path / "b", NIGHTS[1], **{"printing/print_queues": {"print_queues": []}})
    assert "n’est pas remplacée" in send(other, [bundle(support)])["hors-site"]
    assert file.read_bytes() == before
    assert "n’est pas remplacée" in (other.note()["sent"]["hors-site"]["2026"]["unknown"] or "")


def test_no_object_is_read_for_another(home: Home, tmp_path: Path) -> None:
    night(home, tmp_path, NIGHTS[0])
    night(home, tmp_path, NIGHTS[1], **{"printing/print_queues": {"print_queues": []}})
    repository, (first, last) = home.years()[0], home.nights()
    replace = ["git", f"--git-dir={repository.folder}", "replace", last.commit.id, first.commit.id]
    subprocess.run(replace, check=True, capture_output=True)
    assert [kept.commit.read_at for kept in home.nights()] == [*NIGHTS[:2]]


def test_a_push_goes_by_ssh_verified_and_never_forced(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/ssh").write_text(SSH.format(folder=tmp_path))
    (tmp_path / "bin/ssh").chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    server = tmp_path / "serveur.git"
    subprocess.run(["git", "init", "-q", "--bare", str(server)], check=True)
    there = DerivedCopy(store="hors-site", push=f"ssh://piste@coffre.invalid{server}", bundle=None, status=None)
    night(home, tmp_path, NIGHTS[0])
    assert send(home, [there]) == {}
    assert present(home.years()[0], there) == home.years()[0].head()
    assert "piste@coffre.invalid" in (tmp_path / "ssh").read_text()
    other = Home(tmp_path / "autre/lab")
    night(other, tmp_path / "autre", NIGHTS[1], **ports(7))
    assert "hors-site" in send(other, [there])
    assert present(home.years()[0], there) == home.years()[0].head()


@pytest.mark.parametrize("url", ["file:///srv/x", "ext::sh -c x", "/srv/x", "http://coffre.invalid/x"])
def test_a_push_goes_by_no_other_way(home: Home, tmp_path: Path, url: str) -> None:
    night(home, tmp_path, NIGHTS[0])
    assert send(home, [DerivedCopy(store="hors-site", push=url, bundle=None, status=None)]).keys() == {"hors-site"}


def test_the_copies_of_the_protected_set_are_those_that_are_there(home: Home, tmp_path: Path) -> None:
    commune = declared_town().commune
    assert commune
    (tmp_path / "support").mkdir()
    stores = [*commune["protection"]["stores"]]
    own = next(store for store in stores if store["reader"] == "configurations")
    there = {**own, "name": "coffre", "off_site": True}
    sets = [{**each, "stores": [own["name"], "coffre"]} for each in commune["protection"]["sets"]]
    town: Any = {
        **commune,
        "configurations": declared(bundle(tmp_path / "support", "coffre")),
        "protection": {**commune["protection"], "stores": [own, there], "sets": sets},
    }
    night(home, tmp_path, NIGHTS[0], Answers(failed={"printing": "muet"}))
    send(home, town["configurations"]["copies"])
    assert {copy["state"] for made in readings(home, town) for copy in made["copies"]} == {"unknown"}
    night(home, tmp_path, NIGHTS[1], Answers(failed={}), **ports(1))
    night(home, tmp_path, NIGHTS[2], Answers(failed={"hosting": "muet"}), **ports(1))
    here, copied = readings(home, town)
    ids = [each.commit.id for each in home.nights()]
    assert [(copy["id"], copy["taken_at"], copy["state"]) for copy in here["copies"]] == [
        (ids[0], NIGHTS[0], "complete"), (ids[1], NIGHTS[1], "complete"),
    ]  # fmt: skip
    assert ([copy["id"] for copy in copied["copies"]], copied["unknown"]) == (ids[:1], None)


def test_a_note_that_somebody_wrote_is_refused(home: Home, tmp_path: Path) -> None:
    night(home, tmp_path, NIGHTS[0])
    write_private(home.folder / NOTE, b'{"read_at": 3}')
    with pytest.raises(Altered, match="nuits"):
        home.note()


def test_the_files_of_a_night_come_back(home: Home, tmp_path: Path) -> None:
    night(home, tmp_path, NIGHTS[0], **ports(1, vlan=10))
    night(home, tmp_path, NIGHTS[1], **ports(1, vlan=20))
    first = at(home.nights(), date(2026, 11, 26))
    assert first
    assert b"vlan: 10" in tree(first).content(f"network/{SITE}.yml")
    assert at(home.nights(), date(2026, 11, 20)) is None


def test_an_object_that_enters_an_empty_kind_is_an_object() -> None:
    def made(text: str) -> Tree:
        return Tree({"printing/print_queues.yml": blob(text.encode())}, lambda name: text.encode())

    (entered,) = differences(made("print_queues: []\n"), made("print_queues:\n- name: a\n"))
    assert (entered.thing.key, entered.action) == ("a", "create")
    (illegible,) = differences(made("print_queues: []\n"), made("print_queues: [*a]\n"))
    assert illegible.thing.kind == "file"


def test_a_repository_killed_at_its_making_is_made_again(home: Home, tmp_path: Path) -> None:
    home.folder.mkdir(parents=True)
    Repository(home.folder / ".2026.git").make()
    night(home, tmp_path, NIGHTS[0])
    assert [repository.year for repository in home.years()] == ["2026"]
