"""The admissions to try at a place: by 802.1X with a test account, by the key of an SSID."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from piste.systems.radius.exchange import quoted
from piste.trials.probe.trials import Place, admitted
from piste.trials.probe.ways import Ways

WRONG = "mauvais-identifiants-de-la-sonde"
"""A wrong password, long enough for a key of Wi-Fi."""
_KEY = re.compile(r"[ -~]{8,63}")
Accounts = Mapping[str, Mapping[str, Any]]


def joins(
    ways: Ways, place: Place, accounts: Accounts, secrets: Mapping[str, str], authority: str
) -> tuple[list[dict[str, Any]], str]:
    """Give the admissions of a place, the refusal first; and the reason where there can be none."""
    site = ways.sites[place.site]
    segment = site["segments"][place.segment]
    ssid = next((ssid for ssid in site["ssids"] if ssid["name"] == place.ssid), None)
    if ssid and ssid["authentication"] != "dot1x":
        return _by_key(ssid["name"], ssid["psk"]["secret"] if ssid["psk"] else "", secrets)
    if not ssid and not admitted(site, segment):
        return [], ""
    medium = _radio(ssid["name"], "WPA-EAP") if ssid else {"key_mgmt": "IEEE8021X", "eapol_flags": "0"}
    policies = {policy["key"] for policy in site["access"]["policies"] if policy["vlan"] == segment["vlan"]}
    for name, account in accounts.items():
        if account.get("policy") in policies and not account.get("revoked"):
            credentials, blobs = _credentials(account, secrets, authority)
            if credentials:
                return _by_account(name, {**medium, **credentials}, blobs, "nl80211" if ssid else "wired"), ""
    wanted = ", ".join(sorted(policies)) or "aucune politique n’y mène"
    return [], f"aucun compte d’essai n’a de quoi entrer ici (piste_eap.accounts : {wanted})"


def of_twin(credentials: Mapping[str, str], name: str) -> list[dict[str, Any]]:
    """Give the admissions of a computer of a twin, by the values of its test account."""
    network = {key: value if key == "eap" else quoted(value) for key, value in credentials.items()}
    wired = {"key_mgmt": "IEEE8021X", "eapol_flags": "0"}
    return _by_account(name, {**wired, **network}, {}, "wired") if credentials else []


def _by_key(name: str, secret: str, secrets: Mapping[str, str]) -> tuple[list[dict[str, Any]], str]:
    if not secret:
        free = _join("admission.open", f"Entrée libre sur {name}", "answered", _radio(name, "NONE"), {}, "nl80211")
        return [free], ""
    key = secrets.get(secret, "")
    if not _KEY.fullmatch(key):
        return [], f"le secret {secret} n’a pas de valeur, ou n’est pas une clé de Wi-Fi"
    # In hexadecimal it would be the derived key: a passphrase is quoted, and ends at the last quote of its line.
    wrong, right = ({**_radio(name, "WPA-PSK"), "psk": f'"{phrase}"'} for phrase in (WRONG, key))
    return [
        _join("admission.wrong", f"Clé fausse refusée par {name}", "refused", wrong, {}, "nl80211"),
        _join("admission.right", f"Clé admise par {name}", "answered", right, {}, "nl80211"),
    ], ""


def _radio(name: str, management: str) -> dict[str, str]:
    return {"ssid": quoted(name), "scan_ssid": "1", "key_mgmt": management}


def _credentials(
    account: Mapping[str, Any], secrets: Mapping[str, str], authority: str
) -> tuple[dict[str, str], dict[str, str]]:
    """Give the credentials of an account and the blobs that they name; empty without values."""
    parts = ("password", "certificate", "key")
    values = {part: secrets.get((account.get(part) or {}).get("secret", ""), "") for part in parts}
    known = {"identity": quoted(str(account.get("identity", "")))}
    known |= {"ca_cert": quoted("blob://authority")} if authority else {}
    blobs = {"authority": authority} if authority else {}
    if values["certificate"] and values["key"]:
        blobs |= {"certificate": values["certificate"], "key": values["key"]}
        pair = {"client_cert": quoted("blob://certificate"), "private_key": quoted("blob://key")}
        return {**known, "eap": "TLS", **pair}, blobs
    if values["password"]:
        inner = {"phase1": quoted("peapver=0"), "phase2": quoted("auth=MSCHAPV2")}
        return {**known, "eap": "PEAP", **inner, "password": quoted(values["password"])}, blobs
    return {}, {}


def _by_account(name: str, network: dict[str, str], blobs: dict[str, str], driver: str) -> list[dict[str, Any]]:
    wrong = {**network, "eap": "PEAP", "password": quoted(WRONG), "phase2": quoted("auth=MSCHAPV2")}
    wrong = {key: value for key, value in wrong.items() if key not in ("client_cert", "private_key")}
    return [
        _join("admission.wrong", f"Mot de passe faux de {name}, refusé", "refused", wrong, blobs, driver),
        _join("admission.right", f"Compte {name}, admis", "answered", network, blobs, driver),
    ]


def _join(
    id_: str, title: str, expected: str, network: Mapping[str, str], blobs: Mapping[str, str], driver: str
) -> dict[str, Any]:
    lines = [f"  {key}={value}" for key, value in network.items()]
    named = [f"blob-base64-{name}={{\n{_body(text)}\n}}" for name, text in blobs.items()]
    head = ["ap_scan=0"] if driver == "wired" else []
    configuration = "\n".join([*head, *named, "network={", *lines, "}", ""])
    return {"id": id_, "title": title, "expected": expected, "driver": driver, "networks": configuration}


def _body(text: str) -> str:
    """Give the base64 of the first object of a PEM."""
    lines: Iterator[str] = iter(text.strip().splitlines())
    body = []
    for line in lines:
        if line.startswith("-----END"):
            break
        if not line.startswith("-----"):
            body.append(line.strip())
    return "\n".join(body)
