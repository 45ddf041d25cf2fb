"""Every rule has a case that breaks it."""

from __future__ import annotations

from piste.town.model import firmware, rules
from piste.town.model.computer_measures import LONGEST, SPAN
from piste.town.model.hosting.rhythm import HOURS, LINEAR
from tests.unit.model.test_access import ACCESS, OUTSIDE_HOURS, PORTS, WIFI
from tests.unit.model.test_addressing import NUMBERS
from tests.unit.model.test_admission import ADMISSION
from tests.unit.model.test_assets import ASSETS
from tests.unit.model.test_autostart import AUTOSTART_CASES
from tests.unit.model.test_bounds import TEXTS
from tests.unit.model.test_certificates import CERTIFICATES
from tests.unit.model.test_computer_measures import MEASURES
from tests.unit.model.test_computer_updates import CASES as RINGS
from tests.unit.model.test_configurations import CONFIGURATIONS
from tests.unit.model.test_directory import DIRECTORY_CASES, SETTINGS
from tests.unit.model.test_firewall_load import CASES as LOADS
from tests.unit.model.test_firmware import FIRMWARE
from tests.unit.model.test_flow_rules import FLOW_CASES
from tests.unit.model.test_flow_rules import NEEDS as FLOW_NEEDS
from tests.unit.model.test_forms import FORMS
from tests.unit.model.test_hosting import HOSTING_CASES
from tests.unit.model.test_identity import NAMES
from tests.unit.model.test_leases import LEASES
from tests.unit.model.test_life import LIFE
from tests.unit.model.test_links import LINKS
from tests.unit.model.test_logs import LOGS
from tests.unit.model.test_names import DNS_NAMES
from tests.unit.model.test_nexus import NEXUS
from tests.unit.model.test_premises import PREMISES
from tests.unit.model.test_printing import PRINTING
from tests.unit.model.test_protection import PROTECTION
from tests.unit.model.test_radio import FAULTY as RADIO
from tests.unit.model.test_remote_access import ACCESSES
from tests.unit.model.test_restores import RESTORES
from tests.unit.model.test_review_rules import REVIEW
from tests.unit.model.test_routing import ROUTING
from tests.unit.model.test_segmentation import CASES as SEGMENTATION
from tests.unit.model.test_sobriety import FAULTS
from tests.unit.model.test_storage import STORAGE
from tests.unit.model.test_third_parties import RECORDS
from tests.unit.model.test_transfer import FREEZES
from tests.unit.model.test_web_rules import WEB_CASES
from tests.unit.model.test_wifi import TERMS


def test_every_rule_has_a_case() -> None:
    access = [*ACCESS, *ADMISSION, *REVIEW, *ASSETS, *LIFE, *RESTORES]
    domains = [*DIRECTORY_CASES, *SETTINGS, *FLOW_CASES, *FLOW_NEEDS, *HOSTING_CASES, *PREMISES, *PRINTING, *FAULTS]
    domains += [*AUTOSTART_CASES, *SEGMENTATION, *WEB_CASES, *LOADS, *RADIO, *TERMS]
    services = [*RECORDS, *ACCESSES, *ROUTING, *LEASES, *DNS_NAMES, *LINKS, *NEXUS, *FIRMWARE, *CERTIFICATES]
    backups = [*PROTECTION, *CONFIGURATIONS, *STORAGE, *LOGS, *MEASURES, *RINGS, *FREEZES]
    cases = [*FORMS, *TEXTS, *NUMBERS, *NAMES, *PORTS, *OUTSIDE_HOURS, *WIFI, *access, *domains, *services, *backups]
    assert {f"PISTE-{rule}" for case in cases for rule, *_ in case.faults} == set(rules())


def test_the_texts_say_the_values_of_the_code() -> None:
    said = rules()
    assert ", ".join(firmware.SYSTEMS) in said["PISTE-M240"].recommendation
    assert f"de {SPAN} à {LONGEST}" in said["PISTE-M351"].recommendation
    assert f"{', '.join(map(str, HOURS))} ou {LINEAR} et plus" in said["PISTE-M318"].recommendation
