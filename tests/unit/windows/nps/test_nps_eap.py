"""EAP methods: exactly the bytes of recorded exports, with another thumbprint."""

import pytest

from piste.systems.windows.nps import eap
from piste.systems.windows.nps.eap import Configured

ONE, OTHER = "AB" * 20, "CD" * 20
RECORDED_PEAP = (
    "19000000000000000000000000000000"
    "38000000"
    "02000000"
    "38000000"
    "01000000"
    "14000000" + ONE.lower() + "01000000"
    "01000000"
    "10000000"
    "1a000000"
    "00000000"
)
SOME_TLS = eap.kind(eap.TLS) + "7A" * 20 + "14000000" + ONE + "7B" * 9
"""Meaningless bytes around the recorded part: the length and the thumbprint."""


def test_peap_is_the_recorded_blob() -> None:
    assert eap.made(eap.PEAP, Configured(ONE, True)) == RECORDED_PEAP
    assert eap.read(RECORDED_PEAP.upper()) == Configured(ONE, True)
    assert eap.read(eap.made(eap.PEAP, Configured(ONE, False))) == Configured(ONE, False)


def test_the_thumbprint_stands_where_renewal_scripts_put_it() -> None:
    assert eap.made(eap.PEAP, Configured(ONE)).index(ONE.lower()) == 72
    assert eap.read(SOME_TLS) == Configured(ONE)
    assert SOME_TLS.index(ONE) == 80


def test_eap_tls_is_only_ever_copied() -> None:
    with pytest.raises(ValueError, match="13"):
        eap.made(eap.TLS, Configured(ONE))


def test_another_certificate_changes_its_thumbprint_alone() -> None:
    strange = f"{SOME_TLS}deadbeef".lower()
    assert eap.changed(strange, Configured(OTHER)) == strange.replace(ONE.lower(), OTHER.lower())
    flags = RECORDED_PEAP.replace("01000000140000", "05000000140000")
    assert eap.changed(flags, Configured(OTHER, False)) == flags.replace(ONE.lower(), OTHER.lower()).replace(
        "0500000014", "0400000014"
    )


@pytest.mark.parametrize(
    "blob",
    [
        "",
        "zz",
        RECORDED_PEAP[:-2],
        RECORDED_PEAP.replace("1a000000", "0d000000"),
        RECORDED_PEAP.replace("14000000", "20000000"),
        eap.kind(eap.TLS),
        eap.kind(43) + "00000000",
        "1900000000000000000000000000000138000000",
    ],
)
def test_another_form_is_not_read(blob: str) -> None:
    assert eap.read(blob) is None


def test_a_method_without_configuration_has_none() -> None:
    with pytest.raises(ValueError, match="26"):
        eap.made(26, Configured(ONE))
