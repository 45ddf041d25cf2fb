"""The lab's Microsoft 365, against Microsoft's own library of sign-in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from lab.instance import Lab
from tests.support.sdk import ROOT, sdk

pytestmark = pytest.mark.skipif(
    not (ROOT / ".cache/microsoft/bin/python").exists(),
    reason="scripts/bootstrap.sh test installe la bibliothèque de Microsoft",
)


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab(tls=True, others=("microsoft",)) as opened:
        yield opened


def test_it_signs_in_by_the_certificate_and_reads_page_by_page(lab: Lab) -> None:
    assert sdk(lab.info, "read", of="microsoft") == {
        "life": 3599, "pages": [2, 2, 2, 1], "machines": 4, "elsewhere": 401,
        "written": [403, "Authorization_RequestDenied"],
    }  # fmt: skip


def test_neither_another_key_nor_another_application_gets_a_token(lab: Lab, tmp_path: Path) -> None:
    key = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "cle.pem").write_bytes(key)
    assert sdk(lab.info, "refused", str(tmp_path / "cle.pem"), of="microsoft") == [
        "invalid_client AADSTS700027", "invalid_client AADSTS700016",
    ]  # fmt: skip
