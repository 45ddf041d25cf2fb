"""Readings of the derived declaration by the tasks of a run, once `piste_site` has run."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Missing
from piste.engine.transport.shared import VARIABLE
from piste.systems.meraki.intent import meraki_intent
from piste.systems.windows.nps.intent import nps_intent
from piste.town import derived
from piste.town.kept import Inputs
from piste.town.site import MODULES
from piste.town.town import InvalidDeclaration, load_town
from tests.support.parsing import counted

ROOT = Path(__file__).parents[2]
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


def test_a_kept_town_goes_to_the_tasks_as_it_was_written(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each run would else parse and write again what is derived for every owner."""
    begin()
    (tmp_path / "second").mkdir()
    monkeypatch.setenv(VARIABLE, str(tmp_path / "second"))
    parsed: list[Any] = []
    read = json.loads
    monkeypatch.setattr(json, "loads", lambda text: parsed.append(text) or read(text))
    begin()
    seen = len(parsed)
    assert seen < len(derived.owners()) / 2


def test_the_ports_that_carry_other_sites_are_known_without_reading_each_of_them(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin()
    owners = load_town(TOWN).owners
    sites = [name for name in owners if name != "commune"]
    every = {f"{port['serial']}/{port['port']}" for name in sites for port in owners[name]["far_ports"]}
    read: list[str] = []
    monkeypatch.setattr(derived, "derived", lambda name: read.append(name) or {})
    assert derived.far_ports(sites) == every != set()
    assert read == []


def test_the_intent_has_the_name_of_the_live_network(run: Path) -> None:
    begin("ccas", network_name="Ancien CCAS")
    assert derived.intent("network", "ccas")["name"] == "Ancien CCAS"


def test_before_piste_site_has_run_what_is_missing_is_said(run: Path) -> None:
    with pytest.raises(Missing, match="rien n’est encore déduit de la déclaration pour « ccas »"):
        derived.derived("ccas")


def test_each_file_is_parsed_once_by_the_model_and_the_vendors_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ccas.yml").write_text("network_name: Ancien CCAS\nas_found: {meraki: {ssid: {x: {}}}}\n", "utf-8")
    parsed = counted(monkeypatch)
    load_town(TOWN, tmp_path)
    assert "Ancien CCAS" in "".join(parsed)
    assert set(parsed.values()) == {1}


def test_an_error_that_is_saved_after_the_town_was_derived_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(TOWN, tmp_path / "inventories" / "town")
    shutil.copytree(ROOT / "group_vars", tmp_path / "group_vars")
    inputs = Inputs(tmp_path / "inventories" / "town")
    monkeypatch.setattr(derived, "_known", {})
    assert derived.derivation(inputs).errors == []
    assert "ccas" in derived.files(inputs).hosts
    (inputs.inventory / "host_vars" / "ccas.yml").write_text("vlan: [\n", "utf-8")
    with pytest.raises(InvalidDeclaration, match=r"host_vars/ccas\.yml"):
        derived.files(inputs)


def test_the_queues_of_the_sites_of_the_run_are_expected_and_no_others(run: Path) -> None:
    for site in ("ecole-jaures", "ccas"):
        begin(site)
    owners = load_town(TOWN).owners
    queues = {queue["name"] for site in ("ecole-jaures", "ccas") for queue in owners[site]["printing"]["queues"]}
    (noted,) = [json.loads(path.read_text("utf-8")) for path in run.glob("print-*/expected.json")]
    assert noted == [sorted(queues), []]
