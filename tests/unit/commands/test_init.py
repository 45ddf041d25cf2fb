"""`piste init production`: shows, asks, writes, and changes nothing the second time."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from piste.cli import main
from piste.commands import doctor, init
from piste.commands.production import vault
from piste.commands.production.inventory import MAIN
from piste.commands.production.questions import QUESTIONS
from piste.engine.finding import Finding

DOMAIN = "domain=ad.ville.fr"


@pytest.fixture
def root(clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(init, "ROOT", clone)
    (tmp_path / "password").write_text("motdepasse-du-coffre", "utf-8")
    monkeypatch.setenv("ANSIBLE_VAULT_PASSWORD_FILE", str(tmp_path / "password"))
    return clone


def piste(*arguments: str, said: str = "") -> Result:
    return CliRunner().invoke(main, ["init", "production", *arguments], input=said)


def contents(root: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_it_writes_once_says_what_is_left_and_changes_nothing_more(root: Path) -> None:
    result = piste("--set", DOMAIN, "--set", "proxy=http://proxy.ville.fr:3128", "--yes")
    assert result.exit_code == 0, result.output
    for line in (
        "-  domain: ad.lebourget.example",
        "+  domain: ad.ville.fr",
        '+    account: "CN=svc-ngfw,OU=Ville,DC=ad,DC=ville,DC=fr"',
        "+  proxy: http://proxy.ville.fr:3128",
        "  radius/ecole-jaures",
        f"Écrit : {MAIN}",
        f"Écrit, chiffré : {vault.VAULT}",
        '  7. dsacls "DC=ad,DC=ville,DC=fr" /G "AD\\svc-piste:RPWP;gPLink"',
        f"Ensuite : ANSIBLE_LOCAL_TEMP=/dev/shm ansible-vault edit {vault.VAULT}",
        "Puis : piste doctor --environment production",
    ):
        assert line in result.output.splitlines()
    assert (root / vault.VAULT).read_bytes().startswith(vault.HEADER)
    before = contents(root)
    again = piste("--set", DOMAIN, "--yes")
    assert again.exit_code == 0
    said = f"Tout est déjà ainsi : rien à écrire. Le coffre {vault.VAULT} n’est pas touché."
    assert said in again.output.splitlines()
    assert contents(root) == before


def test_the_systems_are_examined_at_the_end_if_a_person_wants_it(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "examine", lambda environment: [Finding("x", "ok", f"examinée : {environment}")])
    monkeypatch.setattr(init, "_at_a_terminal", lambda: True)
    assert "Examiner" not in piste("--set", DOMAIN, "--yes").output, "a vault without values"
    assert "examinée" not in piste("--set", DOMAIN, "--yes", said="non\n").output
    assert "examinée : production" in piste("--set", DOMAIN, "--yes", said="oui\n").output


@pytest.mark.parametrize(
    ("arguments", "said", "code", "line"),
    [
        (["--dry-run", "--set", DOMAIN], "", 0, "Rien n’a été écrit."),
        (["--set", DOMAIN], "non\n", 4, "Rien n’a été écrit."),
        (["--yes"], "\n", 1, "Abandonné."),
        (["--yes", "--set", "smc=https://smc.ville.fr/x", "--set", "domain=a.test"], "", 4, "  - smc : « https://"),
        (["--yes", "--set", "domain"], "", 1, "Erreur : --set : « domain » n’a pas la forme CLÉ=RÉPONSE."),
    ],
)
def test_nothing_is_written_without_a_yes_to_good_answers(
    root: Path, arguments: list[str], said: str, code: int, line: str
) -> None:
    before = contents(root)
    result = piste(*arguments, said=said)
    assert result.exit_code == code, result.output
    assert any(written.startswith(line) for written in result.output.splitlines()), result.output
    assert contents(root) == before


def test_the_questions_begin_with_the_domain_and_propose_what_follows_from_it(root: Path) -> None:
    asked = piste("--dry-run", said="ad.lebourget.example\nad.ville.fr\n" + "\n" * len(QUESTIONS))
    assert asked.exit_code == 0, asked.output
    assert "« ad.lebourget.example » ne convient pas, c’est un domaine d’exemple" in asked.output
    assert "Contrôleur de domaine par lequel Piste entre [hdv-dc1.ad.ville.fr]" in asked.output
    assert "Adresse de Prism Central [https://hdv-prism1.ad.ville.fr:9440]" in asked.output
    assert "+  domain: ad.ville.fr" in asked.output


def test_an_answer_that_contradicts_the_others_is_asked_again_and_no_password_is_said(root: Path) -> None:
    named = "\n" * 2 + "http://moi:motdepasse@proxy:3128\n" + "\n" * 2
    said = "ad.ville.fr\n" + named + "DC=ad,DC=autre,DC=fr\n" + "\n" * 3 + "nps1\n" + "\n" * len(QUESTIONS)
    asked = piste("--dry-run", said=said)
    assert asked.exit_code == 0, asked.output
    for line in (
        "domain_dn : « DC=ad,DC=autre,DC=fr » n’est pas celui de ad.ville.fr, qui est DC=ad,DC=ville,DC=fr",
        "nps : 1 pour les 2 déclarés (radius.servers : hdv-nps1, hdv-nps2)",
    ):
        assert line in asked.output.splitlines()
    assert "« http://…@proxy:3128 » ne convient pas, un mandataire" in asked.output


def test_without_a_password_for_the_vault_nothing_is_written(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise vault.NotSealed("le coffre n’a pas été fait")

    monkeypatch.setattr(vault, "check_password", refuse)
    before = contents(root)
    assert piste("--set", DOMAIN, "--yes").exit_code == 1
    assert contents(root) == before
