"""The accounts that have a role of Microsoft 365; what was not read is unknown."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from piste.cli import main
from piste.readings import store
from piste.readings.accounts.judgment import System, judged, mastery
from piste.readings.accounts.matrix import take_in
from piste.readings.belief import Reading, Unread
from piste.readings.table import SUBJECTS
from piste.readings.tenant.rules import GLOBAL
from piste.town.model import Town
from piste.town.model.dates import now

READER = "f2ef992c-3afb-46b9-b7cf-a126ee74c451"
ROLES = [
    {"role": GLOBAL, "name": "Global Administrator", "builtin": True, "enabled": True},
    {"role": READER, "name": "Global Reader", "builtin": True, "enabled": True},
    {"role": "custom", "name": "Password Reader", "builtin": False, "enabled": True},
]
HOSTILE = "<script>=cmd|{{ 1 }}"


def holder(name: str | None, role: str = GLOBAL, **facts: Any) -> dict[str, Any]:
    usual = {"scope": "/", "id": f"id-{name}", "kind": "user", "label": f"M. {name}", "via": "", "synced": False}
    return {"role": role, "name": name, "enabled": True, **usual, **facts}


WHOLE: dict[str, Any] = {
    "roles": ROLES,
    "administrators": [
        holder("dsi@ville.example"), holder("unit@ville.example", scope="/administrativeUnits/1"),
        holder("lit@ville.example", READER), holder("lit2@ville.example", READER),
        holder("lit2@ville.example", "custom"), holder(None, id="app", kind="servicePrincipal", label=HOSTILE),
    ],
    "eligible": [holder("peut@ville.example")],
    "registrations": [
        {"name": "dsi@ville.example", "type": "member", "admin": True, "capable": True, "count": 1},
        {"name": "peut@ville.example", "type": "member", "admin": True, "capable": False, "count": 1},
    ],
    "licences": [{"plans": ["AAD_PREMIUM_P2"]}],
}  # fmt: skip


def known(town: Town, **parts: Any) -> System:
    said = {**WHOLE, **parts}
    tried = {name: rows if isinstance(rows, Unread) else Reading(rows, now()) for name, rows in said.items()}
    store.keep(SUBJECTS["tenant"], "lab", tried)
    return next(system for system in judged(town, "lab") if system.name == "microsoft")


@pytest.fixture(autouse=True)
def _kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path))


def test_who_holds_or_may_take_a_role_is_an_account_with_its_rights_and_second_factor(town: Town) -> None:
    system = known(town)
    assert [(row.login, row.rights, row.live and row.live["mfa"]) for row in system.rows] == [
        ("dsi@ville.example", "all", True),
        ("unit@ville.example", "some", None),
        ("lit@ville.example", "read", None),
        ("lit2@ville.example", "some", None),
        (HOSTILE, "all", None),
        ("peut@ville.example", "all", False),
    ]
    assert mastery(system).state == "wrong"
    assert "pas de second facteur" in [fault.said for fault in system.rows[-1].faults]
    assert not system.rows[4].of_the_town


LOST = Unread("demande P2", datetime(2026, 12, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ({"administrators": LOST}, "demande P2"),
        ({"roles": LOST}, "les noms des rôles : demande P2"),
        ({"eligible": LOST}, "ceux qui peuvent prendre un rôle : demande P2"),
        ({"eligible": LOST, "licences": LOST}, "ceux qui peuvent prendre un rôle : demande P2"),
        ({"eligible": LOST, "licences": [{"plans": []}]}, ""),
        ({"administrators": [holder("g", kind="group", label="Nuage")]}, "les membres de Nuage ne sont pas lus"),
        ({"administrators": [{"role": GLOBAL}]}, "la réponse n’a pas la forme attendue"),
    ],
)
def test_what_was_not_read_makes_the_holders_unknown(town: Town, parts: dict[str, Any], why: str) -> None:
    system = known(town, **parts)
    assert (system.why, bool(system.rows)) == (why, not why)


def test_a_tenant_that_nobody_asked_is_unknown_and_no_table_takes_its_place(town: Town, tmp_path: Path) -> None:
    system = next(system for system in judged(town, "lab") if system.name == "microsoft")
    assert system.why == "jamais lu : piste read tenant"
    path = tmp_path / "m365.csv"
    path.write_text("account\ndsi@ville.example\n", "utf-8")
    with pytest.raises(Exception, match="n’est pas un système"):
        take_in(town, "lab", "microsoft", path)
    assert "Microsoft 365 : jamais lu" in CliRunner().invoke(main, ["accounts", "microsoft"]).output
