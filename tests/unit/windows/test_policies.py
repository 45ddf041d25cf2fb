"""Named policies: the table, and the way from names to `Registry.pol` and back."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from piste.systems.windows.gpo import registry_pol
from piste.systems.windows.gpo.part import Content
from piste.systems.windows.gpo.policies import Names, Policies
from piste.systems.windows.gpo.policy import Flag, Lines, Listing, Number, Policy, Text, Words
from piste.systems.windows.gpo.policy_table import TABLE
from piste.systems.windows.gpo.registry import Registry
from piste.systems.windows.gpo.registry_pol import Entry
from tests.unit.windows.support import NOBODY, side

SLEEP = "Software\\Policies\\Microsoft\\Power\\PowerSettings\\29F6C1DB-86DA-48C5-9FDB-F2B67B1F44DA"
AU = "Software\\Policies\\Microsoft\\Windows\\WindowsUpdate\\AU"
PART = Policies(Names(TABLE))
EDGE = "Software\\Policies\\Microsoft\\Edge"


def example(policy: Policy) -> Any:
    """Make a value that the policy admits."""
    form = policy.elements[""].form
    if isinstance(form, Number):
        return form.high
    if isinstance(form, Flag):
        return False
    if isinstance(form, Words):
        return next(iter(form.words))
    if isinstance(form, Text):
        return "é" * min(form.longest, 12)
    if isinstance(form, Lines):
        return ["un", "deux"]
    assert isinstance(form, Listing)
    if form.naming != "named":
        return ["un", "deux"]
    names = list(form.names)[:2] or ["un", "deux"]
    return dict.fromkeys(names, next(iter(form.words), "0"))


def test_the_table_has_what_a_town_needs_each_name_once_and_each_value_under_one_name() -> None:
    assert len(TABLE) >= 80
    areas = {policy.name.split(".")[0] for policy in TABLE}
    assert areas >= {
        "power", "screen_lock", "windows_update", "defender", "office", "onedrive", "edge", "logon", "removable_media",
        "telemetry", "remote_desktop", "smb", "laps", "print",
    }  # fmt: skip
    assert [name for name, count in Counter(policy.name for policy in TABLE).items() if count > 1] == []
    places = Counter((where, policy.elements[""].place) for policy in TABLE for where in policy.sides)
    assert [place for place, count in places.items() if count > 1] == []


@pytest.mark.parametrize("policy", TABLE, ids=lambda policy: policy.name)
def test_every_policy_comes_back_from_what_it_writes(policy: Policy) -> None:
    part, where = PART, sorted(policy.sides)[0]
    content = Content(side=where, gpo="")
    desired = {policy.name: example(policy)}
    assert part.check(desired, f"{where}.policies", NOBODY) == []
    part.put(content, None, desired, NOBODY)
    assert content.registry
    assert part.take(content, NOBODY) == desired
    assert content.registry == []


@pytest.mark.parametrize(
    ("name", "value", "entry"),
    [
        ("power.sleep_after_ac", 600, registry_pol.make(SLEEP, "ACSettingIndex", "dword", 600)),
        ("defender.real_time", True, registry_pol.make("Software\\Policies\\Microsoft\\Windows Defender\\Real-Time"
            " Protection", "DisableRealtimeMonitoring", "dword", 0)),
        ("windows_update.mode", "schedule", registry_pol.make(AU, "AUOptions", "dword", 4)),
        ("windows_update.automatic", True, registry_pol.make(AU, "NoAutoUpdate", "dword", 0)),
        ("start_menu.no_run", False, registry_pol.deletion("Software\\Microsoft\\Windows\\CurrentVersion\\Policies"
            "\\Explorer", "NoRun")),
        ("screen_lock.timeout", 600, registry_pol.make("Software\\Policies\\Microsoft\\Windows\\Control Panel\\Desktop",
            "ScreenSaveTimeOut", "sz", "600")),
    ],
)  # fmt: skip
def test_a_policy_writes_the_value_that_its_admx_says(name: str, value: Any, entry: Entry) -> None:
    (policy,) = [policy for policy in TABLE if policy.name == name]
    assert policy.write(value) == [entry]


def test_a_list_empties_its_key_first_and_is_replaced_whole() -> None:
    content, part = side(), PART
    before = {"edge.extension_blocklist": ["*"]}
    after = {"edge.extension_blocklist": ["a", "b"], "power.sleep_after_ac": 600}
    part.put(content, None, before, NOBODY)
    part.put(content, before, after, NOBODY)
    key = f"{EDGE}\\ExtensionInstallBlocklist"
    assert content.registry == [
        registry_pol.clearing(key), registry_pol.make(key, "1", "sz", "a"), registry_pol.make(key, "2", "sz", "b"),
        registry_pol.make(SLEEP, "ACSettingIndex", "dword", 600),
    ]  # fmt: skip
    assert part.take(content, NOBODY) == after


def test_a_change_and_a_removal_leave_everything_else_in_its_place() -> None:
    stranger, orders = registry_pol.make(AU, "Autre", "dword", 1), registry_pol.clearing("Software\\Policies\\Ville")
    mode, hour = (
        registry_pol.make(AU, *value) for value in (("AUOptions", "dword", 4), ("ScheduledInstallTime", "dword", 3))
    )
    content, part = side(stranger, mode, orders, hour), PART
    before = {"windows_update.mode": "schedule", "windows_update.schedule_hour": 3}
    part.put(content, before, {"windows_update.mode": "notify"}, NOBODY)
    assert content.registry == [stranger, registry_pol.make(AU, "AUOptions", "dword", 2), orders]


def test_a_value_that_no_word_says_stays_raw() -> None:
    odd = registry_pol.make(AU, "AUOptions", "dword", 99)
    wrong_type = registry_pol.make(SLEEP, "ACSettingIndex", "sz", "600")
    unknown = Entry(AU, "NoAutoUpdate", 6, b"")
    content = side(odd, wrong_type, unknown)
    assert PART.take(content, NOBODY) is None
    assert content.registry == [odd, wrong_type, unknown]


def test_a_live_value_is_recognised_whatever_the_case_of_its_key() -> None:
    content = side(registry_pol.make(SLEEP.upper(), "acsettingindex", "dword", 600))
    assert PART.take(content, NOBODY) == {"power.sleep_after_ac": 600}


def test_a_policy_of_the_other_side_is_not_recognised() -> None:
    content = Content(side="user", gpo="", registry=[registry_pol.make(SLEEP, "ACSettingIndex", "dword", 600)])
    assert PART.take(content, NOBODY) is None


@pytest.mark.parametrize(
    ("where", "name", "value", "message"),
    [
        ("computer", "power.sleep_after", 600, "stratégie inconnue, vouliez-vous dire « power.sleep_after_"),
        ("user", "power.sleep_after_ac", 600, "cette stratégie s’écrit sous computer"),
        ("computer", "power.sleep_after_ac", "600", "un nombre entier de 0 à 4294967295 est attendu"),
        ("computer", "power.lid_ac", "dormir", "un de ces mots est attendu : nothing, sleep, hibernate, shutdown"),
        ("computer", "windows_update.automatic", 1, "true ou false est attendu"),
        ("computer", "windows_update.release", "22H2bis", "un texte d’au plus 4 caractères"),
        ("computer", "edge.startup_urls", "https://ville.test", "une liste de textes"),
        ("computer", "defender.asr_rules", {"bloquer": "block"}, "« bloquer » est inconnu ; noms :"),
        ("computer", "defender.asr_rules", {"block_wmi_persistence": "non"}, "« non » n’est pas admis"),
        ("computer", "smb.client_block_ntlm_except", ["a", 1], "une liste de textes"),
    ],
)  # fmt: skip
def test_a_fault_is_found_before_anything_is_written(where: str, name: str, value: Any, message: str) -> None:
    path = f"config[Ville].{where}.policies"
    (fault,) = PART.check({name: value}, path, NOBODY)
    assert fault.path == f"{path}[{name}]"
    assert message in fault.message


def test_a_raw_value_that_has_a_name_is_refused_with_its_name() -> None:
    raw = {f"{SLEEP}!ACSettingIndex": {"type": "dword", "data": 600}}
    (fault,) = Registry(named=(PART,)).check(raw, "computer.registry", NOBODY)
    assert "déclarez-les sous « policies » (« power.sleep_after_ac »)" in fault.message
    odd = {f"{SLEEP}!ACSettingIndex": {"type": "sz", "data": "600"}}
    assert Registry(named=(PART,)).check(odd, "computer.registry", NOBODY) == []
