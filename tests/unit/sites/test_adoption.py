"""Files that keep what was found: their text, what leaves them alone, refusals."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from piste.cli import main
from piste.engine.converge.errors import PisteError
from piste.runs.plans.play import Played, Trouble
from piste.sites.adoption import debts_of, remarks, report, table, write
from piste.sites.matching import Matched
from piste.town import declared

MOMENT, LATER = datetime(2026, 11, 24, 20, 10), datetime(2027, 1, 4, 9, 0)
PORT = "QZZZ-0005-0001/2"
JAURES: dict[str, Any] = {
    "network_name": "ECOLE « {{ 7*7 }} »",
    "as_found": {"meraki": {"switch_port": {PORT: {"name": "{% raw %}\x1b[31m", "vlan": 10}}}},
}


def test_a_file_says_who_wrote_it_and_when_and_marks_hostile_text(lab_folder: Path) -> None:
    assert write({"ecole-jaures": JAURES}, "lab", MOMENT) == {"ecole-jaures": "written"}
    text = (lab_folder / "as_found/ecole-jaures.yml").read_text("utf-8")
    assert text.splitlines()[1].startswith("# Écrit par « piste adopt » le 24/11/2026 à 21:10 (lab)")
    assert 'network_name: !unsafe "ECOLE « {{ 7*7 }} »"' in text
    assert 'name: !unsafe "{% raw %}\\e[31m"' in text
    site = declared.town("lab").sites["ecole-jaures"]
    assert (site["network_name"], site["as_found"]) == (JAURES["network_name"], JAURES["as_found"])
    assert (debts_of("lab", ""), debts_of("lab", "ecole"), debts_of("lab", "ccas:ctm")) == (2, 2, 0)


def test_the_same_content_changes_no_byte_and_keeps_what_a_hand_wrote_beside_it(lab_folder: Path) -> None:
    write({"ecole-jaures": JAURES}, "lab", MOMENT)
    path = lab_folder / "as_found/ecole-jaures.yml"
    path.write_text(path.read_text("utf-8") + "# à rendre en janvier\n", "utf-8")
    before, touched = path.read_bytes(), path.stat().st_mtime_ns
    assert write({"ecole-jaures": JAURES, "ccas": {}}, "lab", LATER) == {"ecole-jaures": "same", "ccas": "same"}
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (before, touched)
    assert [file.name for file in path.parent.iterdir()] == ["ecole-jaures.yml"]


def test_a_site_that_is_as_the_rule_says_keeps_no_file(lab_folder: Path) -> None:
    write({"ecole-jaures": JAURES, "ccas": JAURES}, "lab", MOMENT)
    assert write({"ecole-jaures": {}}, "lab", LATER) == {"ecole-jaures": "removed"}
    assert [file.name for file in (lab_folder / "as_found").iterdir()] == ["ccas.yml"]


def test_a_system_or_a_kind_is_given_back_to_the_rule_by_a_command(lab_folder: Path) -> None:
    absent: Any = {"Piste web by HTTP": {"absent": True}}
    zabbix = {"template": absent, "host_group": {"VLB": {"absent": True}}}
    write({"commune": {"as_found": {"zabbix": zabbix}}, "ecole-jaures": JAURES}, "lab", MOMENT)
    said = CliRunner().invoke(main, ["adopt", "commune", "--release", "zabbix/template"])
    assert f"Écrit : {lab_folder / 'as_found/commune.yml'}\n" in said.output
    assert "piste plan commune --domain supervision\n" in said.output
    assert declared.town("lab").commune["as_found"] == {"zabbix": {"host_group": zabbix["host_group"]}}
    assert CliRunner().invoke(main, ["adopt", "commune", "--release", "zabbix"]).exit_code == 0
    assert [file.name for file in (lab_folder / "as_found").iterdir()] == ["ecole-jaures.yml"]
    assert CliRunner().invoke(main, ["adopt", "all", "--release", "zabbix"]).output == "Rien n’en est gardé.\n"
    refused = CliRunner().invoke(main, ["adopt", "commune", "--release", "zabbix/templates"])
    assert "zabbix/template" in refused.output
    assert CliRunner().invoke(main, ["adopt", "--release", "zabbix", "--audit"]).exit_code == 1


def test_what_no_table_takes_is_refused_before_any_file(lab_folder: Path) -> None:
    wrong = {"as_found": {"meraki": {"switch_port": {PORT: {"vlan": "dix"}}}}}
    with pytest.raises(PisteError, match=r"PISTE-M007 as_found\[ecole-jaures\].meraki.switch_port\[Q.*vlan"):
        write({"ccas": JAURES, "ecole-jaures": wrong}, "lab", MOMENT)
    assert not (lab_folder / "as_found").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("as_found: {meraki: {switch_port: {Q/1: absent}}}", "PISTE-M007 La valeur n’est pas un objet"),
        ("as_found: {meraki: {gateway: {x: {}}}}", "PISTE-M005 « meraki.gateway » n’est pas un genre d’objet"),
        ("as_found: {meraki: {ssid: {x: {psk: en-clair-ici}}}}", "PISTE-M004 « psk » porte un secret en clair"),
        ("as_found: {meraki: {ssid: {x: {vlan: 3}}}}", "clé inconnue"),
        ("network: x", "PISTE-M005 La clé « network » est inconnue"),
        ("network_name: ''", "PISTE-M007"),
        ("network_name: '{{ x }}'", "PISTE-M003"),
        ("a: [", "PISTE-M001"),
    ],
)
def test_a_wrong_file_is_said_with_its_line(text: str, said: str, lab_folder: Path) -> None:
    folder = lab_folder / "as_found"
    folder.mkdir(parents=True)
    (folder / "ccas.yml").write_text(f"---\n\n{text}\n", "utf-8")
    with pytest.raises(PisteError) as refused:
        declared.town("lab")
    assert said in str(refused.value)
    assert f"{folder}/ccas.yml:" in str(refused.value)


def test_a_file_of_no_site_is_said(lab_folder: Path) -> None:
    folder = lab_folder / "as_found"
    folder.mkdir(parents=True)
    (folder / "ecole-jores.yml").write_text("network_name: x\n", "utf-8")
    with pytest.raises(PisteError, match="PISTE-M021 Aucun site de l’inventaire ne se nomme « ecole-jores »"):
        declared.town("lab")


def test_what_a_run_would_refuse_is_named_beside_the_report_of_the_site() -> None:
    refused = "« a » a déjà l’adresse"
    made = report("lab", {"ccas": "open"}, Matched(), Played(refused=[refused, refused]))
    assert ([*made["sites"]], remarks(made)) == (["ccas"], [refused])


def test_each_owner_has_a_line_or_its_reason_in_the_place_of_numbers() -> None:
    silent = Trouble("ccas", "Relever", "unknown", "hdv-imp1 ne répond pas")
    owners = {"ctm": "open", "ccas": "open", "nouveau-site": "planned", "ancien": "closed", "piscine": "closing"}
    made = report("lab", owners, Matched(), Played(troubles=[silent]))
    assert made["uncompared"] == {"ccas": "unread", "nouveau-site": "planned", "ancien": "closed"}
    assert [line.split()[:3] for line in table(made)[1:]] == [
        ["ctm", "(aucun)", "0"], ["piscine", "(aucun)", "0"], ["ccas", "(inconnu)", "-"],
        ["nouveau-site", "(prévu)", "-"], ["ancien", "(fermé)", "-"],
    ]  # fmt: skip
    assert remarks(made) == ["ccas / Relever : hdv-imp1 ne répond pas"]
    [_, alone] = table(report("lab", {"nouveau-site": "planned"}, Matched(), Played()))
    assert "(prévu)" in alone


def test_a_town_whose_sites_did_not_all_answer_has_no_empty_table() -> None:
    [said] = table({"sites": {}, "uncompared": {"ccas": "unread"}})
    assert said.startswith("Aucun site n’a tout répondu")
    assert "--system" in said
