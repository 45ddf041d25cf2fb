"""The verb `piste computers mac`: what the profile has, what it refuses, its signature."""

from __future__ import annotations

import plistlib
import subprocess
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

from piste.cli import main
from piste.systems.windows.gpo.dot1x_profile import thumbprint
from piste.town import declared


def authority(folder: Path, name: str) -> Path:
    """Write a certificate and its key; give the certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(7).not_valid_before(now).not_valid_after(now + timedelta(days=9)).sign(key, SHA256())
    )  # fmt: skip
    path = folder / f"{name}.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret = path.with_suffix(".key")
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                         serialization.BestAvailableEncryption(b"phrase")))  # fmt: skip
    secret.chmod(0o600)
    return path


@pytest.fixture
def ca(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The authority that the networks of the town trust."""
    monkeypatch.chdir(tmp_path)
    path = authority(tmp_path, "ca")
    town = deepcopy(declared.sound("lab"))
    assert town.commune
    for policy in town.commune["directory"]["policies"]:
        computer: dict[str, Any] = policy["computer"] or {}
        for network in (computer.get("wired"), *computer.get("wireless", {}).get("ssids", {}).values()):
            if network:
                network["trusted_roots"] = [thumbprint(path.read_text())]
    monkeypatch.setattr(declared, "derived", lambda environment: town)
    return path


def run(*arguments: str, given: str = "") -> Result:
    return CliRunner().invoke(main, ["computers", "mac", *arguments], input=given)


def test_a_mac_has_the_networks_and_the_sleep_of_the_others(ca: Path, tmp_path: Path) -> None:
    done = run("--authority", str(ca))
    assert done.exit_code == 0, done.output
    profile = plistlib.loads((tmp_path / "postes-mac.mobileconfig").read_bytes())
    by_type: dict[str, list[dict[str, Any]]] = {}
    for payload in profile["PayloadContent"]:
        by_type.setdefault(payload["PayloadType"], []).append(payload)
    (wired,), (root,), (own,), (energy,) = (
        by_type[f"com.apple.{kind}"]
        for kind in ("firstactiveethernet.managed", "security.root", "ADCertificate.managed", "MCX")
    )
    assert [wifi["SSID_STR"] for wifi in by_type["com.apple.wifi.managed"]] == ["VLB-Agents", "VLB-Police"]
    for network in (wired, *by_type["com.apple.wifi.managed"]):
        eap = network["EAPClientConfiguration"]
        assert (eap["AcceptEAPTypes"], eap["TLSAllowTrustExceptions"]) == ([13], False)
        assert eap["TLSTrustedServerNames"] == ["hdv-nps1.ad.lebourget.example", "hdv-nps2.ad.lebourget.example"]
        assert eap["PayloadCertificateAnchorUUID"] == [root["PayloadUUID"]]
        assert network["PayloadCertificateUUID"] == own["PayloadUUID"]
    assert (own["CertTemplate"], own["KeyIsExtractable"]) == ("PosteMac", False)
    assert energy["com.apple.EnergySaver.desktop.ACPower"] == {"System Sleep Timer": 10, "Display Sleep Timer": 5}
    identifiers = [payload["PayloadUUID"] for payload in (profile, *profile["PayloadContent"])]
    assert len(identifiers) == len({*identifiers})
    assert profile["PayloadScope"] == "System"
    content = (tmp_path / "postes-mac.mobileconfig").read_text()
    assert "Password" not in content
    assert "UserName" not in content
    assert "802.1X - Postes" in done.output
    assert "Parité mesurée : 5 réglages sur" in done.output
    assert run("--authority", str(ca)).output.startswith("postes-mac.mobileconfig : déjà ainsi.")


def test_a_network_that_trusts_another_authority_is_refused(ca: Path, tmp_path: Path) -> None:
    refused = run("--authority", str(authority(tmp_path, "autre")))
    assert refused.exit_code == 4
    for name in ("filaire", "Wi-Fi VLB-Agents", "Wi-Fi VLB-Police"):
        assert f"{name} : l’autorité donnée n’est pas la seule qu’il croit" in refused.output
    assert not (tmp_path / "postes-mac.mobileconfig").exists()


def test_a_signed_profile_verifies_and_a_changed_byte_does_not(ca: Path, tmp_path: Path) -> None:
    signer = authority(tmp_path, "signature")
    done = run("--authority", str(ca), "--certificate", str(signer), "--key", str(signer.with_suffix(".key")),
               "--passphrase", given="phrase\n")  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "signé" in done.output
    profile = tmp_path / "postes-mac.mobileconfig"
    verify = ["openssl", "cms", "-verify", "-inform", "DER", "-CAfile", str(signer), "-purpose", "any"]
    said = subprocess.run([*verify, "-in", str(profile)], capture_output=True, check=False)
    assert said.returncode == 0, said.stderr
    assert plistlib.loads(said.stdout)["PayloadType"] == "Configuration"
    profile.write_bytes(profile.read_bytes().replace(b"VLB-Agents", b"VLB-Agentz", 1))
    assert subprocess.run([*verify, "-in", str(profile)], capture_output=True, check=False).returncode != 0


def test_a_wrong_key_or_phrase_signs_nothing(ca: Path, tmp_path: Path) -> None:
    signer, other = authority(tmp_path, "signature"), authority(tmp_path, "voisin")
    keys = ((other.with_suffix(".key"), "phrase"), (signer.with_suffix(".key"), "fausse"))
    for key, phrase in keys:
        refused = run("--authority", str(ca), "--certificate", str(signer), "--key", str(key), "--passphrase",
                      given=f"{phrase}\n")  # fmt: skip
        assert (refused.exit_code, "le profil ne se signe pas" in refused.output) == (4, True)
    signer.with_suffix(".key").chmod(0o644)
    open_key = run("--authority", str(ca), "--certificate", str(signer), "--key", str(signer.with_suffix(".key")))
    assert "se lit d’autres comptes" in open_key.output
    assert not (tmp_path / "postes-mac.mobileconfig").exists()
