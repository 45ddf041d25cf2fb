"""The state `town` of the lab has what is watched and inventoried: a plan of it is empty."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lab import converged, daemon
from lab.declared import declared_town
from lab.instance import Lab
from lab.zabbix.host import obstacle
from piste.engine.transport.shared import VARIABLE
from piste.runs.domains import hosting, inventory, supervision
from piste.town.derived import keep

SCHOOL = "ecole-jaures"


def test_a_plan_of_the_state_town_is_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not obstacle(), obstacle()
    town = declared_town()
    smaller = SimpleNamespace(commune=town.commune, sites={SCHOOL: town.sites[SCHOOL]})
    with Lab(tls=True, zabbix="api", others=("glpi", "prism"), folder=tmp_path / "lab") as lab:
        limits = dict.fromkeys(("rate_limit", "claim_limit", "batch_delay"))
        monkeypatch.setattr(daemon, "ask", lambda *asked, **given: limits)
        converged.converge(lab.folder, smaller)
        # Another run reads all of it again.
        monkeypatch.setenv(VARIABLE, str(tmp_path / "run"))
        for owner in (town.commune, town.sites[SCHOOL]):
            keep(owner["id"], owner)
        common: Any = {"secrets": {}, "secrets_lock": str(lab.folder / "secrets.lock.yml")}
        for module, system in ((supervision, "zabbix"), (inventory, "glpi")):
            [planned] = [made for title, made in module.MODULES.items() if title.startswith("piste_")]
            for name in (town.commune["id"], SCHOOL):
                given = {**planned.defaults, **common, system: converged.reached(lab.info, system), "site": name}
                assert planned.run(given, True)["operations"] == [], (system, name)
        given = {**hosting.MODULES["piste_hosting"].defaults, **common, "prism": converged.reached(lab.info, "prism")}
        said = hosting.MODULES["piste_hosting"].run({**given, "site": town.commune["id"]}, True)
        assert (said["operations"], said["withheld"]) == ([], [])
