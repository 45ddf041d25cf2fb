"""`piste flows`: three forms, from anything to anything, and an exit code for isolation."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from piste.cli import main
from piste.engine.converge.text import as_declaration
from piste.sites.flows import declared_rules
from piste.town.model import load
from tests.support.breadth import breadth

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("town")
    shutil.copytree(ROOT / "group_vars", root / "group_vars")
    shutil.copytree(ROOT / "inventories/town", root / "inventories/town", symlinks=True)
    return root


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a folder as playbooks/read_filtering.yml does, of a town that is as declared."""
    folder = tmp_path_factory.mktemp("read")
    rules = declared_rules(load(ROOT / "inventories/town"))
    write(folder / "firewall/elements.yml", {"elements": rules.elements})
    write(folder / "firewall/policies.yml", {"policies": rules.policies})
    write(folder / "firewall/system.yml", {"system": []})
    for name, ssids in rules.ssids.items():
        write(folder / f"network/{name}.yml", {"ssids": ssids, "access_lists": rules.access_lists[name]})
    return folder


def write(path: Path, value: Any) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(as_declaration(value), "utf-8")


def flows(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["flows", *arguments])


def test_csv_and_json_hold_the_same_rows() -> None:
    table, answer = flows("malraux", "--format", "csv"), flows("malraux", "--format", "json")
    assert (table.exit_code, answer.exit_code) == (0, 0)
    lines = list(csv.DictReader(io.StringIO(table.output), delimiter=";"))
    rows = json.loads(answer.output)["flows"]
    assert len(lines) == len(rows) > 15
    (line,) = [line for line in lines if line["règles"] == "pare-feu : public-impression.malraux"]
    assert line == {
        "site": "malraux",
        "segment": "public",
        "zone": "public",
        "accès": "filaire",
        "depuis": "",
        "vers": "hdv-imp1",
        "services": "https",
        "règles": "pare-feu : public-impression.malraux",
        "exact": "oui",
    }
    (row,) = [row for row in rows if row["rules"] == ["pare-feu : public-impression.malraux"]]
    assert (row["destinations"], row["services"], row["exact"]) == (["hdv-imp1"], ["https"], True)


def test_isolation_is_said_of_every_access_with_its_exceptions() -> None:
    isolation = json.loads(flows("ecole-jaures", "--format", "json").output)["isolation"]
    said = [f"{name}.ecole-jaures" for name in ("ecoles-noms", "ecoles-domaine", "ecoles-certificats")]
    assert [(cell["segment"], cell["access"], cell["verdict"], cell["excepted"]) for cell in isolation] == [
        ("utilisateurs", "VLB-Agents", "isolated", []),
        ("utilisateurs", "filaire", "isolated", []),
        ("telephonie", "filaire", "isolated", ["telephones"]),
        ("invites", "ni port ni SSID", "isolated", []),
        ("pedagogique", "VLB-Pedagogique", "isolated", said),
        ("pedagogique", "filaire", "isolated", said),
    ]


@pytest.mark.parametrize(
    ("origin", "target", "rules"),
    breadth(
        [
            ("10.93.45.60", "hdv-dc2", ["ecoles-noms.ecole-jaures", "ecoles-domaine.ecole-jaures"]),
            ("pedagogique@ecole-jaures", "hdv-ca1", ["ecoles-certificats.ecole-jaures"]),
            ("pedagogique@ecole-jaures", "hdv-fic1", []),
            ("hdv-exp1", "hdv-smc1", ["piste-pare-feu", "exploitants"]),
            ("hdv-sup1", "administration@ccas", ["supervision", "supervision-snmp"]),
            ("vpn-agents", "citrix", ["vpn-agents"]),
            ("telephonie@ccas", "utilisateurs@ctm", []),
            ("telephonie@ccas", "telephonie@ctm", ["telephones"]),
            ("invites", "ville", []),
            ("csu-interco", "ville", []),
            ("exterieur", "ville", []),
            ("surete", "surete", []),
        ],
        3,
    ),
)
def test_from_one_end_to_another(origin: str, target: str, rules: list[str]) -> None:
    rows = json.loads(flows("--from", origin, "--to", target, "--format", "json").output)["flows"]
    assert [rule.partition(" : ")[2] for row in rows for rule in row["rules"]] == rules


