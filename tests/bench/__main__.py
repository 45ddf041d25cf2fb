"""Measure, and print a table per subject; progress goes to standard error."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from math import isfinite
from typing import Any

from lab.ad import Unavailable
from tests.bench.aims import Pair, base_commit, paired
from tests.bench.collections import fetch
from tests.bench.directory import directory_measures
from tests.bench.firewall import firewall_measures
from tests.bench.hosting import hosting_measures
from tests.bench.measure import ROOT, Measure, RunFailed
from tests.bench.names import names_measures
from tests.bench.nexus import nexus_measures
from tests.bench.peer import measures
from tests.bench.report import TOOLS, goals, pairs, ratio, sizes, table, tenfolds, town_costs
from tests.bench.routing import routing_measures
from tests.bench.scale import TOWNS, Size, loaded, sections, slope
from tests.bench.tenfold import Tenfold, tenfold_measures
from tests.bench.town import town_measures
from tests.bench.towns import TownCost, generated_measures
from tests.bench.workers import worker_measures
from tests.bench.zabbix import zabbix_measures
from tests.contract.smc_scripts import counted
from tests.support import durations


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Compter les appels et le temps.")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="forme du résultat")
    parts = (
        "aims", "scale", "tenfold", "towns", "town", "workers", "peer", "routing", "directory", "names", "nexus",
        "firewall", "hosting", "zabbix",
    )  # fmt: skip
    parser.add_argument("--only", choices=parts, help="une seule des parties")
    parser.add_argument("--base", help="commit à côté duquel on mesure (par défaut : la dernière version, sinon HEAD~)")
    asked = parser.parse_args()
    # Some containers turn bytecode off: each command that is measured would compile all of Piste again.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    measured: dict[str, Any] = {}
    try:
        if asked.only in (None, "aims"):
            measured["base"] = base_commit(asked.base)
            measured["aims"] = shown(paired(measured["base"]))
        if asked.only in (None, "scale"):
            measured["loaded"], measured["sections"] = shown(loaded()), shown(sections())
        if asked.only in (None, "tenfold"):
            measured["tenfold"] = shown(tenfold_measures())
        if asked.only in (None, "towns"):
            measured["towns"] = shown(generated_measures())
        if asked.only in (None, "town"):
            measured["town"] = shown(town_measures())
        if asked.only in (None, "workers"):
            measured["workers"] = shown(worker_measures())
        if asked.only in (None, "peer"):
            measured["ours"] = shown(measures("ours"))
            measured["version"] = fetch("cisco/meraki")
            measured["peer"] = shown(measures("peer"))
        if asked.only in (None, "routing"):
            measured["version"] = fetch("cisco/meraki")
            for side in ("ours", "peer"):
                measured[f"routing_{side}"] = shown(routing_measures(side))
        if asked.only in (None, "nexus"):
            measured["nxos"] = fetch("cisco/nxos")
        if asked.only in (None, "zabbix"):
            measured["community_zabbix"] = fetch("community/zabbix")
        for part, both_sides in (
            ("directory", directory_measures), ("names", names_measures), ("nexus", nexus_measures),
            ("zabbix", zabbix_measures),
        ):  # fmt: skip
            if asked.only in (None, part):
                both = list(both_sides())
                for side in ("ours", "peer"):
                    measured[f"{part}_{side}"] = shown(measure for which, measure in both if which == side)
        if asked.only in (None, "firewall"):
            sides = list(firewall_measures())
            for side in ("ours", "peer"):
                measured[f"firewall_{side}"] = shown(measure for which, measure in sides if which == side)
            measured["scripts"] = {name: outcome.code for name, outcome in counted().items()}
        if asked.only in (None, "hosting"):
            both = list(hosting_measures())
            for side in ("ours", "peer"):
                measured[f"hosting_{side}"] = shown(measure for which, measure in both if which == side)
    except RunFailed as failure:
        print(f"Mesure impossible. {failure}", file=sys.stderr)
        return 1
    except Unavailable as failure:
        print(f"L’annuaire ne peut pas être mesuré. {failure}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as failure:
        print(f"Les collections de l’éditeur n’ont pas pu être obtenues : {failure.stderr}", file=sys.stderr)
        return 1
    print(as_json(measured) if asked.format == "json" else as_text(measured))
    spent = dict(taken(measured))
    if asked.only is None:
        durations.write(durations.noted(durations.BENCH), spent)
    print("\n" + durations.report(spent, durations.read(ROOT / durations.BENCH)), file=sys.stderr)
    return 0 if all(isfinite(pair.now) for pair in measured.get("aims", ())) else 1


def shown[Item: (Measure, Pair, Size, Tenfold, TownCost)](measured: Iterable[Item]) -> list[Item]:
    """Take measures and show each as it is done."""
    measures_ = []
    for measure in measured:
        print(f"  {measure.label} : fait", file=sys.stderr)
        measures_.append(measure)
    return measures_


def taken(measured: dict[str, Any]) -> Iterator[tuple[str, float]]:
    """CPU seconds of our measures, by name; those of peers are not ours to watch."""
    for part, measures_ in measured.items():
        if isinstance(measures_, list) and "peer" not in part:
            yield from ((f"{part} : {measure.label}", measure.cpu) for measure in measures_)


def as_json(measured: dict[str, Any]) -> str:
    plain = {
        name: [asdict(item) for item in value] if isinstance(value, list) else value for name, value in measured.items()
    }
    return json.dumps(plain, ensure_ascii=False, indent=2, default=str)


def as_text(measured: dict[str, Any]) -> str:
    parts = []
    if "aims" in measured:
        parts += [
            pairs(measured["base"], measured["aims"]),
            "Chacun son laboratoire, chacun à son tour, le moindre des passages. Ce qui est visé l’est sur deux cœurs.",
        ]
    if "loaded" in measured:
        parts += [
            sizes("Lire, valider et déduire", measured["loaded"]),
            sizes("Les sites d’une ville, sa politique en portant d’autres", measured["sections"]),
            f"De une à {TOWNS[-1]} villes : {ratio(slope(measured['loaded']))} fois la droite pour lire (visé : 1), "
            f"{ratio(slope(measured['loaded'], 'memory'))} pour la mémoire, "
            f"{ratio(slope(measured['sections']))} pour les règles (moins de 1 si un site ne lit que les siennes).",
        ]
    if "tenfold" in measured:
        parts += [
            tenfolds(measured["tenfold"]),
            "Un processus par mesure. Plancher : dix fois ce que coûte la ville. GLPI et Zabbix partent de rien, puis "
            "ne trouvent rien à faire ; GLPI est simulé dans le même processus, Zabbix est le vrai, à côté.",
        ]
    if "towns" in measured:
        parts += [
            town_costs(measured["towns"]),
            "Chaque ville est tirée d’une graine, avec ses noms, ses numéros, ses plages. Lire comprend valider et "
            "déduire ; le plan est celui du réseau d’un site, sur un simulateur dans le même processus.",
        ]
    if "town" in measured:
        _, second, empty, *_ = measured["town"]
        parts += [
            table(f"Ville entière ({len(second.tasks)} hôtes, {sum(second.tasks.values())} tâches)", measured["town"]),
            f"Second passage sans limite : {ratio(second.seconds / empty.seconds)} fois les tâches vides (visé : 2).",
        ]
    if "workers" in measured:
        alone, together = measured["workers"]
        parts += [
            table("Villes faites de rien par des ouvriers, réseau seul", measured["workers"]),
            f"Deux ouvriers au lieu d’un : {ratio(together.seconds / alone.seconds)} fois le temps ; les laboratoires "
            "tournent sur les mêmes cœurs.",
        ]
    if "peer" in measured:
        parts += [
            table("Piste", measured["ours"]),
            table(f"cisco.meraki {measured['version']}", measured["peer"]),
            "Même laboratoire, sans limite d’appels. La collection ne traite qu’un objet par tâche, d’où une boucle.",
        ]
    if "routing_ours" in measured:
        parts += [
            table("Couche 3 d’un commutateur, Piste", measured["routing_ours"]),
            table(f"Couche 3 d’un commutateur, cisco.meraki {measured['version']}", measured["routing_peer"]),
            "Même laboratoire, sans limite d’appels. La tâche des agrégats de la collection échoue la seconde fois si "
            "elle n’a pas leur identifiant : on les liste d’abord.",
        ]
    if "directory_ours" in measured:
        parts += [
            table("Annuaire, Piste", measured["directory_ours"], TOOLS),
            table("Annuaire, samba-tool", measured["directory_peer"], TOOLS),
            "Même contrôleur de domaine. samba-tool fait un objet par processus, sans compter ses requêtes ; il ne "
            "compare pas, et ne connaît pas les filtres WMI (ldbmodify).",
        ]
    if "names_ours" in measured:
        parts += [
            table("Noms, Piste", measured["names_ours"], TOOLS),
            table("Noms, samba-tool dns", measured["names_peer"], TOOLS),
            "Même contrôleur de domaine. samba-tool fait un enregistrement par processus, et ne compare pas.",
        ]
    if "nexus_ours" in measured:
        parts += [
            table("Nexus, Piste", measured["nexus_ours"], TOOLS),
            table(f"Nexus, cisco.nxos {measured['nxos']}", measured["nexus_peer"], TOOLS),
            "Mêmes Nexus simulés, où cisco.nxos trouve ce que le laboratoire y a mis : noms, VLAN, trunks, agrégats, "
            "adresses. Elle lit cinq sujets sans rien juger.",
        ]
    if "zabbix_ours" in measured:
        parts += [
            table("Supervision, Piste", measured["zabbix_ours"], TOOLS),
            table(f"Supervision, community.zabbix {measured['community_zabbix']}", measured["zabbix_peer"], TOOLS),
            "Même Zabbix, le vrai ; les deux disent les mêmes hôtes changés à la main. community.zabbix fait une tâche "
            "par hôte.",
        ]
    if "firewall_ours" in measured:
        parts += [
            table("Pare-feu, Piste", measured["firewall_ours"], TOOLS),
            table("Pare-feu, bibliothèque de l’éditeur", measured["firewall_peer"], TOOLS),
            "Même SMC, qui ne sait pas reclasser une liste d’un coup (7.4.1), en HTTP. Piste est une exécution entière "
            "d’Ansible, qui relit ce qu’elle a écrit ; la bibliothèque, un programme qui ne fait que cela.",
            f"Exemples de la bibliothèque que le SMC du laboratoire mène à leur fin : "
            f"{list(measured['scripts'].values()).count(0)} sur {len(measured['scripts'])}.",
        ]
    if "hosting_ours" in measured:
        parts += [
            table("Hébergement, Piste", measured["hosting_ours"], TOOLS),
            table("Hébergement, SDK de Nutanix", measured["hosting_peer"], TOOLS),
            "Même Prism Central simulé, sans limite d’appels. Le SDK lit sans comparer ; un module bâti sur lui est un "
            "processus par machine.",
        ]
    if measured.keys() & {"aims", "tenfold", "towns"}:
        parts.append(goals(*(measured.get(part, ()) for part in ("aims", "tenfold", "towns"))))
    return "\n\n".join(parts)


if __name__ == "__main__":
    sys.exit(main())
