"""The first audit of a town that declares nothing, whose Dashboard alone is read."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from lab import Lab
from piste.cli import main
from piste.commands.audit import NAMELESS
from piste.commands.output import EXIT
from piste.engine.transport.shared import VARIABLE
from piste.engine.transport.witness import only_reading
from piste.engine.words import in_french
from piste.papers.dossier import forms
from piste.readings import store
from piste.readings.effort import table
from piste.readings.table import Answer
from piste.runs.read import of
from piste.sites.audit import kept
from piste.sites.audit.document import UNJUDGED
from piste.sites.living.kept import take
from piste.town.model import Town
from piste.town.model.faults import Fault
from tests.support.meraki_client import small_inventory

NOTHING = Town(faults=[], digest="", town_digest="")
SECRETLESS = "aucun secret n’est donné"
HOSTILE = "=1+1 <b onclick=x>\u202e #set {{ 7*7 }} `rm`"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("lab")
    with Lab("brownfield", tls=True, folder=folder, inventory=small_inventory()) as opened:
        opened.meraki.behaviour.set(rate_limit=None)
        yield opened


@pytest.fixture(autouse=True)
def nothing_declared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("STATE", "JOURNAL", "RESTORES"):
        monkeypatch.setenv(f"PISTE_{name}_DIR", str(tmp_path / name.lower()))
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    monkeypatch.setattr("piste.town.declared.derived", lambda environment: NOTHING)
    monkeypatch.setattr("piste.town.declared.town", lambda environment: NOTHING)
    # Typesetting has its own tests.
    monkeypatch.setattr(forms, "_pdf_of", lambda document, content: b"%PDF-")
    monkeypatch.setattr(forms, "as_slides", lambda document, sections: repr(sections).encode())


def read_the_dashboard(lab: Lab, model: str = "") -> dict[str, Any]:
    """Read by the module of the Dashboard, where no write may leave; the others have no secret."""
    lab.calls.clear()
    given = {"base_url": lab.info["meraki"]["url"], "api_key": lab.info["meraki"]["api_key"],
             "organization": "Ville du Bourget", "ca_file": lab.info["ca_file"], "rate": 1000}  # fmt: skip
    with only_reading():
        made: dict[str, Any] = of("meraki_living").run({"dashboard": given}, True)["living"]
    assert list(lab.calls.writes()) == []
    if model:
        next(iter(made["devices"].values()))["model"] = model
    silent = {f"Lire ce qui vit ({name})": SECRETLESS for name in ("hébergement", "supervision")}
    assert take(NOTHING, "lab", Answer({"meraki": made}, {}, silent))
    return made


def audit(folder: Path) -> dict[str, Any]:
    said = CliRunner().invoke(main, ["audit", "--to", str(folder)])
    assert said.exit_code in (1, 3), (said.output, said.exception)
    content: dict[str, Any] = json.loads((folder / "audit/audit.json").read_text("utf-8"))["content"]["audit"]
    return {**content, "output": said.output}


def test_the_dashboard_alone_gives_an_audit_and_each_silent_system_says_what_it_hides(lab: Lab, tmp_path: Path) -> None:
    devices = read_the_dashboard(lab, HOSTILE)["devices"]
    made = audit(tmp_path)
    others = [system for system in table().systems if system.name != "le Dashboard"]
    assert made["hidden"] == [{"system": each.name, "hides": each.hides} for each in others]
    page = (tmp_path / "audit/audit.html").read_text("utf-8")
    for each in others:
        assert f"? {each.name} : rien n’est connu ; cela cache {each.hides}" in made["output"]
        assert in_french(each.hides) in page
    counted = Counter((entry["model"], entry["firmware"] or "") for entry in devices.values())
    assert {(item["what"], item["version"]): item["count"] for item in made["inventory"]} == counted
    assert {item["source"] for item in made["inventory"]} == {"Dashboard"}
    assert SECRETLESS in made["silent"].values()
    assert "<b onclick" not in page
    assert f"? réseau : {UNJUDGED}" in made["output"], "it was read: its reading is not asked for again"
    assert NAMELESS in page
    assert made["map"] is None
    assert "aucun site n’est déclaré" in page


def test_a_faulty_declaration_stops_the_reading_with_every_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors = [Fault("PISTE-M001", "ccas", f"{name}.yml", 3, f"{name} est faux", "Corrigez.") for name in ("un", "deux")]
    faulty, read = Town(faults=errors, digest="", town_digest=""), []
    monkeypatch.setattr("piste.town.declared.derived", lambda environment: faulty)
    monkeypatch.setattr("piste.runs.plans.reading.read", lambda *given: read.append(given))
    said = CliRunner().invoke(main, ["audit", "--read", "--to", str(tmp_path / "out")])
    assert said.exit_code == EXIT["refused"], said.output
    assert all(f"{error.message} ({error.file}:3)" in said.output for error in errors), said.output
    assert not read
    assert not (tmp_path / "out").exists()
    assert "Audit initial" not in said.output
    assert kept.names("lab") == []


def test_killed_at_each_write_it_is_taken_up_again_and_says_the_same(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_the_dashboard(lab)
    whole = audit(tmp_path / "whole")
    seal = (kept.folder("lab") / kept.names("lab")[0] / "result.json").read_bytes()
    replace, killed = os.replace, 0
    for step in range(1, 20):
        (kept.folder("lab") / kept.names("lab")[0] / "result.json").unlink()
        left, out = [step], tmp_path / str(step)

        def cut(source: Any, target: Any, left: list[int] = left) -> None:
            left[0] -= 1
            if not left[0]:
                raise KeyboardInterrupt
            replace(source, target)

        monkeypatch.setattr(os, "replace", cut)
        CliRunner().invoke(main, ["audit", "--to", str(out)])
        monkeypatch.setattr(os, "replace", replace)
        killed += left[0] <= 0
        assert not list(tmp_path.rglob("*.draft")), "nothing is half written"
        assert audit(out) == {**whole, "output": whole["output"].replace(str(tmp_path / "whole"), str(out))}
        assert (kept.folder("lab") / kept.names("lab")[0] / "result.json").read_bytes() == seal
        assert (out / "audit/audit.csv").read_bytes() == (tmp_path / "whole/audit/audit.csv").read_bytes()
        if left[0] > 0:
            break
    assert killed >= 6, "the seal, the data, the page, the report, the slides, the table"


def test_killed_in_the_store_of_readings_nothing_is_half_kept_and_it_is_taken_up_again(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unread = audit(tmp_path / "unread")
    merge = store._merge

    def cut(*given: Any) -> Any:
        merge(*given)
        raise KeyboardInterrupt

    monkeypatch.setattr(store, "_merge", cut)
    with pytest.raises(KeyboardInterrupt):
        read_the_dashboard(lab)
    monkeypatch.setattr(store, "_merge", merge)
    left = audit(tmp_path / "left")
    assert (left["inventory"], left["subjects"]) == (unread["inventory"], unread["subjects"])
    devices = read_the_dashboard(lab)["devices"]
    assert sum(item["count"] for item in audit(tmp_path / "again")["inventory"]) == len(devices)