def test_a_declaration_that_isolates_badly_is_shown_and_ends_with_2(copy: Path) -> None:
    path = copy / "group_vars/all/flows.yml"
    flow = "  trop: {from: [pedagogique], to: [hdv-fic1], services: [smb], why: essai, permanent: essai}\n"
    text = path.read_text("utf-8")
    path.write_text(text.replace("\nflows:\n", f"\nflows:\n{flow}"), "utf-8")
    result = flows("ecole-jaures", "--inventory", str(copy / "inventories/town"))
    path.write_text(text, "utf-8")
    assert result.exit_code == 2
    wrong = "! pedagogique@ecole-jaures (filaire) atteint hdv-fic1 (smb) par pare-feu : trop.ecole-jaures"
    assert wrong in result.output.splitlines()
    assert "6 accès examinés, 2 en défaut." in result.output


def test_other_faults_are_said_instead(copy: Path) -> None:
    path = copy / "group_vars/all/flows.yml"
    text = path.read_text("utf-8")
    path.write_text(text.replace("to: [hdv-fic1]", "to: [hdv-fic9]"), "utf-8")
    result = flows("--inventory", str(copy / "inventories/town"))
    path.write_text(text, "utf-8")
    assert result.exit_code == 4
    assert "PISTE-M101" in result.output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("ecole-jaure",), "Vouliez-vous dire « ecole-jaures » ?"),
        (("--from", "hdv-dc11"), "Vouliez-vous dire « hdv-dc1 » ?"),
        (("--to", "10.93.2.300"), "ni une adresse"),
    ],
)
def test_what_is_not_known_is_refused(arguments: tuple[str, ...], says: str) -> None:
    result = flows(*arguments)
    assert result.exit_code == 1
    assert says in result.output


def test_what_was_read_gives_what_was_declared(read: Path) -> None:
    assert flows("--read", str(read), "--format", "json").output == flows("--format", "json").output


def test_a_policy_or_a_site_that_was_not_read_is_not_supposed(read: Path, tmp_path: Path) -> None:
    shutil.copytree(read, tmp_path / "lu")
    (tmp_path / "lu/network/malraux.yml").unlink()
    result = flows("--read", str(tmp_path / "lu"))
    assert (result.exit_code, "network/malraux.yml" in result.output) == (1, True)
    shutil.copy(read / "network/malraux.yml", tmp_path / "lu/network/malraux.yml")
    write(tmp_path / "lu/firewall/policies.yml", {"policies": []})
    result = flows("--read", str(tmp_path / "lu"))
    assert (result.exit_code, "la politique VLB n’est pas dans ce qui a été lu" in result.output) == (1, True)


def test_an_ssid_that_lets_guests_in_is_found_where_the_firewall_does_too(read: Path, tmp_path: Path) -> None:
    shutil.copytree(read, tmp_path / "lu")
    policies = yaml.safe_load((read / "firewall/policies.yml").read_text("utf-8"))["policies"]
    opened = next(
        rule for part in policies for rule in part.get("ipv4_access", ()) if rule["id"] == "invites-web.malraux"
    )
    opened["destinations"] = ["any"]
    write(tmp_path / "lu/firewall/policies.yml", {"policies": policies})
    assert flows("malraux", "--read", str(tmp_path / "lu")).exit_code == 0  # the SSID alone still isolates
    path = tmp_path / "lu/network/malraux.yml"
    network = yaml.safe_load(path.read_text("utf-8"))
    for ssid in network["ssids"]:
        if ssid["name"] == "VLB-Public":
            ssid["l3_firewall"] = {"rules": [], "allow_lan_access": True}
    write(path, network)
    result = flows("malraux", "--read", str(tmp_path / "lu"), "--format", "json")
    assert result.exit_code == 2
    assert [cell["access"] for cell in json.loads(result.output)["isolation"] if cell["wrong"]] == ["VLB-Public"]


