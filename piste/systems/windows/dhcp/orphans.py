"""Orphans of DHCP servers: undeclared scopes, reservations, relations, and what is judged."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from piste.engine.converge.orphan import DEPARTURE
from piste.systems.windows.dhcp import judged, table
from piste.systems.windows.dhcp.relation import Servers
from piste.systems.windows.dhcp.relations import NORMAL, RELATIONS
from piste.systems.windows.dhcp.settings import DHCP_SERVERS

KIND = table.SCOPES.name


def undeclared(
    servers: Servers, declared: Mapping[str, Collection[str]], relations: Collection[str] = ()
) -> Iterator[dict[str, str]]:
    """Yield the orphans, `{kind, key, why}`.

    `declared` has the reserved addresses of each declared scope, `relations` the names of the declared relations.
    """
    live = servers.first.scopes(lambda subnet: True)
    for subnet, scope in live.items():
        if subnet not in declared:
            yield {"kind": KIND, "key": subnet, "why": f"« {scope['name']} », et personne ne la déclare"}
            continue
        for entry in scope["entries"]:
            if "address" in entry and entry["address"] not in declared[subnet]:
                why = f"réservation de {entry['address']} ({entry['name']}) que personne ne déclare"
                yield {"kind": KIND, "key": subnet, "why": why}
    if servers.failover:
        for subnet in servers.partner.listed():
            if subnet not in live:
                yield {"kind": KIND, "key": subnet, "why": f"n’est que sur {servers.partner_name}"}
    yield from _relations(servers, relations)


def _relations(servers: Servers, declared: Collection[str]) -> Iterator[dict[str, str]]:
    live = servers.first.relations()
    same = [name for name, relation in live.items() if servers.failover and servers.same_partner(relation)]
    # Without the declared name, the first relation with the partner serves in its place.
    serving = {*declared} & live.keys() or {*same[:1]}
    for name, relation in live.items():
        if name not in serving:
            why = f"relation avec {relation['partner']}, et personne ne la déclare"
            yield {"kind": RELATIONS.name, "key": name, "why": why}
        if (state := relation["state"]) != NORMAL:
            yield {"kind": RELATIONS.name, "key": name, "why": f"n’est pas en marche ({state})", "said": DEPARTURE}


def unfit(servers: Servers, names: Sequence[str], account: str) -> Iterator[dict[str, str]]:
    """Yield what is wrong with servers that only a person mends, in the form of an orphan."""
    for name in names:
        live = servers.server(name).settings()
        for _, what, _ in judged.faults(live, account, shared=bool(servers.failover)):
            yield {"kind": DHCP_SERVERS.name, "key": name, "why": what, "said": DEPARTURE}
