"""`piste doctor --against`: an answer beside that which was kept before a switch."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from piste.cli import main
from piste.commands import doctor
from piste.commands.output import EXIT
from piste.engine.finding import Finding
from piste.papers.dossier.operations import CATALOGUE, operated
from tests.unit.commands.test_doctor import OK, UNKNOWN, WRONG


def test_an_answer_is_compared_with_the_answer_kept_before(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    kept = tmp_path / "avant.json"

    def against(before: list[tuple[str, str]], *findings: Finding, form: str = "text") -> tuple[int, str]:
        kept.write_text(json.dumps({"environment": "lab", "findings": [{"id": i, "state": s} for i, s in before]}))
        monkeypatch.setattr(doctor, "examine", lambda environment: iter(findings))
        result = CliRunner().invoke(main, ["doctor", "--against", str(kept), "--format", form])
        return result.exit_code, result.output

    wrong, unknown, ok = (("essai.wrong", "wrong"), ("essai.unknown", "unknown"), ("essai.ok", "ok"))
    code, text = against([wrong, unknown, ok], OK, UNKNOWN, WRONG)
    assert (code, text.splitlines()[-1]) == (0, "Comparé à avant : 0 contrôle moins bien, 0 mieux ou autres.")
    code, text = against([("essai.wrong", "ok"), ok], OK, WRONG)
    assert (code, "✗ conforme → à corriger : vu wrong\n" in text) == (EXIT["error"], True)
    code, text = against([("essai.ok", "ok"), ("gone", "ok")], OK)
    assert (code, "gone : n’est plus contrôlé" in text) == (EXIT["unknown"], True), "a check that went proves nothing"
    code, text = against([("essai.ok", "wrong")], OK, form="json")
    assert (code, json.loads(text)["changes"]) == (
        0, [{"id": "essai.ok", "before": "wrong", "now": "ok", "what": "vu ok"}],
    )  # fmt: skip
    twice = [OK, Finding("essai.ok", "wrong", "l’autre", "réparez")]
    assert against([ok], *twice)[0] == EXIT["error"], "the worst of those that share an id"
    for hostile in ("[" * 9000, "[]", "{}", '{"findings": []}', '{"environment": "production", "findings": []}',
                    '{"environment": "lab", "findings": [{"id": [], "state": "ok"}]}'):  # fmt: skip
        kept.write_text(hostile)
        refused = CliRunner().invoke(main, ["doctor", "--against", str(kept)])
        assert (refused.exit_code, "n’est pas une réponse" in refused.output) == (EXIT["refused"], True), hostile


def test_each_interface_of_the_catalogue_has_a_line_and_its_checks_are_compared(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tried = [each for each in operated()[CATALOGUE].interfaces if each.checks]
    assert {each.name for each in operated()[CATALOGUE].interfaces if each.critical} <= {each.name for each in tried}

    def said(*wrong: str, form: str = "text", against: Path | None = None) -> tuple[int, str]:
        checks = [f"{prefix}.{check}" for each in tried for prefix in each.checks for check in ("reachable", "rights")]
        made = [Finding(id_, "wrong" if id_ in wrong else "ok", f"vu {id_}") for id_ in checks if id_[:4] != "glpi"]
        monkeypatch.setattr(doctor, "systems", lambda environment: iter(made))
        more = ["--against", str(against)] if against else []
        result = CliRunner().invoke(main, ["doctor", "--interfaces", "--format", form, *more])
        return result.exit_code, result.output

    code, text = said("smc.rights")
    assert code == EXIT["error"]
    assert "✗ à corriger  SMC Forcepoint (critique) : 1 sur 2 contrôles conformes\n" in text
    assert "vu smc.rights" in text
    assert "vu smc.reachable" not in text
    assert "? inconnu     GLPI (critique) : aucun contrôle n’a répondu" in text, "a silent interface is never conform"
    assert f"{len(tried) - 2} conformes, 1 à corriger, 1 inconnu." in text
    kept = tmp_path / "avant.json"
    kept.write_text(said("smc.rights", form="json")[1])
    assert said("smc.rights", against=kept)[0] == 0
    code, text = said("smc.reachable", against=kept)
    assert (code, "conforme → à corriger : vu smc.reachable" in text) == (EXIT["error"], True), "another fault is named"
