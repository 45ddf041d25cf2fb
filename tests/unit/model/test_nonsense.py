"""Values that have the type of their key and no sense are refused, with their words."""

from __future__ import annotations

from typing import Any, get_type_hints

import pytest
from pydantic import TypeAdapter, ValidationError

from piste.town.model.directory.form import WmiQuery
from piste.town.model.firmware import ApprovedFirmware
from piste.town.model.flows.form import Administrators
from piste.town.model.sobriety.form import SobrietyTarget
from piste.town.model.variables import TownLevel


@pytest.mark.parametrize(
    ("form", "given", "said"),
    [
        (WmiQuery, {"query": "1999-13-45"}, "une requête WQL"),
        (Administrators, {"meraki": ["1999-13-45"]}, "une adresse électronique"),
        (ApprovedFirmware, {"versions": ["1999-13-45"], "approved": "2026-06-22"}, "une version comme le système"),
        (ApprovedFirmware, {"versions": ["la dernière"], "approved": "2026-06-22"}, "une version comme le système"),
        (SobrietyTarget, {"at_least": -101}, "rien ne baisse de plus de 100 %"),
        (SobrietyTarget, {"at_least": 20, "at_most": 10}, "ne se peuvent ensemble"),
    ],
)
def test_a_value_without_sense_is_refused(form: Any, given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        form.model_validate(given)


@pytest.mark.parametrize(
    ("form", "given"),
    [
        (WmiQuery, {"query": "SELECT * FROM Win32_OperatingSystem WHERE ProductType = '1'"}),
        (WmiQuery, {"query": "select Name from Win32_Battery"}),
        (Administrators, {"meraki": ["dsi@ville.example"], "smc": ["autre administrateur"]}),
        (ApprovedFirmware, {"versions": ["switch-17-1", "9.3(13)", "MR 31.1.2", "7.5"], "approved": "2026-06-22"}),
        (SobrietyTarget, {"at_least": -25, "at_most": -15}),
    ],
)
def test_a_value_with_sense_is_taken(form: Any, given: dict[str, Any]) -> None:
    form.model_validate(given)


def test_the_version_of_the_model_is_a_number() -> None:
    kind = TypeAdapter(get_type_hints(TownLevel, include_extras=True)["piste_model"])
    assert kind.validate_python(1) == 1
    with pytest.raises(ValidationError):
        kind.validate_python(True)
