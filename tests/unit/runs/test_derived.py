"""What the tasks of a run read of the derived declaration, once ``piste_site`` has run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from piste import derived
from piste.converge.errors import Missing
from piste.meraki.intent import meraki_intent
from piste.site import MODULES, load_town
from piste.transport.shared import VARIABLE
from piste.windows.nps.intent import nps_intent

ROOT = Path(__file__).parents[3]
TOWN = ROOT / "inventories" / "town"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    return tmp_path


def begin(site: str = "ccas", **given: Any) -> dict[str, Any]:
    return MODULES["piste_site"].run({"site": site, "inventory": str(TOWN), **given}, True)


def test_each_domain_reads_its_intent_of_an_owner(run: Path) -> None:
    begin()
    owners = load_town(TOWN).owners
    assert derived.derived("ecole-jaures") == owners["ecole-jaures"]
    assert derived.intent("network", "ecole-jaures") == meraki_intent(owners["ecole-jaures"])
    assert derived.intent("access", "commune", probe="10.93.0.9") == nps_intent(owners["commune"], "10.93.0.9")
    assert derived.intent("network", "ecole-jaures", previous=("srv-nps-01",)) == meraki_intent(
        owners["ecole-jaures"], ("srv-nps-01",)
    )
    for domain in ("directory", "access", "firewall", "hosting"):
        for owner in owners:
            assert derived.intent(domain, owner) == derived.compute(domain, owners[owner])


def test_the_name_that_a_network_bears_is_that_of_the_intent(run: Path) -> None:
    begin("ccas", network_name="Ancien CCAS")
    assert derived.intent("network", "ccas")["name"] == "Ancien CCAS"


def test_before_piste_site_has_run_what_is_missing_is_said(run: Path) -> None:
    with pytest.raises(Missing, match="rien n'est encore déduit de la déclaration pour « ccas »"):
        derived.derived("ccas")
