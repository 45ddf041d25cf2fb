"""Judges of the answers of the Dashboard, for the beliefs about it (`beliefs/meraki.yml`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from piste.systems.beliefs.answers import Answer, Verdict, answered, given, shown
from piste.systems.beliefs.asked import SAMPLE, answering, everywhere
from piste.systems.meraki.carriers import NO_ROUTING
from piste.systems.meraki.checks import WRITERS
from piste.systems.meraki.connection import MERAKI
from piste.systems.meraki.dashboard import Dashboard
from piste.systems.meraki.intent import SYSLOG_ROLES
from piste.systems.meraki.rf_profiles import BUILT_IN, is_built_in
from piste.systems.meraki.ssids import SLOTS
from piste.systems.meraki.traffic import LAST_RULE

_READERS = frozenset({"none", "read-only"})
_INTERFACES = ("/devices/*/switch/routing/interfaces", "/networks/*/switch/stacks/*/routing/interfaces")


def factory_profiles(answers: Sequence[Answer]) -> Verdict:
    """A profile of the vendor, whose id is a word, has a name that is known."""
    profiles = [profile for profiles in answered(answers, "/networks/*/wireless/rfProfiles") for profile in profiles]
    own = {profile["name"] for profile in profiles if not str(profile["id"]).isdecimal() or is_built_in(profile)}
    return shown(own & BUILT_IN, own - BUILT_IN)


def unnamed_switch(answers: Sequence[Answer]) -> Verdict:
    """The overview of ports names a switch without a name by its MAC address."""
    devices = [device for devices in answered(answers, "/organizations/*/devices") for device in devices]
    nameless = {device["serial"] for device in devices if not device.get("name")}
    names = {
        switch["serial"]: (switch["name"], switch["mac"])
        for page in answered(answers, "/organizations/*/switch/ports/bySwitch")
        for switch in page
        if switch["serial"] in nameless
    }
    alike = {serial for serial, (name, mac) in names.items() if str(name).lower() == str(mac).lower()}
    return shown(alike, {f"{serial} : {names[serial][0]!r}" for serial in names.keys() - alike})


def never_reported(answers: Sequence[Answer]) -> Verdict:
    """The last report is a moment; a device without one has null or an empty text."""
    statuses = [status for page in answered(answers, "/organizations/*/devices/statuses") for status in page]
    silent = [status for status in statuses if str(status.get("lastReportedAt") or "")[:2] != "20"]
    wrong = {f"{status['serial']} : {value!r}" for status in silent if (value := status.get("lastReportedAt"))}
    return shown((status["serial"] for status in silent if not status.get("lastReportedAt")), wrong)


def writers(answers: Sequence[Answer]) -> Verdict:
    """The rights of administrators are words that are known."""
    rights = {admin["orgAccess"] for admins in answered(answers, "/organizations/*/admins") for admin in admins}
    return shown(rights & WRITERS, map(str, rights - WRITERS - _READERS))


def ssid_slots(answers: Sequence[Answer]) -> Verdict:
    """A network has its fifteen SSIDs; with a shared key, the encryption has a known name."""
    networks = [ssids for ssids in answered(answers, "/networks/*/wireless/ssids") if ssids]
    wrong = [f"{len(ssids)} SSID" for ssids in networks if [s["number"] for s in ssids] != [*range(SLOTS)]]
    modes = {s.get("encryptionMode") for ssids in networks for s in ssids if s["authMode"] == "psk"}
    return shown([f"{len(networks)} réseaux"] if modes else [], [*wrong, *map(repr, modes - {"wpa", "wep"})])


def secrets_hidden(answers: Sequence[Answer]) -> Verdict:
    """No answer has the secret of a RADIUS server; a place without a server shows nothing of it."""
    places = [
        [
            server
            for documents in answered(answers, place)
            for document in documents
            for name in ("radiusServers", "radiusAccountingServers")
            for server in document.get(name) or ()
        ]
        for place in ("/networks/*/wireless/ssids", "/networks/*/switch/accessPolicies")
    ]
    servers = [server for place in places for server in place]
    right = [server["host"] for server in servers] if all(places) else []
    return shown(right, (server["host"] for server in servers if server.get("secret")))


def default_rule(answers: Sequence[Answer]) -> Verdict:
    """The last of the access lists is the rule that the system adds: anything from anywhere."""
    last = [lists["rules"][-1] for lists in answered(answers, "/networks/*/switch/accessControlLists")]
    names = ("srcCidr", "dstCidr", "protocol", "srcPort", "dstPort", "vlan")
    wrong = [
        str(rule.get("comment"))
        for rule in last
        if rule.get("comment") != LAST_RULE or {str(rule.get(name)).lower() for name in names} != {"any"}
    ]
    return shown((str(rule.get("comment")) for rule in last), wrong)


def no_routing(answers: Sequence[Answer]) -> Verdict:
    """A model that does not route has no interface."""
    devices = [device for devices in answered(answers, "/organizations/*/devices") for device in devices]
    models = {device["serial"]: str(device["model"]) for device in devices}
    asked = {answer.question.split("/")[2]: given(answer) for answer in answers if _of(answer, _INTERFACES[0])}
    those = {serial: model for serial in asked if (model := models.get(serial, "")).startswith(NO_ROUTING)}
    return shown(those.values(), (f"{model} {serial}" for serial, model in those.items() if asked[serial]))


def one_uplink(answers: Sequence[Answer]) -> Verdict:
    """A single interface of a carrier shows the default gateway."""
    holders = [
        [str(interface.get("vlanId")) for interface in interfaces if interface.get("defaultGateway")]
        for path in _INTERFACES
        for interfaces in answered(answers, path)
    ]
    return shown((f"VLAN {vlan}" for vlans in holders for vlan in vlans), _several(holders))


def _several(holders: Sequence[Sequence[str]]) -> Iterator[str]:
    yield from (f"VLAN {' et '.join(vlans)}" for vlans in holders if len(vlans) > 1)


def syslog_roles(answers: Sequence[Answer]) -> Verdict:
    """The roles of switches and of the surveillance of the air have the names that are written."""
    syslog = "/organizations/*/devices/syslog/servers"
    roles = {role for of in _paged(answers, f"{syslog}/byNetwork") for its in of["servers"] for role in its["roles"]}
    roles |= {role["value"] for of in _paged(answers, f"{syslog}/roles/byNetwork") for role in of["available"]}
    alike = {role for role in roles if role.lower().startswith(("switch", "airmarshal"))}
    return shown(alike & {*SYSLOG_ROLES.values()}, alike - {*SYSLOG_ROLES.values()})


def _paged(answers: Sequence[Answer], path: str) -> Iterator[Mapping[str, Any]]:
    for page in answered(answers, path):
        yield from page["items"] if isinstance(page, Mapping) else page


def unknown_client(answers: Sequence[Answer]) -> Verdict:
    """The search for a MAC address that nobody saw gives an empty list."""
    searches = [*answered(answers, "/organizations/*/clients/search")]
    wrong = [repr(answer)[:80] for answer in searches if not isinstance(answer, Mapping) or "records" not in answer]
    return shown(("aucun" for answer in searches if isinstance(answer, Mapping) and answer.get("records") == []), wrong)


def _of(answer: Answer, path: str) -> bool:
    return any(True for _ in answered([answer], path))


def _ask(dashboard: Dashboard, path: str) -> Iterator[Answer]:
    """Ask a question of the organization, of some networks, or of a switch of each model."""
    for place in _places(dashboard, path):
        yield Answer(f"GET {place}", dashboard.request("GET", place).document())


def _places(dashboard: Dashboard, path: str) -> Iterator[str]:
    if "{network}" in path:
        kind = "switch" if "/switch/" in path else "wireless"
        networks = [str(known["id"]) for known in dashboard.networks() if kind in known["productTypes"]]
        networks = networks if everywhere("meraki", f"GET {path}") else networks[:SAMPLE]
        yield from (path.replace("{network}", identifier) for identifier in networks)
    elif "{switch}" in path:
        switches = [known for known in dashboard.devices() if known.get("productType") == "switch"]
        by_model = {str(known["model"]): str(known["serial"]) for known in switches if known.get("networkId")}
        yield from (path.replace("{switch}", serial) for serial in by_model.values())
    else:
        yield path.replace("{organization}", dashboard.organization)


def _version(dashboard: Dashboard) -> str:
    """Name the version of the API, in its address: the cloud says no other."""
    return dashboard.root.rpartition("/")[2]


MODULES = answering("meraki_answers", "meraki", MERAKI, _ask, _version, Dashboard.moment)
