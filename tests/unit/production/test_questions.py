"""Answers that do not fit are refused before anything is written, all at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from piste.commands.production.questions import BY_KEY, Unfit, checked, read

GOOD = {
    "domain": "ad.ville.fr",
    "organization": "Ville",
    "dashboard": "https://api.meraki.com/api/v1",
    "controller": "dc1.ad.ville.fr",
    "account": "svc-piste",
    "nexus_account": "svc-piste",
    "nps": "nps1, nps2",
    "print_server": "imp1",
    "smc": "https://smc.ville.fr:8082",
    "smc_version": "7.4",
    "prism": "https://prism.ville.fr:9440",
}
NPS = ("hdv-nps1", "hdv-nps2")


def faults(**given: object) -> list[str]:
    with pytest.raises(Unfit) as refused:
        checked({**GOOD, **given}, NPS)
    return [line.strip(" -").partition(" : ")[0] for line in str(refused.value).splitlines()[1:]]


def test_good_answers_pass() -> None:
    answers = checked(GOOD, NPS)
    assert answers["domain"] == "ad.ville.fr"
    assert answers.keys() == BY_KEY.keys()


def test_a_dash_empties_an_optional_answer_only() -> None:
    assert checked({**GOOD, "proxy": "-", "smc_ca": "-"}, NPS)["proxy"] == ""
    assert faults(smc="-") == ["smc"]


def test_every_fault_comes_at_once() -> None:
    wrong = {"domain": "ad.ville.example", "domaine": "x", "smc": "http://smc.ville.fr", "prism": None, "nps": "nps1"}
    assert faults(**wrong) == ["domaine", "domain", "smc", "prism", "nps"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("organization", "{{ lookup('pipe', 'id') }}"),
        ("organization", "Ville\nautre: x"),
        ("organization", 12),
        ("organization", ["a", {"b": 1}]),
        ("organization", "Ville\x9b"),
        ("organization", "Ville\x85autre"),
        ("organization", "Ville\ud800"),
        pytest.param("organization", 1 << 20000, id="huge"),
        ("dashboard", "https://api.meraki.com"),
        ("dashboard", "https://moi:secret@api.meraki.com/api/v1"),
        ("dashboard", "https://api.meraki.com:99999/api/v1"),
        ("dashboard", "https://{{x}}/api/v1"),
        ("proxy", "http://moi:secret@proxy.ville.fr:3128"),
        ("proxy", "http://:secret@proxy.ville.fr:3128"),
        ("proxy", "http://proxy.ville.fr:3128?{{ lookup('pipe', 'id') }}"),
        ("proxy", "http://proxy.ville.fr:3128#{{ x }}"),
        ("proxy", "http://proxy.ville.fr:99999"),
        ("proxy", "proxy.ville.fr"),
        ("domain", "Ad.Ville.fr"),
        ("domain", "ville"),
        ("netbios", "ville"),
        ("domain_dn", "DC=ad,DC=autre,DC=fr"),
        ("controller", "dc1;id"),
        ("account", "VILLE\\svc-piste"),
        ("nps", "nps1, http://nps2/wsman"),
        ("nps", []),
        ("nps", " , "),
        ("print_server", "imp1/../x"),
        ("smc", "https://smc.ville.fr:8082/7.4"),
        ("smc", "https://smc.vil\nle.fr:8082"),
        ("smc", "https://smc.ville.fr:8082?"),
        ("smc_version", 7.4),
        ("smc_version", "7"),
        ("prism", "https://[::1"),
        ("prism_ca", "/etc/{{x}}.pem"),
        ("prism_ca", "/"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused(key: str, value: object) -> None:
    assert faults(**{key: value}) == [key]


@pytest.mark.parametrize("password", ["motdepasse", "mot/motdepasse", "mot@motdepasse"])
@pytest.mark.parametrize("scheme", ["http://", ""])
def test_a_password_in_an_address_is_not_shown(password: str, scheme: str) -> None:
    with pytest.raises(Unfit) as refused:
        checked({**GOOD, "proxy": f"{scheme}moi:{password}@proxy.ville.fr:3128"}, NPS)
    assert "motdepasse" not in str(refused.value)
    assert "…@proxy.ville.fr" in str(refused.value)


def test_what_is_refused_is_shown_without_its_escape_codes() -> None:
    with pytest.raises(Unfit) as refused:
        checked({**GOOD, "\x1b[31m\nautre": "x", "account": "svc\x1b[2J"}, NPS)
    assert "\x1b" not in str(refused.value)
    assert len(str(refused.value).splitlines()) == 3


@pytest.mark.parametrize(
    "content",
    ["- a\n", "a: [\n", "a: !!python/object/apply:os.getcwd []\n", "\x00", "[" * 1500, 'a: !!int ""', "a: !!bool x"],
)
def test_a_file_of_answers_that_does_not_read_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "answers.yml").write_text(content, "utf-8")
    with pytest.raises(Unfit, match=r"answers\.yml : le fichier de réponses"):
        read(tmp_path / "answers.yml")


def test_a_dash_alone_empties_an_answer_in_a_file_as_at_a_question(tmp_path: Path) -> None:
    file = tmp_path / "production.yml"
    file.write_text('domain: ad.ville-exemple.fr\nproxy: -   # aucun\nglpi: "-"\nveeam: -\n', "utf-8")
    assert read(file) == {"domain": "ad.ville-exemple.fr", "proxy": "-", "glpi": "-", "veeam": "-"}
