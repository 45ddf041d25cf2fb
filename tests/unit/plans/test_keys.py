"""Seal of a station's files: the environment's inventory gives its key, in a subprocess."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path

import pytest

from piste.engine.converge.secrets import Vault
from piste.runs.plans.keys import NoKey, seal


def secrets(folder: Path, **values: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "secrets.json").write_text(json.dumps({name.replace("_", "/"): text for name, text in values.items()}))


def test_the_seal_is_that_of_the_key_for_one_purpose(lab_folder: Path) -> None:
    secrets(lab_folder, piste_fingerprint="une clé tirée au hasard")
    own = hmac.digest("une clé tirée au hasard".encode(), b"plan", "sha512")
    assert seal("lab", "plan", b"x\xff") == hmac.new(own, b"x\xff", hashlib.sha256).hexdigest()


def test_a_fingerprint_is_never_the_key_of_a_seal(lab_folder: Path) -> None:
    key = "une clé tirée au hasard"
    secrets(lab_folder, piste_fingerprint=key)
    known = Vault({"piste/fingerprint": key}).fingerprint("plan")
    assert seal("lab", "plan", b"x") != hmac.new(bytes.fromhex(known), b"x", hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    ("environment", "values", "said"),
    [
        ("lab", {}, "la clé piste/fingerprint de « lab » manque"),
        ("lab", {"piste_fingerprint": "courte"}, "la clé piste/fingerprint de « lab » est trop courte"),
        ("production", {}, r"les secrets de « production » ne s’ouvrent pas\. 'vault_piste_secrets' is undefined"),
    ],
)
def test_without_a_key_there_is_no_seal_and_the_refusal_says_what_to_do(
    environment: str, values: dict[str, str], said: str, lab_folder: Path
) -> None:
    secrets(lab_folder, **values)
    with pytest.raises(NoKey, match=rf"PISTE-E049 {said}.*Il faut piste/fingerprint dans le coffre") as refusal:
        seal(environment, "plan", b"x")
    assert refusal.value.kind == "refused"