def test_gaps_between_the_readings_and_the_matrix_are_said_both_ways(read: Path, tmp_path: Path) -> None:
    assert flows("--read", str(read), "--compare").output.startswith("Aucun écart.\n")
    shutil.copytree(read, tmp_path / "lu")
    policies = yaml.safe_load((read / "firewall/policies.yml").read_text("utf-8"))["policies"]
    rules = {rule["id"]: rule for part in policies for rule in part.get("ipv4_access", ())}
    rules["telephonie.malraux"]["services"] = ["tcp_service/VLB-sip-tls", "tcp_service/VLB-ssh"]
    write(tmp_path / "lu/firewall/policies.yml", {"policies": policies})
    result = flows("malraux", "--read", str(tmp_path / "lu"), "--compare", "--format", "json")
    assert result.exit_code == 2
    assert [
        (row["gap"], row["destinations"], row["services"], row["rules"]) for row in json.loads(result.output)["flows"]
    ] == [
        ("+", ["sfr"], ["ssh"], ["pare-feu : telephonie.malraux"]),
        ("-", ["sfr"], ["rtp", "ntp"], ["pare-feu : telephonie.malraux"]),
    ]
    text = flows("malraux", "--read", str(tmp_path / "lu"), "--compare").output.splitlines()
    assert "  + → sfr  ssh       pare-feu : telephonie.malraux" in text
    table = flows("malraux", "--read", str(tmp_path / "lu"), "--compare", "--format", "csv").output.splitlines()
    assert [line.split(";")[0] for line in table] == ["écart", "+", "-"]


def test_what_is_about_what_was_read_asks_for_it() -> None:
    result = flows("--compare")
    assert (result.exit_code, "vont avec --read" in result.output) == (1, True)


PAIR = ("--from", "utilisateurs@ccas", "--to", "telephonie@ccas", "--service", "https")


def test_a_service_between_two_places_is_answered_with_what_stops_it() -> None:
    said = flows(*PAIR)
    assert said.output.splitlines() == [
        "✗ arrêté : utilisateurs@ccas → telephonie@ccas, https",
        "  par     commutateurs de ccas : utilisateurs vers telephonie",
        "  chemin  coeur-hdv",
    ]
    assert said.exit_code == 2
    phones = ("--from", "telephonie@ccas", "--to", "telephonie@ctm", "--service", "rtp")
    answer = json.loads(flows(*phones, "--format", "json").output)
    assert (answer["state"], answer["hops"]) == ("passes", ["coeur-hdv"])
    assert flows("--from", "vpn-agents", "--to", "citrix", "--service", "https").exit_code == 3


@pytest.mark.parametrize("options", [("--service", "https"), (*PAIR[:2], *PAIR[4:]), (*PAIR, "ccas")])
def test_a_service_needs_both_ends_and_nothing_else(options: tuple[str, ...]) -> None:
    refused = flows(*options)
    assert (refused.exit_code, "--service va avec --from et --to" in refused.output) == (1, True)


def test_the_access_lists_that_were_read_are_subtracted(read: Path, tmp_path: Path) -> None:
    shutil.copytree(read, tmp_path / "lu")
    path = tmp_path / "lu/network/ccas.yml"
    write(path, {**yaml.safe_load(path.read_text("utf-8")), "access_lists": []})
    assert flows(*PAIR, "--read", str(read)).exit_code == 2
    assert flows(*PAIR, "--read", str(tmp_path / "lu")).exit_code == 0
    gap = flows("ccas", "--read", str(tmp_path / "lu"), "--compare").output
    assert "+ → telephonie@ccas" in gap
