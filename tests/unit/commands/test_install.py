"""`piste install`: what waits is shown, refused or asked, then installed by the playbook."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from click.testing import CliRunner, Result

from piste.cli import main
from piste.commands import install as verb
from piste.runs.plans import progress
from piste.runs.plans.play import Order, Played, Trouble

OPERATION = {
    "system": "smc", "owner": "commune", "kind": "installation", "key": "fw_cluster/fw-hdv", "label": "fw-hdv",
    "action": "update", "fields": ["pending"],
    "content": {"before": {"policy": "fw_policy/VLB"}, "after": {"policy": "fw_policy/VLB"}},
}  # fmt: skip
WAITS = "fw_cluster/fw-hdv : 2 modifications en attente : VLB, réseau-pédagogique"
BLOCKED = "fw_policy/VLB ne s’installera pas : le SMC tient autre chose que ce qui est déclaré (VLB) : convergez"
FOREIGN = "commune : à confirmer (foreign:fw_policy/VLB) : s’installeraient aussi des règles : test ineo"


class Runs:
    """The runs that are asked for; the first foresees, the second installs."""

    def __init__(self, foreseen: Played) -> None:
        self.foreseen = foreseen
        self.asked: list[tuple[Order, bool, dict[str, Any]]] = []

    def __call__(self, order: Order, *, check: bool, **more: Any) -> Played:
        self.asked.append((order, check, more))
        return self.foreseen

    def applied(self, order: Order, judge: Callable[[Played], None], **more: Any) -> Played:
        judge(self(order, check=True))
        self.asked.append((order, False, more))
        return Played(operations=[OPERATION])


def played(
    monkeypatch: pytest.MonkeyPatch, foreseen: Played, arguments: Sequence[str] = (), said: str = ""
) -> tuple[Result, Runs]:
    runs = Runs(foreseen)
    monkeypatch.setattr(progress, "watched", runs)
    monkeypatch.setattr(progress, "applied", runs.applied)
    monkeypatch.setattr(verb, "refuse_the_moment", lambda *given: None)
    return CliRunner(env={"NO_COLOR": "1"}).invoke(main, ["install", *arguments], input=said), runs


def waiting(**more: Any) -> Played:
    return Played(operations=[OPERATION], warnings=[WAITS], **more)


def test_what_waits_is_shown_and_nothing_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    done, runs = played(monkeypatch, waiting(), ["--show"])
    assert done.exit_code == 2
    assert "fw-hdv : VLB à installer (VLB y tourne)" in done.output
    assert "  2 modifications en attente :\n    ~ VLB\n    ~ réseau-pédagogique\n" in done.output
    assert [(order.tags, check) for order, check, _ in runs.asked] == [("installation", True)]


def test_it_is_asked_then_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    done, runs = played(monkeypatch, waiting(), said="oui\n")
    assert done.exit_code == 0, done.output
    assert "Installée sur 1 moteur" in done.output
    assert [check for _, check, _ in runs.asked] == [True, False]
    assert {order.playbook for order, _, _ in runs.asked} == {"playbooks/domains/firewall.yml"}
    left, runs = played(monkeypatch, waiting(), said="non\n")
    assert (left.exit_code, len(runs.asked)) == (4, 1)


@pytest.mark.parametrize(
    "foreseen",
    [
        Played(operations=[OPERATION], warnings=[WAITS, BLOCKED], withheld=[f"commune : {BLOCKED}"], refused=[BLOCKED]),
        Played(operations=[{**OPERATION, "waiting": "attend foreign"}], warnings=[WAITS], withheld=[FOREIGN]),
    ],
)
def test_what_would_be_refused_is_said_and_not_tried(monkeypatch: pytest.MonkeyPatch, foreseen: Played) -> None:
    done, runs = played(monkeypatch, foreseen, ["--yes"])
    assert (done.exit_code, len(runs.asked)) == (4, 1)
    assert "Rien n’a été installé" in done.output
    assert done.output.count("\n! ") == 1


def test_nothing_waits_or_nothing_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    done, _ = played(monkeypatch, Played())
    assert (done.exit_code, "Rien n’attend" in done.output) == (0, True)
    silent, _ = played(monkeypatch, Played(troubles=[Trouble("commune", "Installer", "unknown", "le SMC se tait")]))
    assert (silent.exit_code, "le SMC se tait" in silent.output) == (3, True)
