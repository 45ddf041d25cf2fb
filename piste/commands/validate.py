"""The verb `piste validate`: every fault of the declaration, with file and line, offline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import click

from piste.commands.french import Verb
from piste.commands.options import forms_option
from piste.commands.output import say_json
from piste.engine.repository import ROOT
from piste.engine.words import agreed

if TYPE_CHECKING:
    from piste.town.model import Fault

INVENTORY = ROOT / "inventories" / "town"
_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


@click.command(cls=Verb)
@forms_option("text", "json", "sarif")
@click.argument("inventory", metavar="[INVENTAIRE]", type=click.Path(path_type=Path), default=INVENTORY)
def validate(form: str, inventory: Path) -> None:
    """Contrôler la déclaration, sans rien demander à aucun système : toutes les fautes, avec fichier et ligne.

    Sort avec 0 s'il n'y a pas d'erreur (des avertissements restent possibles), 1 sinon.

    \b
    Exemples :
      piste validate
      piste validate --format sarif > fautes.sarif
    """
    from piste.engine.repository import ENVIRONMENTS
    from piste.sites import adoption
    from piste.town import declared
    from piste.town.derived import derivation
    from piste.town.kept import Inputs

    # 802.1X is imposed in production: the proof must come from there.
    town = derivation(Inputs(inventory, proofs=inventory.parent / "production" / "eap_tests"))
    faults = list(town.faults)
    debts: dict[str, int] = {}
    for environment in ENVIRONMENTS:
        if (home := declared.folder(environment)).is_dir():
            kept = derivation(Inputs(inventory, home))
            faults.extend(fault for fault in kept.faults if fault not in faults)
            debts[environment] = sum(adoption.debts(kept.owners).values())
    errors = [fault for fault in faults if fault.severity == "error"]
    if form == "json":
        answer = {"digest": town.digest, "faults": [asdict(fault) for fault in faults], "as_found": debts}
        say_json(answer)
    elif form == "sarif":
        say_json(sarif(faults))
    else:
        for fault in faults:
            click.echo(f"{'Erreur' if fault.severity == 'error' else 'Avertissement'} : {fault}")
        warnings = len(faults) - len(errors)
        verdict = f"{agreed(len(errors), 'erreur(s)')}, {agreed(warnings, 'avertissement(s)')}"
        click.echo(f"{len(town.sites)} sites déclarés, {verdict}." if town.sites else f"{verdict}.")
        for environment, number in debts.items():
            kept_values = agreed(number, "valeur(s) gardée(s) comme trouvée(s)")
            click.echo(f"{environment} : {kept_values}, à rendre (docs/adopter.md).")
    if errors:
        raise SystemExit(1)


def sarif(faults: Sequence[Fault]) -> dict[str, Any]:
    """Write the faults as a SARIF log of a run (*SARIF 2.1.0*, OASIS, section 3)."""
    from piste.town.model import rules

    known = dict(sorted(rules().items()))
    described = [
        {
            "id": name,
            "shortDescription": {"text": rule.title},
            "fullDescription": {"text": rule.explanation},
            "help": {"text": rule.recommendation},
            "defaultConfiguration": {"level": rule.severity},
        }
        for name, rule in known.items()
    ]
    driver = {"name": "Piste", "language": "fr", "rules": described}
    names = [*known]
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
