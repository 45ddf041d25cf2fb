"""Orphans of DHCP servers: undeclared scopes and reservations, and what only the partner has"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from piste.windows.dhcp import table
from piste.windows.dhcp.relation import Servers

KIND = table.SCOPES.name


def undeclared(servers: Servers, declared: Mapping[str, Collection[str]]) -> Iterator[dict[str, str]]:
    """Yield the orphans, `{kind, key, why}`.

    `declared` has the reserved addresses of each declared scope.
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
                yield {"kind": KIND, "key": subnet, "why": f"n'est que sur {servers.partner_name}"}
