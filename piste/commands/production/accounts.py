"""The accounts of production: their least rights, from the kinds in use, and their steps.

Sources: `inventories/production/SECRETS.md`; the delegation of the lab's own domain, with which Piste is proven; help
of SMC 6.9, *Create an API Client element*; Cisco's and Nutanix's pages on API keys. *Déduit* marks an inference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from piste.commands.production.questions import Answers, distinguished
from piste.engine.kind import Kind
from piste.systems.kinds import KINDS
from piste.town.derived import compute


@dataclass(frozen=True, slots=True)
class Account:
    """An account of Piste, as `accounts.yml` describes it."""

    title: str
    variable: str
    domains: Sequence[str]
    steps: Sequence[str]
    reading: str = ""


_FILE = Path(__file__).with_name("accounts.yml")
ACCOUNTS = tuple(Account(**written) for written in yaml.load(_FILE.read_text("utf-8"), yaml.CSafeLoader))


def in_use(owners: Iterable[Mapping[str, Any]]) -> list[Kind]:
    """List the kinds that the declaration uses: those of every town, and those with an object."""
    everybody = list(owners)

    def declared(kind: Kind) -> bool:
        owners = [owner for owner in everybody if kind.domain != "network" or "network_name" in owner]
        return any(compute(kind.domain, owner).get(kind.part) for owner in owners)

    return [kind for kind in KINDS if kind.declared and (not kind.if_declared or declared(kind))]


def lines(answers: Answers, kinds: Iterable[Kind], nexus: Sequence[str] = ()) -> Iterator[str]:
    """Write each account: its rights with the kinds that ask for them, then its steps.

    `nexus` names the declared Nexus switches.
    """
    domain = answers["domain"]
    netbios = answers["netbios"] or domain.partition(".")[0].upper()[:15]
    words = {**answers, "who": f"{netbios}\\{answers['account']}", "dn": distinguished(domain)}
    used = list(kinds)
    domains = {kind.domain for kind in used}
    entered = [answers[key] for key, served in (("nps", "access"), ("print_server", "printing")) if served in domains]
    words["servers"], words["nexus"] = ", ".join(entered), ", ".join(nexus)
    for account in ACCOUNTS:
        rights: dict[str, list[str]] = {}
        for kind in used:
            if kind.domain in account.domains:
                rights.setdefault(kind.rights, []).append(kind.module)
        if account.reading and nexus:
            rights[account.reading] = ["drift", "doctor", "verify", "export"]
        if not rights:
            continue
        yield f"\n{account.title.format(**words)} : {account.variable}"
        if "directory" in account.domains and not answers["netbios"]:
            yield f"  Nom NetBIOS déduit du domaine : {netbios}. S’il est autre : --set netbios=NOM"
        yield from (f"  - {right} [{', '.join(modules)}]" for right, modules in rights.items())
        steps = [step for step in account.steps if entered or "{servers}" not in step]
        yield from (f"  {number}. {step.format(**words)}" for number, step in enumerate(steps, start=1))
