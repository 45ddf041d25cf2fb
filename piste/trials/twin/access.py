"""802.1X at the twin: RADIUS with the policies read, test accounts of the twin alone.

No secret of the town is there. What two systems share is drawn, at each end, from what that end holds (the reference,
or what stands for a value that cannot be read): ends that hold the same agree. A policy has a test account, a member of
its groups alone.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from piste.engine.templates import fill
from piste.trials.twin.layout import TEMPLATES, Daemon, Guard, Host
from piste.trials.twin.readings import Item, Readings

_PORT_TYPES = {"wired": 15, "wireless": 19}
_PATTERNS = {
    "nas_address": "%{NAS-IP-Address}",
    "nas_identifier": "%{NAS-Identifier}",
    "calling_station": "%{Calling-Station-Id}",
    "called_station": "%{Called-Station-Id}",
    "user_name": "%{User-Name}",
}
_METHODS = {"tls": "TLS", "peap": "PEAP"}


@dataclass(frozen=True, slots=True)
class Account:
    """A test account of a policy; `methods` are the kinds of EAP that the policy takes."""

    name: str
    policy: str
    vlan: int | None
    methods: tuple[str, ...]
    password: str


def shared(secret: Any) -> str:
    """Draw the secret of the twin from what an end holds of the real secret."""
    return hashlib.sha256(json.dumps(secret, sort_keys=True, default=str).encode()).hexdigest()[:24]


def accounts(readings: Readings) -> list[Account]:
    """Give a test account for each policy that grants by EAP."""
    return [
        Account(f"essai-{rank}", str(policy["name"]), policy.get("vlan"), methods, shared(f"account {rank}"))
        for rank, policy in enumerate(_ordered(readings.network_policies))
        if policy.get("access", "grant") == "grant" and (methods := _methods(policy))
    ]


def _methods(policy: Item) -> tuple[str, ...]:
    return tuple(str(entry["method"]) for entry in policy.get("eap") or () if entry.get("method") in _METHODS)


def _ordered(policies: Iterable[Item]) -> list[Item]:
    enabled = [policy for policy in policies if policy.get("enabled", True)]
    return sorted(enabled, key=lambda policy: int(policy.get("order") or 0))


def account_at(readings: Readings, vlan: int, address: str) -> Account | None:
    """Give the account that the policies put into a VLAN at a wired port of a switch."""
    known = {account.policy: account for account in accounts(readings)}
    for policy in _ordered(readings.network_policies):
        conditions = policy.get("conditions") or {}
        pattern = str(conditions.get("nas_address") or "")
        here = not pattern or _found(pattern, address)
        wired = "wired" in (conditions.get("nas_port_type") or ["wired"])
        if policy.get("vlan") == vlan and here and wired and policy["name"] in known:
            return known[str(policy["name"])]
    return None


def address_at(readings: Readings, vlan: int, address: str) -> str | None:
    """Give a MAC address that the requests read admit without 802.1X into a VLAN at a switch."""
    for policy in _ordered(readings.connection_request_policies):
        conditions = policy.get("conditions") or {}
        digits = re.sub(r"\[[^\]]*\]\??|[^0-9A-Fa-f]", "", str(conditions.get("calling_station") or ""))
        here = _found(str(conditions.get("nas_address") or ""), address)
        if policy.get("vlan") == vlan and policy.get("authentication") == "accept" and len(digits) == 12 and here:
            return ":".join(digits[at : at + 2] for at in range(0, 12, 2)).lower()
    return None


def _found(pattern: str, text: str) -> bool:
    try:
        return re.search(pattern, text) is not None
    except re.error:
        return False


def guard(policy: Item, port: Item, address: str, host: str, label: str) -> Guard:
    """Describe a port with an access policy, as the authenticator needs it."""
    kind = str(policy.get("access_policy_type") or "802.1x")
    critical = ((policy.get("radius") or {}).get("critical_auth") or {}).get("data_vlan_id")
    return Guard(
        port="",
        label=label,
        host=host,
        address=address,
        vlan=int(port["vlan"]),
        eap=kind != "MAC authentication bypass",
        mac=kind != "802.1x",
        servers=tuple(
            (str(server["host"]), int(server.get("port") or 1812), shared(server.get("secret")))
            for server in policy.get("radius_servers") or ()
        ),
        guest=policy.get("guest_vlan_id"),
        failed=(policy.get("radius") or {}).get("failed_auth_vlan_id"),
        critical=critical,
    )


def serve(host: Host, readings: Readings, used: Collection[str], unsaid: list[str]) -> dict[str, dict[str, Any]]:
    """Run FreeRADIUS in a host, with the clients and policies read; return the accounts in use."""
    known = [account for account in accounts(readings) if account.name in used]
    host.files["radiusd.conf"] = fill(
        TEMPLATES / "radiusd.conf.j2",
        clients="\n".join(_client(client) for client in readings.radius_clients if client.get("enabled", True)),
        requests=_chain(_requests(readings, unsaid), "reject"),
        policies=_chain(_policies(readings, known, unsaid), "reject"),
        passwords="\n".join(_password(account) for account in known),
    )
    names = [account.name for account in known if "tls" in account.methods]
    host.files["start.sh"] = fill(TEMPLATES / "radiusd.sh.j2", names=names)
    host.daemons.append(Daemon("freeradius", ("sh", "{folder}/start.sh", "{folder}"), 1812))
    return {account.name: asdict(account) for account in known}


def _client(client: Item) -> str:
    name = _plain(str(client["name"]))
    signed = "yes" if client.get("require_message_authenticator") else "auto"
    return (
        f'client "{name}" {{\n ipaddr = {_plain(str(client["address"]))}\n shortname = "{name}"\n'
        f" secret = {shared(client.get('secret'))}\n require_message_authenticator = {signed}\n}}"
    )


def _plain(text: str) -> str:
    """Keep the signs of a name or an address: a live name never ends its own value."""
    return "".join(sign for sign in text if sign.isalnum() or sign in " ._-/")


def _password(account: Account) -> str:
    return (
        f'if (&User-Name == "{account.name}") {{\n update control {{\n'
        f'  Cleartext-Password := "{account.password}"\n }}\n}}'
    )


def _requests(readings: Readings, unsaid: list[str]) -> Iterable[tuple[str, str]]:
    for policy in _ordered(readings.connection_request_policies):
        condition = _condition(policy, (), unsaid)
        if condition is not None:
            accepted = "update control {\n Auth-Type := Accept\n Tmp-Integer-0 := 1\n}\n" + _vlan(policy)
            yield condition, accepted if policy.get("authentication") == "accept" else "noop\n"


def _policies(readings: Readings, known: Sequence[Account], unsaid: list[str]) -> Iterable[tuple[str, str]]:
    by_policy = {account.policy: account for account in known}
    of_policy = {str(policy["name"]): set(_groups(policy)) for policy in readings.network_policies}
    for policy in _ordered(readings.network_policies):
        # An account is a member of the groups of its own policy, so of any other policy that names one of them.
        groups = set(_groups(policy))
        members = [account.name for name, account in by_policy.items() if groups & of_policy[name]]
        condition = _condition(policy, members if groups else None, unsaid)
        if condition is None:
            continue
        allowed = " || ".join(f"&EAP-Type == {_METHODS[name]}" for name in _methods(policy)) or "false"
        granted = f"if ({allowed}) {{\n{_vlan(policy) or 'noop'}\n}} else {{\nreject\n}}\n"
        yield condition, granted if policy.get("access", "grant") == "grant" else "reject\n"


def _groups(policy: Item) -> list[str]:
    conditions = policy.get("conditions") or {}
    return [str(name) for field in conditions if field.endswith("groups") for name in conditions[field] or ()]


def _vlan(policy: Item) -> str:
    if policy.get("vlan") is None:
        return ""
    return (
        "update reply {\n Tunnel-Type := VLAN\n Tunnel-Medium-Type := IEEE-802\n"
        f' Tunnel-Private-Group-Id := "{int(policy["vlan"])}"\n}}\n'
    )


def _chain(policies: Iterable[tuple[str, str]], otherwise: str) -> str:
    text, word = "", "if"
    for condition, then in policies:
        text += f"{word} ({condition}) {{\n{then}}}\n"
        word = "elsif"
    return f"{text}else {{\n{otherwise}\n}}" if text else otherwise


def _condition(policy: Item, members: Sequence[str] | None, unsaid: list[str]) -> str | None:
    """Write the conditions of a policy; None where one of them cannot be judged."""
    conditions: Mapping[str, Any] = policy.get("conditions") or {}
    parts = []
    for name, wanted in conditions.items():
        if name in _PATTERNS and wanted and _safe(str(wanted)):
            parts.append(f'("{_PATTERNS[name]}" =~ /{str(wanted).replace("/", r"\/")}/i)')
        elif name == "nas_port_type":
            kinds = "|".join(str(_PORT_TYPES[kind]) for kind in wanted or () if kind in _PORT_TYPES)
            parts.append(f'("%{{integer:NAS-Port-Type}}" =~ /^({kinds})$/)')
        elif name.endswith("groups"):
            listed = "|".join(members or ())
            parts.append(f'("%{{session-state:Tmp-String-0}}" =~ /^({listed})$/i)' if listed else "(false)")
        elif not (name == "hours" and _always(wanted)) and wanted:
            unsaid.append(f"stratégie NPS « {policy['name']} » : condition {name}, donc jamais appliquée")
            return None
    return " && ".join(parts) or "true"


def _safe(pattern: str) -> bool:
    """Tell whether a live pattern can stand in a configuration, where `%` means more."""
    return not set(pattern) & set('%"`\n\r')


def _always(hours: Any) -> bool:
    days = list((hours or {}).values())
    return not days or (len(days) == 7 and all(list(times) == ["00:00-24:00"] for times in days))
