"""The word of a run to other systems, at the end of `piste apply`: GLPI, then Zabbix."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from piste.commands.output import say_troubles

if TYPE_CHECKING:
    from piste.runs.plans.play import Order, Played

CHANGES, VALUES = "playbooks/changes.yml", "playbooks/push.yml"
GLPI, SUPERVISION = "GLPI", "la supervision"
_CONNECTIONS = (
    (GLPI, "glpi", "piste_glpi", "base_url", "password"),
    (SUPERVISION, "supervision", "piste_zabbix", "url", "token"),
)
"""The systems that a run is said to: what declares them, the variable of the connection, its address, its secret."""


def conclude(environment: str, change: int | None, town: Mapping[str, Any]) -> None:
    """Note the run in GLPI, then push its outcome to Zabbix; neither can fail it.

    `town` are the variables of the town: what is not set there yet is said once.
    """
    absent = [*_absent(town)] if environment == "production" else []
    if absent:
        said = " ni ".join(absent)
        click.echo(
            f"Rien n’est envoyé à {said}, sans adresse ou sans secret dans « {environment} » : le journal garde cette "
            "exécution.",
            err=True,
        )
    if GLPI not in absent:
        note(environment, change)
    if SUPERVISION not in absent:
        push(environment)


def _absent(town: Mapping[str, Any]) -> Iterator[str]:
    """Name the systems without an address, or whose secret has no value in the vault."""
    for name, declared, variable, address, secret in _CONNECTIONS:
        connection = town.get(variable) or {}
        key = re.fullmatch(r"\{\{\s*(\w+)\s*\}\}", str(connection.get(secret) or ""))
        value = town.get(key[1]) if key else connection.get(secret)
        if town.get(declared) and not (connection.get(address) and value):
            yield name


def note(environment: str, change: int | None) -> None:
    """Note the runs that are not noted yet; a GLPI that does not answer costs the run nothing.

    In the lab, only a run that answers a change of GLPI is noted by itself.
    """
    if environment != "production" and change is None:
        return
    from piste.runs.plans.play import Order
    from piste.town import declared

    commune = declared.derived(environment).commune
    part = commune and commune["glpi"]
    if not part or not part["changes"]:
        return
    _play(Order(CHANGES, environment), "Cette exécution n’est pas encore notée dans GLPI : la minuterie la notera.")


def push(environment: str) -> None:
    """Push the outcome of the run, in production; a silent Zabbix costs the run nothing."""
    if environment == "production" and (order := values(environment)):
        _play(order, "La supervision ne connaît pas encore cette exécution : la minuterie la lui dira.")


def values(environment: str) -> Order | None:
    """Give the order that pushes all that Piste knows; None where there is nothing to say."""
    from piste.readings.certificates import kept
    from piste.runs.plans.play import Order
    from piste.runs.records.chain import journal_folder
    from piste.runs.records.journal import newest
    from piste.sites.pushed import values
    from piste.town import declared
    from piste.town.model.freshness import ages

    town = declared.sound(environment)
    read, runs = kept.last(environment, ages(town)), newest(journal_folder(), environment)
    pushed = values(town.commune, runs, read) if town.commune else []
    return Order(VALUES, environment, extra={"pushed_values": pushed}) if pushed else None


def frozen(played: Played) -> bool:
    """Tell whether a freeze alone kept a run from being said: it is said after its end."""
    from piste.runs.plans.conditions import Frozen

    return bool(played.troubles) and all(trouble.message.startswith(Frozen.code) for trouble in played.troubles)


def _play(order: Order, otherwise: str) -> None:
    from piste.runs.plans.progress import watched

    played = watched(order, check=False)
    if played.troubles:
        say_troubles(played)
        click.echo(otherwise, err=True)
