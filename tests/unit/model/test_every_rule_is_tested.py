"""No rule stands without a case that breaks it."""

from __future__ import annotations

from piste.model import RULES
from tests.unit.model.test_bounds import TEXTS
from tests.unit.model.test_faults_of_access import ACCESS, OUTSIDE_HOURS, PORTS, WIFI
from tests.unit.model.test_faults_of_addressing import NUMBERS
from tests.unit.model.test_faults_of_admission import ADMISSION
from tests.unit.model.test_faults_of_directory import DIRECTORY_CASES, SETTINGS
from tests.unit.model.test_faults_of_flows import FLOW_CASES
from tests.unit.model.test_faults_of_flows import NEEDS as FLOW_NEEDS
from tests.unit.model.test_faults_of_form import FORMS
from tests.unit.model.test_faults_of_hosting import HOSTING_CASES
from tests.unit.model.test_faults_of_names import NAMES
from tests.unit.model.test_faults_of_premises import PREMISES
from tests.unit.model.test_faults_of_printing import PRINTING
from tests.unit.model.test_levers import FAULTS


def test_every_rule_has_a_case() -> None:
    access = [*ACCESS, *ADMISSION]
    domains = [*DIRECTORY_CASES, *SETTINGS, *FLOW_CASES, *FLOW_NEEDS, *HOSTING_CASES, *PREMISES, *PRINTING, *FAULTS]
    cases = [*FORMS, *TEXTS, *NUMBERS, *NAMES, *PORTS, *OUTSIDE_HOURS, *WIFI, *access, *domains]
    assert {f"PISTE-{rule}" for case in cases for rule, *_ in case.faults} == set(RULES)
