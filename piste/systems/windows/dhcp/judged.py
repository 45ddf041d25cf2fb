"""Judgements of what Piste never writes on a DHCP server.

They are the account of its DNS updates, and the addresses that it answers on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def faults(live: Mapping[str, Any], declared: str, *, shared: bool) -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong with a server, as (what is judged, what is wrong, what to do).

    `live` are its settings as read, `declared` the account of its DNS updates (empty: any), `shared` is true where a
    partner takes over its scopes.
    """
    account = named(live)
    todo = "Donnez-le dans la console DHCP (IPv4, propriétés, Avancé, Informations d’identification)."
    if declared and not same(account, declared):
        yield "update_account", f"inscrit les noms par {account or 'son propre compte'}, {declared} déclaré", todo
    elif shared and not account:
        # The owner of a record is who registered it (MS-DNSP 2.2.1.1.4): a server cannot renew those of its partner.
        yield "update_account", "inscrit les noms par son propre compte, que son partenaire ne peut renouveler", todo
    if not any(binding["bound"] for binding in live["bindings"]):
        what = "n’écoute sur aucune adresse, il ne répond à personne"
        yield "bindings", what, "Liez l’interface (Set-DhcpServerv4Binding -BindingState $true)."


def named(live: Mapping[str, Any]) -> str:
    """Return the account of the DNS updates, `DOMAIN\\name`; empty where it is the server's own."""
    domain, name = live["account"]["domain"], live["account"]["name"]
    return f"{domain}\\{name}" if domain and name else str(name)


def same(live: str, declared: str) -> bool:
    """True for two spellings of an account, with or without its domain."""
    names = [text.casefold().rpartition("\\")[2].partition("@")[0] for text in (live, declared)]
    domains = [text.casefold().partition("\\")[0] for text in (live, declared) if "\\" in text]
    return names[0] == names[1] and len(set(domains)) < 2
