"""The declaration checked from the command line: all faults in three forms, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from piste.commands.validate import validate
from piste.town.model import rules
from tests.support.checkouts import declaration, few

ROOT = Path(__file__).parents[3]
JAURES = "inventories/town/host_vars/ecole-jaures.yml"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return few(tmp_path)


def validated(copy: Path, *options: str) -> Result:
    return CliRunner().invoke(validate, [*options, str(copy / "inventories/town")])


def edit(copy: Path, old: str, new: str) -> int:
    """Replace a text of the school's file; return its line number."""
    path = copy / JAURES
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")
    return text[: text.index(old)].count("\n") + 1


def two_faults(copy: Path) -> tuple[int, int]:
    lines = edit(copy, "lifecycle: open", "lifecycle: ouvert"), edit(copy, "switches:", "inconnue: 1\nswitches:")
    return lines[0], lines[1]


def test_the_declared_town_has_no_error(tmp_path: Path) -> None:
    copy = declaration(tmp_path)
    assert (validated(copy).exit_code, validated(copy).output) == (0, "24 sites déclarés, 0 erreur, 0 avertissement.\n")
    assert CliRunner().invoke(validate, []).output == validated(copy).output


def test_all_faults_are_said_with_rule_file_and_line(copy: Path) -> None:
    first, second = two_faults(copy)
    result = validated(copy)
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        f"Erreur : PISTE-M007 « ouvert » n’est pas l’une de : planned, open, closing, closed ({JAURES}:{first}). "
        "Corrigez la valeur.",
        f"Erreur : PISTE-M005 La variable « inconnue » est inconnue ({JAURES}:{second}). "
        "Corrigez le nom de la clé, ou retirez-la.",
        "5 sites déclarés, 2 erreurs, 0 avertissement.",
    ]


def test_a_warning_alone_is_no_error(copy: Path) -> None:
    edit(copy, "switches:", "dot1x: {state: pilot}\nswitches:")
    result = validated(copy)
    assert result.exit_code == 0
    assert result.output.startswith("Avertissement : PISTE-M063 ")
    assert result.output.endswith("6 sites déclarés, 0 erreur, 1 avertissement.\n")
    assert json.loads(validated(copy, "--format", "sarif").output)["runs"][0]["results"][0]["level"] == "warning"


def test_faults_as_json(copy: Path) -> None:
    first, _ = two_faults(copy)
    result = validated(copy, "--format", "json")
    answer = json.loads(result.output)
    assert (result.exit_code, answer.keys(), len(answer["faults"])) == (1, {"as_found", "digest", "faults"}, 2)
    assert answer["faults"][0] == {
        "rule": "PISTE-M007",
        "path": "sites[ecole-jaures].site.lifecycle",
        "file": JAURES,
        "line": first,
        "message": "« ouvert » n’est pas l’une de : planned, open, closing, closed",
        "advice": "Corrigez la valeur.",
        "severity": "error",
    }


def test_faults_as_sarif(copy: Path) -> None:
    """SARIF 2.1.0 requires version, runs, tool.driver.name; results must point into the rules."""
    first, _ = two_faults(copy)
    result = validated(copy, "--format", "sarif")
    log = json.loads(result.output)
    assert (result.exit_code, log["version"], len(log["runs"])) == (1, "2.1.0", 1)
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "Piste"
    assert [rule["id"] for rule in driver["rules"]] == sorted(rules())
    assert driver["rules"][0] == {
        "id": "PISTE-M001",
        "shortDescription": {"text": rules()["PISTE-M001"].title},
        "fullDescription": {"text": rules()["PISTE-M001"].explanation},
        "help": {"text": rules()["PISTE-M001"].recommendation},
        "defaultConfiguration": {"level": "error"},
    }
    assert run["results"][0] == {
        "ruleId": "PISTE-M007",
        "ruleIndex": 6,
        "level": "error",
        "message": {"text": "« ouvert » n’est pas l’une de : planned, open, closing, closed. Corrigez la valeur."},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": JAURES}, "region": {"startLine": first}},
                "logicalLocations": [{"fullyQualifiedName": "sites[ecole-jaures].site.lifecycle"}],
            }
        ],
    }
    assert [driver["rules"][item["ruleIndex"]]["id"] for item in run["results"]] == ["PISTE-M007", "PISTE-M005"]


def test_an_inventory_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    result = CliRunner().invoke(validate, [str(tmp_path / "a/nowhere")])
    assert result.exit_code == 1
    assert "PISTE-M001 Le fichier ne peut pas être lu : il n’est pas là (" in result.output


def test_values_kept_as_found_are_counted_and_their_faults_said(copy: Path, lab_folder: Path) -> None:
    kept = lab_folder / "as_found" / "ecole-jaures.yml"
    kept.parent.mkdir(parents=True)
    kept.write_text("as_found: {meraki: {ssid: {VLB-Agents: {default_vlan_id: 10, visible: false}}}}\n", "utf-8")
    assert validated(copy).output.endswith("lab : 2 valeurs gardées comme trouvées, à rendre (docs/adopter.md).\n")
    assert json.loads(validated(copy, "--format", "json").output)["as_found"] == {"lab": 2}
    kept.write_text("as_found:\n  meraki:\n    ssid:\n      VLB-Agents:\n        vlan_id: 10\n", "utf-8")
    result = validated(copy)
    assert result.exit_code == 1
    assert "clé inconnue, vouliez-vous dire « default_vlan_id » ? (" in result.output
    assert "ecole-jaures.yml:5)" in result.output


def test_what_is_imposed_must_have_been_proven_in_production(copy: Path) -> None:
    edit(copy, "switches:", 'dot1x: {state: enforced, since: "2026-12-01"}\nswitches:')
    assert "PISTE-M069 ecole-jaures : le 802.1X est imposé, mais aucun essai réussi" in validated(copy).output
    tried = [
        {"server": server, "test": "essai", "state": "conform", "expected": "admis", "found": "admis"}
        for server in ("hdv-nps1", "hdv-nps2")
    ]
    proof = {"site": "ecole-jaures", "date": "2026-11-30T10:00", "servers": ["hdv-nps1", "hdv-nps2"], "tests": tried}
    folder = copy / "inventories/production/eap_tests"
    folder.mkdir(parents=True)
    (folder / "ecole-jaures.yml").write_text(yaml.safe_dump(proof), "utf-8")
    assert validated(copy).exit_code == 0
