"""The verbs `piste logs …` on a tree of a year, and what others say of the last check."""

from __future__ import annotations

import grp
import json
import os
import pwd
import re
import shutil
import struct
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lab.declared import declared_town
from piste.cli import main
from piste.commands.doctor_checks import log_seals
from piste.exports.bag.contents import Contents
from piste.exports.bag.read_tables import LOGS
from piste.readings import store
from piste.readings.belief import UnreadableReading
from piste.readings.logs import kept, said
from piste.readings.logs.access import rights_of
from piste.readings.logs.check import check
from piste.readings.logs.collector import configuration
from piste.readings.logs.seals import seal_days
from piste.sites.conformity import Facts, judge
from piste.town.model.freshness import ages
from piste.town.model.logs.derived import TownLogs
from tests.unit.logs.trees import NOW, TODAY, stream, tree, write_day


@pytest.fixture
def place(year: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PISTE_TODAY", str(TODAY))
    monkeypatch.setenv("PISTE_LOGS_TREE", str(year))
    monkeypatch.setenv("PISTE_LOGS_STORE", str(tmp_path / "store"))
    return year


def piste(*words: str) -> Result:
    return CliRunner().invoke(main, ["logs", *words], catch_exceptions=True)


def test_a_year_is_checked_exported_anchored_and_purged(place: Path, tmp_path: Path) -> None:
    answer = json.loads(piste("check", "--format", "json").output)
    states = {entry["name"]: (entry["state"], [fault[0] for fault in entry["faults"]]) for entry in answer["streams"]}
    assert states["nps"] == ("ok", [])
    assert states["annuaire"] == ("wrong", ["empty"])
    findings = {entry["id"]: entry for entry in answer["findings"]}
    assert findings["logs.nps"]["state"] == "ok"
    assert findings["logs.seals"]["state"] == "ok"
    assert findings["logs.site.mediatheque"]["state"] == "wrong"
    assert findings["logs.export"]["state"] == "unknown"
    assert (answer["outcome"], answer["figure"]["numerator"]) == ("error", 1)
    done = piste("export", "--month", "2026-10")
    assert done.exit_code == 0, done.output
    assert "1 mois exportés sur 12" in done.output
    done = piste("anchor", "--month", "2027-01", "--to", str(tmp_path / "ancres"))
    assert done.exit_code == 0, done.output
    write_day(place, "nps", TODAY - timedelta(days=400))
    done = piste("seal")
    assert done.output.startswith("1 fichier scellé, 1 jour")
    refused = piste("purge", "--to", str(tmp_path / "attestations"), "--confirm", "non", "--unexported")
    assert refused.exit_code == 4
    assert "rien n’a été supprimé" in refused.output
    refused = piste("purge", "--to", str(tmp_path / "attestations"), "--confirm", "supprimer")
    assert refused.exit_code == 4
    assert "n’est pas exporté" in refused.output
    assert piste("export", "--month", "2025-10").exit_code == 0
    copy = tmp_path / "store/2025-10/nps.2025-10-23.jsonl.gz"
    whole = copy.read_bytes()
    copy.write_bytes(whole[:-1] + b"x")
    refused = piste("purge", "--to", str(tmp_path / "attestations"), "--confirm", "supprimer")
    assert (refused.exit_code, "n’est pas exporté" in refused.output) == (4, True)
    copy.write_bytes(whole)
    done = piste("purge", "--to", str(tmp_path / "attestations"), "--confirm", "supprimer")
    assert done.exit_code == 0, done.output
    assert "1 jour supprimé, 3 lignes" in done.output
    assert len(list((tmp_path / "attestations").glob("suppression-*.json"))) == 1
    assert "Rien à supprimer" in piste("purge", "--to", str(tmp_path / "attestations")).output
    answer = json.loads(piste("check", "--format", "json", "--anchor", str(tmp_path / "ancres/2027-01")).output)
    states = {entry["name"]: entry["state"] for entry in answer["streams"]}
    assert states["nps"] == "ok"
    assert {entry["id"]: entry["state"] for entry in answer["findings"]}["logs.anchor.2027-01"] == "ok"


def test_a_source_declared_no_more_hides_no_day_that_was_sealed(place: Path, tmp_path: Path) -> None:
    town = declared_town()
    assert town.commune
    logs = town.commune["logs"]
    assert logs
    without: TownLogs = {**logs, "streams": [entry for entry in logs["streams"] if entry["name"] != "nps"]}
    made, listed = check("lab", without, place, tmp_path / "store", NOW)
    assert made["strays"] == []
    assert "nps" not in made["figure"]["failing"]
    former = [entry for entry in listed if entry.id == "logs.former.nps"]
    assert [(entry.state, "379 jours" in entry.what) for entry in former] == [("wrong", True)]
    shutil.rmtree(place / "nps")
    made, _ = check("lab", without, place, tmp_path / "store", NOW)
    assert "nps" in made["figure"]["failing"]
    lost = next(entry for entry in made["streams"] if entry["name"] == "nps")
    assert {fault.what for fault in lost["faults"]} == {"lost"}


def test_seals_that_are_not_there_are_no_whole_chain(place: Path, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "seals")
    findings = {entry["id"]: entry for entry in json.loads(piste("check", "--format", "json").output)["findings"]}
    assert (findings["logs.seals"]["state"], findings["logs.seals"]["what"]) == ("unknown", "il n’y a aucun sceau")


def test_the_logs_of_a_site_out_of_service_are_exported_and_deleted_at_their_term(place: Path, tmp_path: Path) -> None:
    day, old = TODAY - timedelta(days=40), TODAY - timedelta(days=400)
    write_day(place, "meraki/fermee", day)
    write_day(place, "meraki/fermee", old)
    seal_days("lab", tree(place, "nps", "meraki/fermee"), NOW)
    assert piste("export", "--month", f"{day:%Y-%m}").exit_code == 0
    assert (tmp_path / f"store/{day:%Y-%m}/meraki.fermee.{day}.jsonl.gz").is_file()
    answer = json.loads(piste("check", "--format", "json").output)
    closed = next(entry for entry in answer["streams"] if entry["name"] == "meraki/fermee")
    assert [fault[0] for fault in closed["faults"]] == ["beyond"]
    assert not [entry for entry in answer["findings"] if entry["id"].startswith(("logs.former", "logs.tree"))]
    done = piste("purge", "--to", str(tmp_path / "attestations"), "--confirm", "supprimer", "--unexported")
    assert done.exit_code == 0, done.output
    assert [path.stem for path in (place / "meraki/fermee").iterdir()] == [str(day)]
    answer = json.loads(piste("check", "--format", "json").output)
    assert "meraki/fermee" not in [entry["name"] for entry in answer["streams"]]


def test_an_unread_tree_is_unknown_and_never_compliant(place: Path, tmp_path: Path) -> None:
    done = piste("check", "--format", "json", "--tree", str(tmp_path / "absent"))
    answer = json.loads(done.output)
    assert {entry["state"] for entry in answer["streams"] if entry["name"] != "piste"} == {"unknown"}
    assert answer["figure"]["unknown"]
    refused = piste("seal", "--tree", str(tmp_path / "absent"))
    assert refused.exit_code == 3
    assert "PISTE-E138" in refused.output


def test_a_bad_month_and_a_month_that_is_not_over_are_refused(place: Path) -> None:
    for month, code in (("2026-13", ""), ("../x", ""), ("2026-11", "PISTE-E139")):
        refused = piste("export", "--month", month)
        assert refused.exit_code == 4, (month, refused.output)
        assert code in refused.output


def test_no_rehearsed_day_deletes_in_production(place: Path, tmp_path: Path) -> None:
    refused = piste("purge", "--environment", "production", "--to", str(tmp_path), "--confirm", "supprimer")
    assert refused.exit_code == 4
    assert "ne vaut qu’au laboratoire" in refused.output


def test_an_altered_last_check_and_a_bad_file_are_said(place: Path, tmp_path: Path) -> None:
    assert [entry.state for entry in log_seals("lab")] == ["ok", "unknown"]
    store.place("lab").parent.mkdir(parents=True)
    store.place("lab").write_bytes(b"{}" * 600)
    store.place("lab").chmod(0o600)
    with pytest.raises(UnreadableReading, match="PISTE-E163"):
        list(said.findings(declared_town(), "lab"))
    write_day(place, "nps", TODAY - timedelta(days=400)).write_bytes(b"jamais scelle\n")
    refused = piste("purge", "--to", str(tmp_path), "--confirm", "supprimer", "--unexported")
    assert refused.exit_code == 4
    assert "PISTE-E140" in refused.output


def test_sources_and_configuration_ask_nothing() -> None:
    assert "meraki (20 sites)" in piste("sources").output
    assert 'input(type="imtcp" port="6514"' in piste("configuration").output
    described = json.loads(piste("configuration", "--format", "json").output)
    assert described["folders"][0]["path"] == described["tree"]
    assert described["folders"][0]["said"] == sorted(
        f"{before}group:{name}:r-x" for before in ("", "default:") for name in described["readers"]
    )


def test_two_streams_never_share_a_file() -> None:
    commune = declared_town().commune
    assert commune
    assert commune["logs"]
    site, own = stream("meraki/annexe", senders=["10.0.1.0/24"]), stream("meraki-annexe", senders=["10.0.2.1/32"])
    text = configuration({**commune["logs"], "streams": [site, own]})
    names = re.findall(r'template\(name="(file-[^"]+)"', text)
    assert len(set(names)) == 2
    assert re.findall(r'dynaFile="([^"]+)"', text) == [names[1], names[0]]


def test_others_say_the_last_check_and_how_old_it_is(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    town = declared_town()
    assert town.commune
    logs = town.commune["logs"]
    assert logs
    monkeypatch.setenv("PISTE_TODAY", f"{NOW:%Y-%m-%d}")
    assert [entry.state for entry in said.findings(town, "lab")] == ["unknown"]
    assert [entry.state for entry in said.of_site(logs, "mediatheque", "lab", ages(town))] == [None]
    made, _ = check("lab", logs, place, place.parent / "store", NOW)
    kept.keep("lab", made)
    every = {entry.id: entry for entry in said.findings(town, "lab")}
    alone = every["logs.meraki.mediatheque"]
    assert (alone.state, alone.site, alone.evidence) == ("wrong", "mediatheque", f"contrôle du {NOW:%d/%m/%Y}")
    assert every["logs.nps"].state == "ok"
    (f12,) = said.figures(town, "lab")
    assert (f12.id, f12.numerator, f12.said.startswith("F12 : 1 sur ")) == ("F12", 1, True)
    mine = list(said.of_site(logs, "mediatheque", "lab", ages(town)))
    assert [(entry.stream, entry.state, entry.observed) for entry in mine] == [
        ("meraki/mediatheque", "wrong", "aucun journal n’est arrivé")
    ]
    monkeypatch.setenv("PISTE_TODAY", f"{NOW + timedelta(days=3):%Y-%m-%d}")
    [old] = said.findings(town, "lab")
    assert (old.state, "trop ancien pour le dire encore (piste logs check)" in old.what) == ("unknown", True)
    [mine] = said.of_site(logs, "mediatheque", "lab", ages(town))
    assert (mine.state, f"journaux : {mine.reason}") == ("unknown", old.what)
    contents = Contents(place, logs=made)
    rows = {row["stream"]: row for row in LOGS[0].rows(contents, town)}
    assert (rows["nps"]["read_state"], rows["nps"]["read_days"]) == ("ok", 379)
    assert next(iter(LOGS[1].rows(contents, town)))["numerator"] == 1


def test_who_reads_the_tree_is_kept_and_its_clause_falls_with_it(place: Path) -> None:
    town, mine = declared_town(), grp.getgrgid(os.getgid()).gr_name
    assert town.commune
    logs = town.commune["logs"]
    assert logs
    collector = {**logs["collector"], "owner": pwd.getpwuid(os.getuid()).pw_name, "group": mine}
    readers = [{**reader, "unix_group": mine} for reader in logs["readers"]]
    here: TownLogs = {**logs, "collector": collector, "readers": readers}  # type: ignore[typeddict-item]

    def verdict(known: TownLogs) -> tuple[str, str]:
        kept.keep("lab", check("lab", known, place, place.parent / "store", NOW).check)
        listed = [*said.findings(town, "lab")]
        rights = next(entry for entry in listed if entry.id == "logs.access")
        return rights.state, judge(Facts(listed), ["L06"])["L06"].verdict

    for path in (place, *place.rglob("*")):
        path.chmod(0o750)
    assert verdict(here) == ("ok", "kept")
    (place / "nps").chmod(0o755)
    assert verdict(here) == ("wrong", "broken"), "everybody reads it"
    assert verdict(logs) == ("unknown", "unknown"), "this machine does not know the groups"
    kept.keep("lab", {key: value for key, value in check("lab", here, place, place, NOW).check.items()
                      if key != "access"})  # type: ignore[arg-type]
    assert "logs.access" not in {entry.id for entry in said.findings(town, "lab")}, "as earlier versions kept it"


def test_pistes_own_journal_is_a_source(place: Path, tmp_path: Path) -> None:
    town = declared_town()
    assert town.commune
    logs = town.commune["logs"]
    assert logs
    folder = tmp_path / "journal/lab/poste"
    folder.mkdir(parents=True)
    for back in range(3, 0, -1):
        day = datetime(2026, 11, 27, 6, tzinfo=UTC) - timedelta(days=back)
        (folder / f"{day:%Y%m%dT%H%M%SZ}-00000{back}.json").write_text("{}")
    made, _ = check("lab", logs, place, tmp_path / "store", NOW)
    own = next(entry for entry in made["streams"] if entry["name"] == "piste")
    assert (own["oldest"], own["newest"], own["silent_hours"]) == ("2026-11-24", "2026-11-26", 27.0)
    assert {fault.what for fault in own["faults"]} == {"chain", "silent", "young"}


def test_rights_are_those_that_the_mask_leaves(tmp_path: Path) -> None:
    status = os.stat_result((0o100640, 0, 0, 1, 104, 4, 0, 0, 0, 0))
    entries = [(0x01, 6, 0), (0x04, 4, 0), (0x08, 7, 900), (0x02, 4, 33), (0x10, 4, 0), (0x20, 0, 0)]
    raw = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)
    rights = rights_of(status, raw)
    assert (rights.owner, rights.groups, rights.users) == (104, {4: 4, 900: 4}, {33: 4})
    assert rights_of(status, b"").groups == {4: 4}
    if subprocess.run(["which", "setfacl"], capture_output=True, check=False).returncode == 0:
        path = tmp_path / "jour"
        path.touch(0o640)
        subprocess.run(["setfacl", "-m", "g:daemon:r", path], check=True)
        real = rights_of(path.stat(), os.getxattr(path, "system.posix_acl_access"))
        assert 4 in real.groups.values()
