"""Measure, and print one table a subject; progress goes to standard error."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from lab.ad import Unavailable
from tests.bench.aims import Pair, base_commit, paired
from tests.bench.directory import directory_measures
from tests.bench.firewall import firewall_measures
from tests.bench.hosting import hosting_measures
from tests.bench.measure import ROOT, Measure, RunFailed
from tests.bench.peer import fetch_peer, measures
from tests.bench.report import TOOLS, pairs, ratio, sizes, table
from tests.bench.scale import TOWNS, Size, loaded, sections, slope
from tests.bench.town import town_measures
from tests.contract.smc_scripts import counted
from tests.support import durations


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Compter les appels et le temps.")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="forme du résultat")
    parts = ("aims", "scale", "town", "peer", "directory", "firewall", "hosting")
    parser.add_argument("--only", choices=parts, help="une seule des parties")
    parser.add_argument("--base", help="commit à côté duquel on mesure (par défaut : la dernière version, sinon HEAD~)")
    asked = parser.parse_args()
    found: dict[str, Any] = {}
    try:
        if asked.only in (None, "aims"):
            found["base"] = base_commit(asked.base)
            found["aims"] = told(paired(found["base"]))
        if asked.only in (None, "scale"):
            found["loaded"], found["sections"] = told(loaded()), told(sections())
        if asked.only in (None, "town"):
            found["town"] = told(town_measures())
        if asked.only in (None, "peer"):
            found["ours"] = told(measures("ours"))
            found["version"] = fetch_peer()
            found["peer"] = told(measures("peer"))
        if asked.only in (None, "directory"):
            both = list(directory_measures())
            for side in ("ours", "peer"):
                found[f"directory_{side}"] = told(measure for which, measure in both if which == side)
        if asked.only in (None, "firewall"):
            sides = list(firewall_measures())
            for side in ("ours", "peer"):
                found[f"firewall_{side}"] = told(measure for which, measure in sides if which == side)
            found["scripts"] = {name: outcome.code for name, outcome in counted().items()}
        if asked.only in (None, "hosting"):
            both = list(hosting_measures())
            for side in ("ours", "peer"):
                found[f"hosting_{side}"] = told(measure for which, measure in both if which == side)
    except RunFailed as failure:
        print(f"Mesure impossible. {failure}", file=sys.stderr)
        return 1
    except Unavailable as failure:
        print(f"L'annuaire ne peut pas être mesuré. {failure}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as failure:
        print(f"La collection cisco.meraki n'a pas pu être obtenue : {failure.stderr}", file=sys.stderr)
        return 1
    print(as_json(found) if asked.format == "json" else as_text(found))
    spent = dict(taken(found))
    if asked.only is None:
        durations.write(durations.noted(durations.BENCH), spent)
    print("\n" + durations.report(spent, durations.read(ROOT / durations.BENCH)), file=sys.stderr)
    return 0


def told[Told: (Measure, Pair, Size)](measured: Iterable[Told]) -> list[Told]:
    found = []
    for measure in measured:
        print(f"  {measure.label} : fait", file=sys.stderr)
        found.append(measure)
    return found


def taken(found: dict[str, Any]) -> Iterator[tuple[str, float]]:
    """CPU seconds of each measure of ours, by name; those of peers are not ours to watch."""
    for part, measures_ in found.items():
        if isinstance(measures_, list) and "peer" not in part:
            yield from ((f"{part} : {one.label}", one.cpu) for one in measures_)


def as_json(found: dict[str, Any]) -> str:
    plain = {
        name: [asdict(item) for item in value] if isinstance(value, list) else value for name, value in found.items()
    }
    return json.dumps(plain, ensure_ascii=False, indent=2)


def as_text(found: dict[str, Any]) -> str:
    parts = []
    if "aims" in found:
        parts += [
            pairs(found["base"], found["aims"]),
            "Même laboratoire, chacun à son tour, le moindre de trois passages. Ce qui est visé l'est sur deux cœurs.",
        ]
    if "loaded" in found:
        parts += [
            sizes("Lire, valider et déduire", found["loaded"]),
            sizes("Les sites d'une ville, sa politique en portant d'autres", found["sections"]),
            f"De une à {TOWNS[-1]} villes : {ratio(slope(found['loaded']))} fois la droite pour lire (visé : 1), "
            f"{ratio(slope(found['loaded'], 'memory'))} pour la mémoire, "
            f"{ratio(slope(found['sections']))} pour les règles (moins de 1 si un site ne lit que les siennes).",
        ]
    if "town" in found:
        _, second, empty, *_ = found["town"]
        parts += [
            table(f"Ville entière ({len(second.tasks)} hôtes, {sum(second.tasks.values())} tâches)", found["town"]),
            f"Second passage sans limite : {ratio(second.seconds / empty.seconds)} fois les tâches vides (visé : 2).",
        ]
    if "peer" in found:
        parts += [
            table("Piste", found["ours"]),
            table(f"cisco.meraki {found['version']}", found["peer"]),
            "Même laboratoire, sans limite d'appels. La collection ne traite qu'un objet par tâche, d'où une boucle.",
        ]
    if "directory_ours" in found:
        parts += [
            table("Annuaire, Piste", found["directory_ours"], TOOLS),
            table("Annuaire, samba-tool", found["directory_peer"], TOOLS),
            "Même contrôleur de domaine. samba-tool fait un objet par processus, sans compter ses requêtes ; il ne "
            "compare pas, et ne connaît pas les filtres WMI (ldbmodify).",
        ]
    if "firewall_ours" in found:
        parts += [
            table("Pare-feu, Piste", found["firewall_ours"], TOOLS),
            table("Pare-feu, bibliothèque de l'éditeur", found["firewall_peer"], TOOLS),
            "Même SMC, qui ne sait pas reclasser une liste d'un coup (7.4.1), en HTTP. Piste est une exécution entière "
            "d'Ansible, qui relit ce qu'elle a écrit ; la bibliothèque, un programme qui ne fait que cela.",
            f"Exemples de la bibliothèque que le SMC du laboratoire mène à leur fin : "
            f"{list(found['scripts'].values()).count(0)} sur {len(found['scripts'])}.",
        ]
    if "hosting_ours" in found:
        parts += [
            table("Hébergement, Piste", found["hosting_ours"], TOOLS),
            table("Hébergement, SDK de Nutanix", found["hosting_peer"], TOOLS),
            "Même Prism Central simulé, sans limite d'appels. Le SDK lit sans comparer ; un module bâti sur lui est un "
            "processus par machine.",
        ]
    return "\n\n".join(parts)


if __name__ == "__main__":
    sys.exit(main())
