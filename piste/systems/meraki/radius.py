"""RADIUS servers of access policies and SSIDs, and the guard of their secrets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.resource import Field
from piste.engine.converge.secrets import Secret
from piste.engine.words import agreed

RADIUS_SECRET = "radius/{owner}"
"""Path of the secret that a site's switches and access points share with the NPS pair; no answer has it
[belief meraki.secrets_hidden]."""


def radius_server(port: int) -> tuple[Field, ...]:
    """Fields of one server; `port` is the default port."""
    return (
        Field("host", "Address or name of the server.", required=True),
        Field("port", "Port of the server.", type="int", default=port, minimum=1, maximum=65535),
        Field("secret", "Reference of the shared secret.", secret=RADIUS_SECRET, readable=False),
    )


ROTATION = "radius_secret"
"""Word that confirms a change of the secret that devices in service use with their servers."""


def rotations(operations: Sequence[Operation]) -> dict[str, str]:
    """Guard of a change of secrets: a server with the former secret would ignore these devices."""
    changed = [operation.name for operation in operations if any(_renewed(operation))]
    if not changed:
        return {}
    why = (
        f"{', '.join(changed)} : le secret RADIUS changerait, que le serveur ne tient peut-être pas encore ; "
        "playbooks/rotate_radius.yml le fait sans coupure"
    )
    return {ROTATION: f"{agreed(len(changed), 'objet(s)')}, {why}"}


def _renewed(operation: Operation) -> Iterator[bool]:
    """True for each server that stays and whose secret, given by Piste, changes."""
    before, after = _secrets(operation.before), _secrets(operation.after)
    for server in before.keys() & after.keys():
        known, desired = before[server], after[server]
        yield bool(known.digest) and bool(desired.digest) and known.digest != desired.digest


def _secrets(item: Item | None) -> dict[tuple[str, object], Secret]:
    servers = (item or {}).get("radius_servers") or ()
    return {
        (str(server.get("host")), server.get("port")): secret
        for server in servers
        if isinstance(server, Mapping) and isinstance(secret := server.get("secret"), Secret)
    }
