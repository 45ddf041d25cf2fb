"""The configuration profile of the Macs, from the policies that the other computers have.

Sources: Apple, device-management, `com.apple.wifi.managed`, `com.apple.firstactiveethernet.managed`,
`com.apple.ADCertificate.managed`, `com.apple.MCX` (Energy Saver), `com.apple.security.root`. The profile has no secret:
the Mac makes its key itself, and asks the authority of the town for its certificate.
"""

from __future__ import annotations

import plistlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import NAMESPACE_DNS, uuid5

from piste.engine.converge.errors import PisteError
from piste.systems.windows.gpo.dot1x_profile import thumbprint

if TYPE_CHECKING:
    from piste.town.model.directory.derived import DirectoryPolicy
    from piste.town.model.parity import TownMacProfile

EAP_TLS = 13
_TIMERS: Mapping[str, str] = {
    "power.sleep_after_ac": "System Sleep Timer",
    "power.display_off_after_ac": "Display Sleep Timer",
}
"""Settings of the other computers, in seconds, and the timer of a Mac, in minutes."""
_LONGEST = 180
"""Minutes of a timer at most."""


class NotMade(PisteError):
    """The profile cannot be made of what is declared and given."""

    code = "PISTE-E199"
    kind = "refused"


class Parity(NamedTuple):
    """A policy of the other computers: its settings, by whether the profile has them."""

    policy: str
    carried: Sequence[str]
    lacking: Sequence[str]


class Made(NamedTuple):
    """The profile, as a property list, and what it has of each policy."""

    content: bytes
    parity: Sequence[Parity]


def make(declared: TownMacProfile, policies: Sequence[DirectoryPolicy], authority: str, town: str) -> Made:
    """Make the profile; `authority` is the certificate of the authority, in PEM.

    Raises `NotMade` where a network trusts another authority, or wants what a Mac cannot do alone.
    """
    maker = _Maker(declared, authority)
    faults = [fault for policy in policies for fault in maker.faults(policy)]
    if faults:
        raise NotMade("le profil des Mac ne se fait pas", why=" ; ".join(dict.fromkeys(faults)),
                      todo="Corrigez la stratégie, ou donnez le certificat de son autorité (--authority).")  # fmt: skip
    payloads = [payload for policy in policies for payload in maker.payloads(policy)]
    if not payloads:
        raise NotMade("aucune stratégie n’a de réglage qu’un Mac ait aussi", todo="Déclarez les profils 802.1X.")
    networks = any(payload["PayloadType"] != "com.apple.MCX" for payload in payloads)
    whole = {
        **maker.payload("Configuration", "profil", f"{town}, postes Mac"),
        "PayloadScope": "System",
        "PayloadContent": [*(maker.trust() if networks else ()), *payloads],
    }
    return Made(plistlib.dumps(whole, sort_keys=True), [maker.parity(policy) for policy in policies])


