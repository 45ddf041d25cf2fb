"""Conditions of a task and of its writes: one environment, no freeze, an open window."""

from __future__ import annotations

import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Misused
from piste.engine.repository import uncommitted
from piste.runs.plans import conditions
from piste.runs.plans.conditions import Frozen, OutsideWindow, Uncommitted, check_environment, check_moment


def test_exactly_one_environment_is_accepted() -> None:
    assert check_environment({"piste_model": 1, "piste_environment_lab": True, "autre": "x"}) == "lab"


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        (
            {"piste_environment_lab": True},
            "PISTE-E030 la déclaration commune (group_vars) n’est pas là. Un clone sans liens symboliques la perd en "
            "silence. Vérifiez que inventories/town/group_vars mène à group_vars, et l’inventaire passé à -i.",
        ),
        (
            {"piste_model": 1},
            "PISTE-E030 un environnement et un seul est attendu, trouvé : aucun. Passez -i inventories/town et un seul "
            "de -i inventories/lab, -i inventories/production.",
        ),
        (
            {"piste_model": 1, "piste_environment_production": True, "piste_environment_lab": True},
            "PISTE-E030 un environnement et un seul est attendu, trouvé : lab, production. Passez -i inventories/town "
            "et un seul de -i inventories/lab, -i inventories/production.",
        ),
    ],
)
def test_a_mixed_or_partial_environment_is_refused(variables: dict[str, Any], message: str) -> None:
    with pytest.raises(Misused) as caught:
        check_environment(variables)
    assert (str(caught.value), caught.value.kind) == (message, "refused")


FREEZE = {
    "from": "2026-12-19T00:00",
    "until": "2027-01-04T07:00",
    "except": ["police-municipale"],
    "why": "Congés de fin d’année",
}


@pytest.mark.parametrize(
    ("moment", "host", "frozen"),
    [
        ("2026-12-18T23:59", "ecole-jaures", False),
        ("2026-12-19T00:00", "ecole-jaures", True),
        ("2027-01-04T07:00", "ecole-jaures", True),
        ("2027-01-04T07:01", "ecole-jaures", False),
        ("2026-12-25T12:00", "police-municipale", False),
    ],
)
def test_a_freeze_stops_writes_between_its_ends_and_spares_its_exceptions(moment: str, host: str, frozen: bool) -> None:
    variables = {"freezes": [FREEZE], "inventory_hostname": host}
    now = datetime.fromisoformat(moment)
    if not frozen:
        check_moment(variables, now)
        return
    with pytest.raises(Frozen) as caught:
        check_moment(variables, now)
    assert caught.value.kind == "refused"
    assert str(caught.value) == (
        "PISTE-E032 ecole-jaures : les écritures sont gelées jusqu’au 2027-01-04 à 07:00 : Congés de fin d’année. "
        "Rien n’a été écrit. Attendez sa fin ; s’il le faut, ajoutez le site à « except » "
        "(group_vars/all/freezes.yml)."
    )


EVENINGS = {"days": ["monday", "tuesday", "wednesday", "thursday", "friday"], "start": "19:00", "end": "22:00"}
NIGHT = {"days": ["friday"], "start": "22:30", "end": "06:00"}
REFUSED = (
    "PISTE-E033 ecole-jaures : hors de la fenêtre de changement. {} Rien n’a été écrit. "
    "Attendez-la ; s’il le faut, dites qui en décide et pourquoi : piste apply PLAN --outside-window "
    '"Nom : raison", ou -e \'{{"piste_outside_window": "Nom : raison"}}\'.'
)


def production(*windows: dict[str, Any], **more: Any) -> dict[str, Any]:
    declared = {"change_windows": {"windows": list(windows), "status": "to_confirm"}}
    return {"piste_change_windows": True, "inventory_hostname": "ecole-jaures", **declared, **more}


@pytest.mark.parametrize(
    ("moment", "following"),
    [
        ("2026-11-24T18:59", "Prochaine ouverture : mardi 24/11 à 19:00."),
        ("2026-11-24T19:00", None),
        ("2026-11-24T21:59", None),
        ("2026-11-24T22:00", "Prochaine ouverture : mercredi 25/11 à 19:00."),
        ("2026-11-27T23:00", None),
        ("2026-11-28T05:59", None),
        ("2026-11-28T06:00", "Prochaine ouverture : lundi 30/11 à 19:00."),
    ],
)
def test_a_write_waits_for_a_window_which_may_last_through_the_night(moment: str, following: str | None) -> None:
    now = datetime.fromisoformat(moment)
    if following is None:
        check_moment(production(EVENINGS, NIGHT), now)
        return
    with pytest.raises(OutsideWindow) as caught:
        check_moment(production(EVENINGS, NIGHT), now)
    assert (str(caught.value), caught.value.kind) == (REFUSED.format(following), "refused")


def test_the_only_window_of_a_week_is_found_from_the_end_of_the_one_before() -> None:
    with pytest.raises(OutsideWindow, match="Prochaine ouverture : vendredi 04/12 à 22:30"):
        check_moment(production({**NIGHT, "end": "23:00"}), datetime(2026, 11, 27, 23, 0))


def test_a_site_without_window_is_never_written() -> None:
    with pytest.raises(OutsideWindow, match="Aucune n’est déclarée pour ce site"):
        check_moment(production(), datetime(2026, 11, 24, 20, 0))


