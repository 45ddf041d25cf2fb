"""The judgment of a supply: its status, the age of a battery by the dates of dumps."""

from __future__ import annotations

from datetime import date

import pytest

from piste.systems.ups.judgment import trial

TODAY = date(2026, 11, 27)
SOUND = {"ups.status": "OL", "battery.charge": "100", "battery.runtime": "1800", "ups.load": "23"}


def observed(**dates: str) -> str:
    read = {**SOUND, **{name.replace("_", "."): value for name, value in dates.items()}}
    return trial({"name": "ups", "runtime_minutes": 10, "battery_until": None}, read, TODAY)["observed"]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2019/01/31", "31/01/2019"), ("2019-01-31", "31/01/2019"), ("01/31/19", "31/01/2019"),
        ("31/01/19", "31/01/2019"), ("01/31/2019", "31/01/2019"), ("20190131", "31/01/2019"),
        ("01312019", "31/01/2019"), ("31012019", "31/01/2019"),
        # Two readings of a date: the younger.
        ("02/01/19", "01/02/2019"),
    ],
)  # fmt: skip
def test_a_date_is_read_in_the_forms_of_real_supplies(text: str, day: str) -> None:
    assert observed(battery_date=text) == f"batterie du {day}, plus de 4 ans"
    assert observed(battery_mfr_date=text) == f"batterie du {day}, plus de 4 ans"


@pytest.mark.parametrize("text", ["not set", "2001/00/00", "CPS", "", "2031/01/01", "1970/01/01", "01/01/00x"])
def test_a_date_that_is_none_is_said(text: str) -> None:
    assert observed(battery_date=text).endswith("30 minutes ; l’âge de la batterie n’est pas dit")
    assert observed(battery_date=text, battery_mfr_date="2019/01/31") == "batterie du 31/01/2019, plus de 4 ans"


def test_the_date_of_a_change_comes_before_that_of_the_making() -> None:
    assert observed(battery_date="2025/01/31", battery_mfr_date="2015/01/31").endswith("30 minutes")


@pytest.mark.parametrize(
    ("status", "said"), [("OL FSD", "arrêt forcé : ce qu’il secourt s’éteint"), ("OL OVER", "surchargé")]
)
def test_a_word_of_the_status_that_is_a_fault_is_said(status: str, said: str) -> None:
    read = {**SOUND, "ups.status": status}
    judged = trial({"name": "ups", "runtime_minutes": 10, "battery_until": None}, read, TODAY)
    assert (judged["state"], judged["observed"]) == ("wrong", said)


@pytest.mark.parametrize(
    ("charge", "state"), [("102.3", "ok"), ("120", "unknown"), ("255", "unknown"), ("-197.6", "unknown")]
)
def test_a_charge_that_no_battery_has_is_no_charge(charge: str, state: str) -> None:
    read = {**SOUND, "battery.charge": charge, "battery.date": "2025/01/31"}
    judged = trial({"name": "ups", "runtime_minutes": 10, "battery_until": None}, read, TODAY)
    assert judged["state"] == state