class _Maker:
    def __init__(self, declared: TownMacProfile, authority: str) -> None:
        self.declared, self.authority = declared, authority

    def payload(self, kind: str, part: str, label: str) -> dict[str, Any]:
        """Begin a payload; its identifiers stay from run to run, so a Mac replaces it."""
        identifier = self.declared["identifier"] + ("" if kind == "Configuration" else f".{part}")
        return {
            "PayloadType": kind, "PayloadVersion": 1, "PayloadIdentifier": identifier, "PayloadUUID": self.uuid(part),
            "PayloadDisplayName": label,
        }  # fmt: skip

    def uuid(self, part: str) -> str:
        return str(uuid5(NAMESPACE_DNS, f"{part}.{self.declared['identifier']}")).upper()

    def trust(self) -> Iterator[dict[str, Any]]:
        """Yield the authority, and the request of a certificate for this Mac."""
        der = _der(self.authority)
        yield {**self.payload("com.apple.security.root", "autorite", "Autorité de la ville"), "PayloadContent": der}
        yield {
            **self.payload("com.apple.ADCertificate.managed", "certificat", "Certificat du Mac"),
            "CertServer": self.declared["certificate_server"], "CertificateAuthority": self.declared["authority"],
            "CertTemplate": self.declared["template"], "CertificateAcquisitionMechanism": "RPC",
            "EnableAutoRenewal": True, "KeyIsExtractable": False, "AllowAllAppsAccess": False,
        }  # fmt: skip

    def faults(self, policy: DirectoryPolicy) -> Iterator[str]:
        for name, network in _networks(policy):
            if network.get("eap", "tls") != "tls" or network.get("auth_mode", "machine") != "machine":
                yield f"{name} : un Mac n’y montre que le certificat de la machine (eap: tls, auth_mode: machine)"
            elif {thumbprint(root) for root in network.get("trusted_roots", ())} != {thumbprint(self.authority)}:
                yield f"{name} : l’autorité donnée n’est pas la seule qu’il croit (trusted_roots)"
            elif not network.get("server_names"):
                yield f"{name} : aucun nom de serveur (server_names) : tout certificat de l’autorité serait cru"

    def payloads(self, policy: DirectoryPolicy) -> Iterator[dict[str, Any]]:
        computer = policy["computer"] or {}
        if wired := computer.get("wired"):
            kind = "com.apple.firstactiveethernet.managed"
            made = self.payload(kind, "filaire", wired.get("name", "Filaire"))
            yield {**made, "Interface": "FirstActiveEthernet", **self._eap(wired)}
        for ssid, network in computer.get("wireless", {}).get("ssids", {}).items():
            made = self.payload("com.apple.wifi.managed", f"wifi-{ssid}", f"Wi-Fi {ssid}")
            yield {
                **made, "SSID_STR": ssid, "HIDDEN_NETWORK": bool(network.get("hidden", False)),
                "AutoJoin": bool(network.get("auto_connect", True)),
                "EncryptionType": "WPA3" if network.get("authentication", "WPA2") != "WPA2" else "WPA2",
                "SetupModes": ["System"], **self._eap(network),
            }  # fmt: skip
        timers = {_TIMERS[name]: _minutes(seconds) for name, seconds in _settings(policy).items() if name in _TIMERS}
        if timers:
            made = self.payload("com.apple.MCX", "veille", "Veille sur secteur")
            yield {**made, **{f"com.apple.EnergySaver.{kind}.ACPower": timers for kind in ("desktop", "portable")}}

    def _eap(self, network: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "PayloadCertificateUUID": self.uuid("certificat"),
            "EAPClientConfiguration": {
                "AcceptEAPTypes": [EAP_TLS], "TLSMinimumVersion": "1.2", "TLSAllowTrustExceptions": False,
                "TLSTrustedServerNames": sorted(network["server_names"]),
                "PayloadCertificateAnchorUUID": [self.uuid("autorite")],
            },
        }  # fmt: skip

    def parity(self, policy: DirectoryPolicy) -> Parity:
        """Compare a policy with the profile, setting by setting."""
        networks = [name for name, _ in _networks(policy)]
        carried = [*networks, *(name for name in _settings(policy) if name in _TIMERS)]
        lacking = [name for name in _settings(policy) if name not in _TIMERS]
        others = [part for part in (policy["computer"] or {}) if part not in ("wired", "wireless", "policies")]
        user = [f"utilisateur : {part}" for part in (policy["user"] or {})]
        return Parity(policy["name"], carried, [*lacking, *others, *user])


def _networks(policy: DirectoryPolicy) -> Iterator[tuple[str, Mapping[str, Any]]]:
    computer = policy["computer"] or {}
    if wired := computer.get("wired"):
        yield "filaire", wired
    for ssid, network in computer.get("wireless", {}).get("ssids", {}).items():
        yield f"Wi-Fi {ssid}", network


def _settings(policy: DirectoryPolicy) -> Mapping[str, Any]:
    settings: Mapping[str, Any] = (policy["computer"] or {}).get("policies", {})
    return settings


def _minutes(seconds: int) -> int:
    """Give the minutes of a timer: never more than the seconds, 0 is *never* for both."""
    return 0 if seconds == 0 else min(max(1, seconds // 60), _LONGEST)


def _der(pem: str) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509 import load_pem_x509_certificate

    return load_pem_x509_certificate(pem.encode()).public_bytes(Encoding.DER)


def signed(content: bytes, certificate: bytes, key: bytes, passphrase: str = "") -> bytes:
    """Sign a profile, as CMS around it (DER). Raises `NotMade`."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key, pkcs7
    from cryptography.x509 import load_pem_x509_certificates

    try:
        own, *chain = load_pem_x509_certificates(certificate)
        private = load_pem_private_key(key, passphrase.encode() or None)
        if private.public_key() != own.public_key():
            raise ValueError("la clé n’est pas celle du certificat")
        builder = pkcs7.PKCS7SignatureBuilder().set_data(content).add_signer(own, private, SHA256())  # type: ignore[arg-type]
        for other in chain:
            builder = builder.add_certificate(other)
        return builder.sign(Encoding.DER, [pkcs7.PKCS7Options.Binary])
    except (ValueError, TypeError) as error:
        raise NotMade("le profil ne se signe pas", why=str(error), todo="Vérifiez certificat et clé.") from error
