"""The end of `piste apply`: the supervision learns of the run, and never costs it anything."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from piste.cli import main
from piste.commands import noting, plan, waiting
from piste.engine.converge.module import Module
from piste.runs.plans import progress, saved
from piste.runs.plans.conditions import Frozen, check_moment
from piste.runs.plans.play import Order, Played, Trouble
from piste.systems.glpi import changes
from piste.systems.zabbix import push
from tests.unit.records.made import operation

SILENT = Played(troubles=[Trouble("commune", "Pousser les valeurs", "unknown", "PISTE-E010 sans réponse")])
VALUES = Order(noting.VALUES, "production", extra={"pushed_values": [1]})


@pytest.fixture
def orders(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Run nothing: what a run would do to the town is done, the supervision is silent."""
    asked: list[str] = []

    def watched(order: Order, *, check: bool, **more: Any) -> Played:
        asked.append(f"{order.playbook} {'lu' if check else 'fait'}")
        return SILENT if order.playbook == noting.VALUES else Played(operations=[operation()])

    def applied(order: Order, judge: Callable[[Played], None], **more: Any) -> Played:
        judge(watched(order, check=True))
        return watched(order, check=False)

    monkeypatch.setattr(progress, "watched", watched)
    monkeypatch.setattr(progress, "applied", applied)
    monkeypatch.setattr(noting, "values", lambda environment: VALUES)
    return asked


def test_a_silent_supervision_costs_the_run_nothing_and_is_named(
    orders: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = {"environment": "production", "operations": [operation()], "troubles": [], "withheld": [], "id": "p"}
    made["playbook"] = "playbooks/site.yml"
    monkeypatch.setattr(saved, "read", lambda name: made)
    monkeypatch.setattr(saved, "narrowed", lambda made: Order("playbooks/site.yml", "production"))
    monkeypatch.setattr(saved, "write", lambda made: tmp_path / "plan.json")
    monkeypatch.setattr(saved, "differences", lambda made, now: [])
    for name in ("check_provenance", "begin"):
        monkeypatch.setattr(saved, name, lambda made: None)
    monkeypatch.setattr(plan, "refuse_the_moment", lambda *given: {})
    monkeypatch.setattr(waiting, "refuse_lost", lambda *given: None)
    for name in ("say_operations", "say_consequences"):
        monkeypatch.setattr(plan, name, lambda *given, **more: None)
    monkeypatch.setattr(noting, "note", lambda *given: None)
    result = CliRunner().invoke(main, ["apply", "p", "--yes"])
    assert result.exit_code == 0, result.output
    assert orders == ["playbooks/site.yml lu", "playbooks/site.yml fait", "playbooks/push.yml fait"]
    assert "La supervision ne connaît pas encore cette exécution" in result.output
    assert "1 opération appliquée sur 1" in result.output


GLPI = {"base_url": "https://glpi.ad.ville.fr", "password": "{{ vault_piste_glpi_password }}"}
ZABBIX = {"url": "https://hdv-sup1.ad.ville.fr", "token": "{{ vault_piste_zabbix_token }}"}
OPEN = {"vault_piste_glpi_password": "p", "vault_piste_zabbix_token": "t", "piste_glpi": GLPI, "piste_zabbix": ZABBIX}


@pytest.mark.parametrize(
    ("town", "said", "asked"),
    [
        (OPEN, "", ["changes", "push"]),
        ({**OPEN, "piste_glpi": {**GLPI, "base_url": None}}, "à GLPI,", ["push"]),
        ({**OPEN, "vault_piste_zabbix_token": None}, "à la supervision,", ["changes"]),
        ({"piste_glpi": {**GLPI, "base_url": None}, "piste_zabbix": ZABBIX}, "à GLPI ni la supervision,", []),
    ],
)
def test_what_is_not_set_yet_is_said_once_without_an_error(
    town: dict[str, Any],
    said: str,
    asked: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    orders: list[Order] = []
    monkeypatch.setattr(progress, "watched", lambda order, *, check: orders.append(order) or Played())
    monkeypatch.setattr(noting, "values", lambda environment: VALUES)
    noting.conclude("production", None, {"glpi": {"entity": "Ville"}, "supervision": {"server": "s"}, **town})
    assert [Path(order.playbook).stem for order in orders] == asked
    printed = capsys.readouterr().err
    assert (said in printed, "PISTE-E" in printed, printed.count("\n")) == (True, False, bool(said))


FREEZE = {"from": "2000-01-01T00:00", "until": "2999-01-01T00:00", "why": "Essai"}
CLOSED = {"inventory_hostname": "commune", "piste_change_windows": True, "change_windows": {"windows": []}}


@pytest.mark.parametrize("module", [changes.MODULES["glpi_changes"], push.MODULES["zabbix_push"]])
def test_what_is_said_of_a_run_waits_for_no_window_but_for_the_end_of_a_freeze(module: Module) -> None:
    check_moment(CLOSED, waits=module.waits)
    with pytest.raises(Frozen):
        check_moment({**CLOSED, "freezes": [FREEZE]}, waits=module.waits)


@pytest.mark.parametrize(("code", "left"), [("PISTE-E032", 0), ("PISTE-E037", 4)])
@pytest.mark.parametrize("command", [("glpi", "changes"), ("supervision", "push")])
def test_a_freeze_fails_no_timer(
    command: tuple[str, str], code: str, left: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = Played(troubles=[Trouble("commune", "Noter", "refused", f"{code} commune : refusé")])
    monkeypatch.setattr(progress, "watched", lambda order, *, check: refused)
    monkeypatch.setattr(noting, "values", lambda environment: VALUES)
    result = CliRunner().invoke(main, [*command, "--environment", "lab"])
    assert (result.exit_code, code in result.output) == (left, True), result.output


def test_a_run_of_the_lab_is_pushed_by_hand_alone(orders: list[str]) -> None:
    noting.push("lab")
    assert orders == []
