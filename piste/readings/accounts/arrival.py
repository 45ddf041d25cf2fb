"""The arrival of a person, or its change of function: what its declared accounts lack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from piste.engine.converge.errors import Misused
from piste.readings.accounts.judgment import RIGHTS, Row, System
from piste.readings.accounts.systems import SOURCES
from piste.town.model.accounts import Account
from piste.town.model.dates import today
from piste.town.model.derived import Derived

INVITED: Mapping[str | None, str] = {"all": "full", "read": "read-only"}
"""The rights that the Dashboard gives to the whole organization; others are given network by network."""
_RANKS = ("read", "some", "all")
DRIVEN = ("meraki", "smc", "prism", "ad", "zabbix", "glpi")


class Arrival(NamedTuple):
    """Accounts to ask of the systems, by module of administrators; steps of a person by hand."""

    given: dict[str, list[dict[str, Any]]]
    hand: list[str]


def arrival(town: Derived, who: str, every: Sequence[System]) -> Arrival:
    """Compare the declared accounts of a person, a third party or a name with what was read.

    Raises `Misused` where the declaration does not know it, or where it is past its end.
    """
    mine = [account for account in (town.commune["accounts"] if town.commune else ()) if _is_of(account, who)]
    if not mine:
        todo = "Décrivez ses comptes dans group_vars/all/accounts.yml (persons, systems, rights, until)."
        raise Misused(f"« {who} » n’a aucun compte dans la déclaration", todo=todo)
    over = [account["login"] for account in mine if account["until"] and account["until"] < today().isoformat()]
    if over:
        raise Misused(f"la fin de {', '.join(over)} est passée", todo="Prolongez-la (until), ou retirez ces accès.")
    given: dict[str, list[dict[str, Any]]] = {}
    hand = list[str]()
    for system in every:
        for account in mine:
            if not {system.name, system.kind} & {*account["systems"]}:
                continue
            row = next((row for row in system.rows if row.declared == account and row.live), None)
            if system.kind in DRIVEN and not (row and row.live and (row.live["active"] or _exceeds(row, account))):
                given.setdefault(f"{system.kind}_administrators", []).append(_wanted(system.kind, account, who))
            else:
                hand += _by_hand(system, account, row)
    return Arrival(given, hand)


def _exceeds(row: Row, account: Account) -> bool:
    """Tell whether an account would come back with more rights than it is declared with."""
    shown, said = row.rights, account["rights"]
    return shown in _RANKS and said in _RANKS and _RANKS.index(shown) > _RANKS.index(said)


def _is_of(account: Account, who: str) -> bool:
    named = who.casefold() in {account["login"].casefold(), *(name.casefold() for name in account["persons"])}
    return "*" not in account["login"] and (named or (account["kind"] == "third_party" and account["holder"] == who))


def _wanted(kind: str, account: Account, who: str) -> dict[str, Any]:
    wanted: dict[str, Any] = {"name": account["login"], "signs_in": True}
    if kind == "meraki" and (access := INVITED.get(account["rights"])):
        name = account["persons"][0] if account["persons"] else who
        wanted |= {"roles": [access], "grants": {"name": name, "orgAccess": access}}
    return wanted


def _by_hand(system: System, account: Account, row: Row | None) -> Iterator[str]:
    login, rights = account["login"], RIGHTS[account["rights"]]
    if row is None:
        unread = f", pas lu ({system.why})" if system.why else ""
        yield f"{system.label}{unread} : créez {login} s’il manque, droits : {rights} ; {SOURCES[system.kind].made}"
    elif row.rights is None:
        yield f"{system.label}, {login} : ses droits ne se lisent pas ; vérifiez qu’il a : {rights}"
    elif row.rights != account["rights"]:
        yield f"{system.label}, {login} : il a {RIGHTS[row.rights]}, la déclaration dit {rights} ; changez-les là"