@pytest.mark.parametrize("asked", [None, False, "false", ""])
def test_windows_hold_only_where_the_environment_asks_for_them(asked: Any) -> None:
    check_moment(production(EVENINGS) | {"piste_change_windows": asked}, datetime(2026, 11, 24, 12, 0))


@pytest.mark.parametrize("asked", [True, "true", "yes", "1"])
def test_the_command_line_may_ask_for_windows_too(asked: Any) -> None:
    with pytest.raises(OutsideWindow):
        check_moment(production(EVENINGS) | {"piste_change_windows": asked}, datetime(2026, 11, 24, 12, 0))


def test_who_and_why_open_the_window() -> None:
    noon = datetime(2026, 11, 24, 12, 0)
    check_moment(production(EVENINGS, piste_outside_window="Mme Diallo : panne du Wi-Fi de la cantine"), noon)
    for lacking in ("", "oui", "Mme Diallo :", " : panne"):
        with pytest.raises(OutsideWindow, match="doit dire qui en décide et pourquoi"):
            check_moment(production(EVENINGS, piste_outside_window=lacking), noon)


def test_no_reason_opens_a_freeze() -> None:
    frozen = production(EVENINGS, freezes=[FREEZE], piste_outside_window="Mme Diallo : panne")
    with pytest.raises(Frozen):
        check_moment(frozen, datetime(2026, 12, 21, 20, 0))


# A tree that no commit holds

COMMITTED = {"piste_committed_only": True, "inventory_hostname": "ecole-jaures"}


@pytest.fixture
def changed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the files that differ from the commit."""
    files: list[str] = []
    monkeypatch.setattr(conditions, "uncommitted", lambda: files)
    monkeypatch.delenv("PISTE_RUN_DIR", raising=False)
    return files


def test_a_tree_that_a_commit_holds_is_written_from(changed: list[str]) -> None:
    check_moment(COMMITTED)


def test_a_changed_tree_is_refused_where_the_environment_asks_for_it(changed: list[str]) -> None:
    changed += [f"group_vars/all/{name}.yml" for name in "abcdefg"]
    check_moment({"inventory_hostname": "ecole-jaures"})
    with pytest.raises(Uncommitted) as caught:
        check_moment(COMMITTED)
    assert str(caught.value) == (
        "PISTE-E035 group_vars/all/a.yml, group_vars/all/b.yml, group_vars/all/c.yml, group_vars/all/d.yml, "
        "group_vars/all/e.yml et 2 autres : le dépôt contient des modifications non enregistrées. Personne ne pourrait "
        "relire ce qui serait fait. Rien n’a été écrit. Enregistrez-les (git commit) ; s’il le faut, dites qui en "
        'décide et pourquoi : --uncommitted "Nom : raison", ou -e \'{"piste_uncommitted": "Nom : raison"}\'.'
    )
    assert caught.value.kind == "refused"
    (refusal,) = conditions.refusals([COMMITTED, {**COMMITTED, "inventory_hostname": "ccas"}])
    assert refusal.where.count("a.yml") == 1


def test_somebody_may_want_it_and_says_why(changed: list[str]) -> None:
    changed.append("x.yml")
    check_moment({**COMMITTED, "piste_uncommitted": "Mme Diallo : panne, enregistré ce soir"})
    for lacking in ("", "panne", ": panne", "Mme Diallo :"):
        with pytest.raises(Uncommitted, match="qui en décide et pourquoi"):
            check_moment({**COMMITTED, "piste_uncommitted": lacking})


def test_the_tree_is_looked_at_once_a_run(changed: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PISTE_RUN_DIR", str(tmp_path))
    check_moment(COMMITTED)
    changed.append("x.yml")
    check_moment(COMMITTED)


def test_what_a_run_inscribes_itself_is_no_change_of_the_tree(tmp_path: Path) -> None:
    def git(*words: str) -> None:
        subprocess.run(["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b", *words], check=True)

    assert uncommitted(tmp_path) == [str(tmp_path)]
    (tmp_path / "group_vars/all").mkdir(parents=True)
    (tmp_path / "group_vars/all/ssids.yml").write_text("a: 1\n", "utf-8")
    git("init", "--quiet")
    git("add", "-A")
    git("commit", "--quiet", "-m", "Essai")
    for name in ("group_vars/all/sobriety_rollout.yml", "inventories/production/as_found/ccas.yml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert uncommitted(tmp_path) == []
    (tmp_path / "group_vars/all/ssids.yml").write_text("a: 2\n", "utf-8")
    (tmp_path / "nouveau.yml").touch()
    assert uncommitted(tmp_path) == ["group_vars/all/ssids.yml", "nouveau.yml"]


# A vault that the play counts on


def test_an_environment_without_its_vault_is_refused_with_what_to_do(tmp_path: Path) -> None:
    folder = tmp_path / "inventories/production/group_vars/all"
    folder.mkdir(parents=True)
    (folder / "main.yml").write_text("piste_secrets: \"{{ lookup('x', 'y') }}\"\n", "utf-8")
    conditions.check_vault("production", tmp_path)  # Its secrets come from elsewhere.
    (folder / "main.yml").write_text('piste_secrets: "{{ vault_piste_secrets }}"\n', "utf-8")
    with pytest.raises(Misused) as caught:
        conditions.check_vault("production", tmp_path)
    assert caught.value.kind == "refused"
    assert "n’a pas de coffre" in caught.value.what
    assert "ansible-vault create inventories/production/group_vars/all/vault.yml" in caught.value.todo
    (folder / "vault.yml").touch()
    conditions.check_vault("production", tmp_path)
