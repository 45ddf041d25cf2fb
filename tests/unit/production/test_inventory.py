"""Answers become the inventory of production: nothing else changes, nothing twice."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from piste.production import inventory
from piste.production.questions import QUESTIONS, Unfit, checked
from piste.sites.declaring import write_files
from piste.town import InvalidDeclaration

NPS = ("hdv-nps1", "hdv-nps2")
GIVEN = {
    "domain": "ad.ville.fr",
    "organization": "Mairie : « le Bourget »",
    "dashboard": "https://api.meraki.ca/api/v1/",
    "proxy": "http://proxy.ville.fr:3128",
    "controller": "srv-ad1",
    "account": "svc-iac",
    "nps": ["hdv-nps1", "https://radius2.ville.fr/wsman"],
    "print_server": "srv-imp.autre.fr",
    "smc": "https://smc.ville.fr:8082",
    "smc_version": "7.1",
    "prism": "https://prism.ville.fr:9440",
}


def answers(clone: Path, **given: Any) -> dict[str, str]:
    return checked({**inventory.current(clone, given["domain"]), **given}, NPS)


def settings(clone: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((clone / inventory.MAIN).read_text("utf-8"))
    return content


def applied(clone: Path, **given: Any) -> dict[Path, str]:
    files = inventory.files(answers(clone, **given), clone)
    write_files(files, clone)
    return files


def test_every_answer_goes_where_the_systems_are_named(clone: Path) -> None:
    before = settings(clone)
    applied(clone, **GIVEN)
    after = settings(clone)
    expected = {
        **before,
        "piste_meraki": {
            **before["piste_meraki"],
            "organization": "Mairie : « le Bourget »",
            "base_url": "https://api.meraki.ca/api/v1",
            "proxy": "http://proxy.ville.fr:3128",
        },
        "piste_ad": {**before["piste_ad"], "controller": "srv-ad1.ad.ville.fr", "username": "svc-iac@ad.ville.fr"},
        "piste_winrm": {
            **before["piste_winrm"],
            "username": "svc-iac@ad.ville.fr",
            "urls": {
                "hdv-nps2": "https://radius2.ville.fr/wsman",
                "hdv-imp1": "https://srv-imp.autre.fr:5986/wsman",
            },
        },
        "piste_smc": {**before["piste_smc"], "url": "https://smc.ville.fr:8082", "api_version": "7.1"},
        "piste_prism": {**before["piste_prism"], "base_url": "https://prism.ville.fr:9440"},
    }
    assert after == expected
    shared = "".join(path.read_text("utf-8") for path in (clone / "group_vars/all").glob("*.yml"))
    assert "ad.lebourget.example" not in shared
    assert "server_names: [hdv-nps1.ad.ville.fr, hdv-nps2.ad.ville.fr]" in shared
    assert "dsi@lebourget.example" in shared


def test_comments_stay_and_a_template_that_comes_to_the_answer_too(clone: Path) -> None:
    before = (clone / inventory.MAIN).read_text("utf-8")
    applied(clone, domain="ad.ville.fr", proxy="http://proxy.ville.fr:3128")
    after = (clone / inventory.MAIN).read_text("utf-8")
    assert after == before.replace("  proxy: null", "  proxy: http://proxy.ville.fr:3128", 1)


def test_the_same_answers_change_nothing_and_an_empty_answer_takes_back(clone: Path) -> None:
    assert applied(clone, **GIVEN)
    assert applied(clone, **GIVEN) == {}
    assert list(applied(clone, domain="ad.ville.fr", proxy="", nps=list(NPS))) == [inventory.MAIN]
    assert settings(clone)["piste_meraki"]["proxy"] is None
    assert settings(clone)["piste_winrm"]["urls"] == {"hdv-imp1": "https://srv-imp.autre.fr:5986/wsman"}


def test_another_form_of_the_same_account_is_kept(clone: Path) -> None:
    path = clone / inventory.MAIN
    text = path.read_text("utf-8").replace('"svc-piste@{{ directory.domain }}"', '"VILLE\\\\svc-piste"')
    path.write_text(text, "utf-8")
    assert inventory.MAIN not in applied(clone, domain="ad.ville.fr")


def test_a_town_that_would_have_a_fault_is_not_written(clone: Path) -> None:
    path = clone / "group_vars/all/directory.yml"
    path.write_text(path.read_text("utf-8").replace("controller: hdv-dc1", "controller: hdv-dc9"), "utf-8")
    with pytest.raises(InvalidDeclaration):
        inventory.files(answers(clone, domain="ad.ville.fr"), clone)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("  urls: {}\n", "", r"piste_winrm.urls n'y est pas"),
        ("  urls: {}\n", '  urls: "{{ ailleurs }}"\n', r"n'est pas une liste d'adresses"),
        ("piste_meraki:", "piste_meraki: [", r"ce fichier ne se lit pas"),
    ],
)
def test_an_inventory_of_another_form_is_refused_in_words(clone: Path, old: str, new: str, fault: str) -> None:
    path = clone / inventory.MAIN
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(Unfit, match=fault):
        inventory.files(answers(clone, domain="ad.ville.fr"), clone)


def test_every_authority_has_its_place(clone: Path, tmp_path: Path) -> None:
    path = tmp_path / "ville.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=Ville -keyout key.pem"
    subprocess.run([*command.split(), "-out", "ville.pem"], cwd=tmp_path, check=True, capture_output=True)
    keys = [question.key for question in QUESTIONS if question.key.endswith("_ca")]
    applied(clone, domain="ad.ville.fr", **dict.fromkeys(keys, str(path)))
    systems = {name: value for name, value in settings(clone).items() if isinstance(value, dict) and "ca_file" in value}
    assert systems.pop("piste_smc_prestataire")["ca_file"] is None
    assert [system["ca_file"] for system in systems.values()] == [str(path)] * len(keys)
    shutil.copyfile(path, tmp_path / "both.pem")
    with open(tmp_path / "both.pem", "a") as both:
        both.write((tmp_path / "key.pem").read_text())
    with pytest.raises(Unfit) as refused:
        answers(clone, domain="ad.ville.fr", smc_ca=str(tmp_path / "both.pem"), prism_ca="ville.pem", windows_ca="/nul")
    listed = str(refused.value)
    assert "ce fichier contient une clé privée" in listed
    assert "le chemin complet d'un fichier" in listed
    assert "ce n'est pas un fichier lisible de certificats" in listed
