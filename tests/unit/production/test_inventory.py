"""Answers become the inventory of production: nothing else changes, nothing twice."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from piste.commands.production import inventory
from piste.commands.production.questions import QUESTIONS, Unfit, checked
from piste.sites.declaring import write_files
from piste.town.town import InvalidDeclaration
from tests.unit.repository.tree import ROOT

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


def test_the_questions_refuse_a_town_that_has_not_what_they_are_about() -> None:
    assert inventory.servers(ROOT) == list(NPS)
    with pytest.raises(Unfit, match=r"radius et printing.*ansible-vault create"):
        inventory.servers(ROOT / "contrib/collection/exemple")


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


def test_accounts_follow_the_short_name_of_the_domain(clone: Path) -> None:
    path = Path("group_vars/all/addressing.yml")
    before = (clone / path).read_text("utf-8")
    assert "update_account: LEBOURGET\\svc-dhcp\n" in before
    unsaid = inventory.files(answers(clone, domain="ad.ville.fr"), clone)[path]
    assert "update_account: LEBOURGET\\svc-dhcp\n" in unsaid
    assert "update_account: VILLE\\svc-dhcp\n" in applied(clone, domain="ad.ville.fr", netbios="VILLE")[path]
    assert applied(clone, domain="ad.ville.fr", netbios="VILLE") == {}


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


def test_addresses_follow_a_domain_that_changes_again(clone: Path) -> None:
    applied(clone, **{**GIVEN, "domain": "ad.vile.fr"})
    applied(clone, domain="ad.ville.fr", prism="https://prism.autre.fr:9440")
    after = settings(clone)
    assert after["piste_ad"]["controller"] == "srv-ad1.ad.ville.fr"
    assert after["piste_ad"]["username"] == "svc-iac@ad.ville.fr"
    assert after["piste_winrm"]["urls"]["hdv-imp1"] == "https://srv-imp.autre.fr:5986/wsman"
    assert "ad.vile.fr" not in (clone / inventory.MAIN).read_text("utf-8")


def rewritten(clone: Path, old: str, new: str) -> str:
    path = clone / inventory.MAIN
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return path.read_text("utf-8")


def test_values_as_people_write_them_are_replaced_and_nothing_else(clone: Path) -> None:
    block = "  urls:\n    hdv-nps1: https://a.ville.fr/wsman\n  # Une remarque.\n"
    rewritten(clone, "  urls: {}\n", block)
    before = rewritten(clone, "  proxy: null\n", "  proxy:   # direct\n")
    applied(clone, domain="ad.ville.fr", proxy="http://p.ville.fr:3128", print_server="https://b.ville.fr/wsman")
    after = (clone / inventory.MAIN).read_text("utf-8")
    urls = '{hdv-nps1: "https://a.ville.fr/wsman", hdv-imp1: "https://b.ville.fr/wsman"}'
    expected = before.replace("  proxy:   # direct\n", "  proxy: http://p.ville.fr:3128   # direct\n")
    assert after == expected.replace(block, f"  urls:\n    {urls}\n  # Une remarque.\n")
    assert applied(clone, domain="ad.ville.fr") == {}


@pytest.mark.parametrize(
    "new",
    [
        "  proxy: &direct null\n  ca_file: *direct\n",
        "  ca_file: &direct null\n  proxy: *direct\n",
        "  proxy: |\n    http://q.ville.fr:3128\n  ca_file: null\n",
    ],
)
def test_a_value_that_cannot_be_replaced_alone_is_left_to_people(clone: Path, new: str) -> None:
    rewritten(clone, "  proxy: null\n  ca_file: null\n", new)
    with pytest.raises(Unfit, match=r"main\.yml : des valeurs d’une forme inattendue") as refused:
        inventory.files(answers(clone, domain="ad.ville.fr", proxy="http://p.ville.fr:3128"), clone)
    assert "piste_meraki.proxy : http://p.ville.fr:3128" in str(refused.value)


@pytest.mark.parametrize("content", [None, b"\xff"])
def test_an_inventory_that_does_not_read_says_how_to_restore_it(clone: Path, content: bytes | None) -> None:
    (clone / inventory.MAIN).unlink()
    if content:
        (clone / inventory.MAIN).write_bytes(content)
    with pytest.raises(Unfit, match=r"main\.yml : ce fichier ne se lit pas\..*git checkout -- "):
        inventory.current(clone)


def test_a_text_kept_from_jinja_in_the_declaration_is_read(clone: Path) -> None:
    path = clone / "group_vars/all/directory.yml"
    text = path.read_text("utf-8").replace("domain: ad.", "domain: !unsafe ad.", 1)
    path.write_text(text, "utf-8")
    assert inventory.current(clone)["domain"] == "ad.lebourget.example"


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
        ("  urls: {}\n", "", r"piste_winrm.urls n’y est pas"),
        ("  urls: {}\n", '  urls: "{{ ailleurs }}"\n', r"n’est pas une liste d’adresses"),
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
    assert "le chemin complet d’un fichier" in listed
    assert "ce n’est pas un fichier lisible de certificats" in listed


def test_the_settings_that_messages_name_are_in_the_inventory() -> None:
    """A person who is sent to `piste_ad.ca_file` must find it there."""
    given: dict[str, Any] = yaml.safe_load((ROOT / inventory.MAIN).read_text("utf-8"))
    added = {"piste_meraki.rate", "piste_smc.domain"}
    unknown = set()
    for file in (ROOT / "piste").rglob("*.py"):
        text = file.read_text("utf-8")
        assert not re.search(r'"[^"\n{]*(?<![\w.])(domain|winrm)\.(ca_file|controller|username|urls)', text), file
        for name, key in re.findall(r"\b(piste_[a-z]+)\.([a-z_]+)", text):
            if isinstance(given.get(name), dict) and key not in given[name]:
                unknown.add(f"{name}.{key}")
    assert unknown == added, "settings that have a default, and that a person adds"
