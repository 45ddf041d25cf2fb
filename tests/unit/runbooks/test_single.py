"""The plans of a single thing: a site that is lost, an application that fails."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from piste.cli import main
from piste.exports.runbooks.single import of_application, of_site
from piste.exports.runbooks.sources import Sources
from piste.town.model import Town
from piste.town.model.wording import Missing
from tests.unit.runbooks.test_runbooks import lines, with_commune


def test_a_site_that_is_lost_has_its_plan_and_the_town_lives(sources: Sources) -> None:
    site = sources.town.sites["ecole-jaures"]
    plan = of_site(sources, "ecole-jaures")
    said = " ".join(text for step in plan["steps"] for text in step["what"])
    assert all(device["name"] in said for device in site["devices"])
    assert all(f"{link['name']} ({link['operator']})" in said for link in site["premises"]["links"])
    computers = sum(asset["kind"] == "computer" and asset["state"] == "in_service" for asset in site["assets"])
    assert f"{computers} postes" in said
    places = {other["name"] for other in sources.town.sites.values()}
    assert {call["of"] for call in plan["calls"]} & places == {site["name"]}
    assert "piste verify" in lines(plan)[-1].replace(".venv/bin/python -m piste.cli", "piste")
    assert not any("la grappe" in text.lower() for text in plan["purpose"])
    assert any("PRA de la Ville" in text for text in of_site(sources, "hotel-de-ville")["purpose"])
    assert not [step for step in plan["steps"] if step["rto_hours"]], "no hour is invented for a site"
    said = CliRunner().invoke(main, ["runbook", "pra", "--site", "ecole-jaures"]).output
    assert "? jamais prouvé, 6 étapes sur 6" in said
    both = CliRunner().invoke(main, ["runbook", "pra", "--site", "ecole-jaures", "--application", "glpi"])
    assert (both.exit_code != 0, "gardez l’un des deux" in both.output) == (True, True)


def test_an_application_that_fails_has_its_plan(town: Town) -> None:
    known = {entry["id"]: entry for entry in town.commune["applications"]} if town.commune else {}
    own = with_commune(town, applications=[{**each, "without_it": "registre papier"} if name == "city-web" else each
                                           for name, each in known.items()])  # fmt: skip
    plan = of_application(Sources(own, "lab"), "city-web")
    said = {step["key"]: " ".join(step["what"]) for step in plan["steps"]}
    assert "registre papier" in said["without"]
    assert "à renseigner par le service" in repr(of_application(Sources(town, "lab"), "city-web"))
    assert "hdv-sql1" in said["needs"]
    [machines] = [step for step in plan["steps"] if step["key"] == "machines"]
    assert ([item["name"] for item in machines["items"]], machines["rto_hours"]) == (["hdv-ag1"], 24)
    assert "au plus 24 h de saisie" in said["machines"]
    parties = {call["of"] for call in plan["calls"]} - {town.name}
    assert parties == {"Digitech"}
    online = next(name for name, each in known.items() if each["hosting"] == "saas" and each["state"] == "in_service")
    assert [step["key"] for step in of_application(Sources(town, "lab"), online)["steps"]] == [
        "look", "without", "access", "publisher",
    ]  # fmt: skip
    with pytest.raises(Missing, match="n’est pas une application en service"):
        of_application(Sources(town, "lab"), "nulle-part")


def test_a_plan_of_a_single_thing_is_titled_by_its_name_never_by_its_key(tmp_path: Path) -> None:
    for option, key, name in (
        ("--application", "city-web", "City Web"),
        ("--site", "ecole-jaures", "École Jean Jaurès"),
    ):
        said = CliRunner().invoke(main, ["runbook", "pca", option, key, "--to", str(tmp_path)])
        assert said.exit_code == 0, said.output
        (page,) = tmp_path.glob(f"pca*{key}.html")
        assert f"(PCA) : {name}" in page.read_text("utf-8").replace("\N{NO-BREAK SPACE}", " ")
