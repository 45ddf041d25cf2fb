"""The verb ``piste validate``: every fault of the declaration with file and line, without any network."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import click

from piste.converge.plural import agreed
from piste.runs.french import Verb

if TYPE_CHECKING:
    from piste.model import Fault

INVENTORY = Path(__file__).resolve().parents[2] / "inventories" / "town"
_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


@click.command(cls=Verb)
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "sarif"]), default="text", help="Forme de la réponse."
)
@click.argument("inventory", metavar="[INVENTAIRE]", type=click.Path(path_type=Path), default=INVENTORY)
def validate(form: str, inventory: Path) -> None:
    """Contrôler la déclaration, sans rien demander à aucun système : toutes les fautes, avec fichier et ligne.

    Sort avec 0 s'il n'y a pas d'erreur (des avertissements restent possibles), 1 sinon.

    \b
    Exemples :
      piste validate
      piste validate --format sarif > fautes.sarif
    """
    from piste.runs import adoption
    from piste.runs.play import ENVIRONMENTS
    from piste.site import load_town

    # What is imposed is so in production: that is where it must have been proven.
    town = load_town(inventory, proofs=inventory.parent / "production" / "eap_tests")
    debts: dict[str, int] = {}
    for environment in ENVIRONMENTS:
        if (home := adoption.folder(environment)).is_dir():
            kept = load_town(inventory, home)
            town.faults.extend(fault for fault in kept.faults if fault not in town.faults)
            debts[environment] = sum(adoption.debts(kept.owners).values())
    if form == "json":
        faults = [asdict(fault) for fault in town.faults]
        answer = {"digest": town.digest, "faults": faults, "as_found": debts}
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    elif form == "sarif":
        click.echo(json.dumps(sarif(town.faults), ensure_ascii=False, indent=2))
    else:
        for fault in town.faults:
            click.echo(f"{'Erreur' if fault.severity == 'error' else 'Avertissement'} : {fault}")
        warnings = len(town.faults) - len(town.errors)
        verdict = f"{agreed(len(town.errors), 'erreur(s)')}, {agreed(warnings, 'avertissement(s)')}"
        click.echo(f"{len(town.sites)} sites déclarés, {verdict}." if town.sites else f"{verdict}.")
        for environment, number in debts.items():
            kept_values = agreed(number, "valeur(s) gardée(s) comme trouvée(s)")
            click.echo(f"{environment} : {kept_values}, à rendre (docs/adopter.md).")
    if town.errors:
        raise SystemExit(1)


def sarif(faults: Sequence[Fault]) -> dict[str, Any]:
    """The faults as a SARIF log of one run, with the rules of the model (*SARIF 2.1.0*, OASIS, section 3)."""
    from piste.model import RULES

    names = sorted(RULES)
    rules = [
        {
            "id": name,
            "shortDescription": {"text": rule.title},
            "fullDescription": {"text": rule.explanation},
            "help": {"text": rule.recommendation},
            "defaultConfiguration": {"level": rule.severity},
        }
        for name, rule in sorted(RULES.items())
    ]
    driver = {"name": "Piste", "language": "fr", "rules": rules}
    results = [_result(fault, names.index(fault.rule)) for fault in faults]
    return {
        "$schema": _SARIF_SCHEMA,
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results}],
    }


def _result(fault: Fault, rule: int) -> dict[str, Any]:
    physical = {"artifactLocation": {"uri": quote(fault.file)}, "region": {"startLine": fault.line}}
    return {
        "ruleId": fault.rule,
        "ruleIndex": rule,
        "level": fault.severity,
        "message": {"text": f"{fault.message}. {fault.advice}"},
        "locations": [{"physicalLocation": physical, "logicalLocations": [{"fullyQualifiedName": fault.path}]}],
    }
