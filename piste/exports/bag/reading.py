"""The reading of every system in one run; a domain that fails stops no other."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from piste.engine.converge.bounded import Unreadable, content, of_json
from piste.exports.bag.kinds import DOMAINS
from piste.readings.table import Answer
from piste.runs.plans.play import Order
from piste.runs.plans.progress import watched
from piste.sites.coverage import FILE as WATCHED
from piste.sites.living import kept as living
from piste.town.declared import derived


@dataclass(slots=True)
class Answers:
    """By domain, the reasons of failed readings, and the remarks of the systems on theirs."""

    failed: dict[str, str] = field(default_factory=dict)
    remarks: dict[str, list[str]] = field(default_factory=dict)


def read_systems(folder: Path, environment: str, say: Callable[[list[str]], None]) -> Answers:
    """Export every system to a folder; `say` prints the command.

    A failure outside of the domains is that of each, and a domain is read only where its task was seen to end. The life
    of the supervision, which an export has, is kept on this machine too.
    """
    order = Order("playbooks/export.yml", environment, extra={"folder": str(folder)})
    say(order.command(check=False))
    played = watched(order, check=False)
    everywhere = [said for role, messages in played.failed.items() if role not in DOMAINS for said in messages]
    answers = Answers()
    for domain in DOMAINS:
        messages = [*played.failed.get(domain, ()), *everywhere]
        if not messages and f"piste_{domain}" not in played.done:
            messages = ["l’exécution s’est arrêtée avant de le lire"]
        if messages:
            answers.failed[domain] = " ".join(dict.fromkeys(map(str.strip, messages)))
        answers.remarks[domain] = list(dict.fromkeys(played.remarks.get(domain, ())))
    with suppress(Unreadable, FileNotFoundError):
        watched_hosts = of_json(content(folder / WATCHED))
        living.keep(derived(environment), environment, Answer({"zabbix": watched_hosts}, {}, {}))
    return answers
