"""Named policies of energy: sleep, display, batteries.

Columns: :func:`piste.windows.gpo.policy.policy`. Durations are in seconds, 0 for never;
``_ac`` is on mains, ``_dc`` on battery.
"""

from __future__ import annotations

from typing import Final

from piste.windows.gpo.policy import COMPUTER, USER, Flag, Form, Number, Policy, Words, policy

_SPM = r"Software\Policies\Microsoft"
_POWER = rf"{_SPM}\Power\PowerSettings"
_WINDOWS = rf"{_SPM}\Windows"

_FLAG: Final = Flag(1, 0)
_TICKED: Final = Flag(1, None)  # without values of its own: enabled is 1, disabled takes the value away
_SECONDS: Final = Number()
_PERCENT: Final = Number(0, 100)
_MENU: Final = Words({"sleep": 0, "hibernate": 1, "shutdown": 2})
_BUTTON: Final = Words({"nothing": 0, "sleep": 1, "hibernate": 2, "shutdown": 3})
_PLAN: Final = Words(
    {
        "balanced": "381b4222-f694-41f0-9685-ff5bb260df2e",
        "performance": "8c5e7fda-e8bf-4a96-9a85-a6e23a8c635c",
        "saver": "a1841308-3541-4fab-bc81-f71556f20b4a",
    }
)

# fmt: off
_ON_MAINS_AND_ON_BATTERY: Final[tuple[tuple[str, str, Form], ...]] = (
    ("power.adaptive_display", "90959D22-D6A1-49B9-AF93-BCE885AD335B", _FLAG),
    ("power.apps_may_block_sleep_transitions", "B7A27025-E569-46C2-A504-2B96CAD225A1", _FLAG),
    ("power.apps_may_prevent_sleep", "A4B195F5-8225-47D8-8012-9D41369786E2", _FLAG),
    ("power.dim_after", "17AAA29B-8B43-4B94-AAFE-35F64DAAF1EE", _SECONDS),
    ("power.dim_level", "F1FBFDE2-A960-4165-9F88-50667911CE96", _PERCENT),
    ("power.disk_off_after", "6738E2C4-E8A5-4A42-B16A-E040E769756E", _SECONDS),
    ("power.display_off_after", "3C0BC021-C8A8-4E07-A973-6B14CBCB2B7E", _SECONDS),
    ("power.energy_saver_below", "E69653CA-CF7F-4F05-AA73-CB833FA90AD4", _PERCENT),
    ("power.hibernate_after", "9D7815A6-7EE4-497E-8888-515A05F02364", _SECONDS),
    ("power.hybrid_sleep", "94AC6D29-73CE-41A6-809F-6363BA21B47E", _FLAG),
    ("power.lid", "5CA83367-6E45-459F-A27B-476B1D01C936", _BUTTON),
    ("power.network_in_standby", "F15576E8-98B7-4186-B944-EAFA664402D9", _FLAG),
    ("power.password_on_wake", "0E796BDB-100D-47D6-A2D5-F7D2DAA51F51", _FLAG),
    ("power.power_button", "7648EFA3-DD9C-4E3E-B566-50F929386280", _BUTTON),
    ("power.sleep_after", "29F6C1DB-86DA-48C5-9FDB-F2B67B1F44DA", _SECONDS),
    ("power.sleep_button", "96996BC0-AD50-47EC-923B-6F41874DD9EB", _BUTTON),
    ("power.sleep_states", "ABFC2519-3608-4C2A-94EA-171B0ED546AB", _FLAG),
    ("power.sleep_with_remote_files", "D4C1D4C8-D5CC-43D3-B83E-FC51215CB04D", _FLAG),
    ("power.slide_show", "309DCE9B-BEF4-4119-9921-A851FB12F0F4", _FLAG),
    ("power.start_menu_button", "A7066653-8D6C-40A8-910E-A1F54B84C7E5", _MENU),
    ("power.unattended_sleep_after", "7BC4A2F9-D8FC-4469-B07B-33EB785AACA0", _SECONDS),
)
POLICIES: Final[tuple[Policy, ...]] = (
    *(
        policy(f"{name}_{suffix}", COMPUTER, rf"{_POWER}\{guid}!{suffix.upper()}SettingIndex", form, "Power")
        for name, guid, form in _ON_MAINS_AND_ON_BATTERY
        for suffix in ("ac", "dc")
    ),
    policy("power.active_plan", COMPUTER, rf"{_POWER}!ActivePowerScheme", _PLAN, "Power"),
    policy("power.critical_battery_action", COMPUTER,
           rf"{_POWER}\637EA02F-BBCB-4015-8E2C-A1C7B9C0B546!DCSettingIndex", _BUTTON, "Power"),
    policy("power.critical_battery_level", COMPUTER,
           rf"{_POWER}\9A66D8D7-4FF7-4EF9-B5A2-5A326CA2A469!DCSettingIndex", _PERCENT, "Power"),
    policy("power.fast_startup", COMPUTER, rf"{_WINDOWS}\System!HiberbootEnabled", _FLAG, "WinInit"),
    policy("power.low_battery_action", COMPUTER,
           rf"{_POWER}\D8742DCB-3E6A-4B3C-B3FE-374623CDCF06!DCSettingIndex", _BUTTON, "Power"),
    policy("power.low_battery_level", COMPUTER,
           rf"{_POWER}\8183BA9A-E910-48DA-8769-14AE6DC1170A!DCSettingIndex", _PERCENT, "Power"),
    policy("power.low_battery_warning", COMPUTER,
           rf"{_POWER}\BCDED951-187B-4D05-BCCC-F7E51960C258!DCSettingIndex", _FLAG, "Power"),
    policy("power.password_on_resume", USER, rf"{_WINDOWS}\System\Power!PromptPasswordOnResume", _TICKED, "Power"),
    policy("power.reserve_battery_level", COMPUTER,
           rf"{_POWER}\F3C5027D-CD16-4930-AA6B-90DB844A8F00!DCSettingIndex", _PERCENT, "Power"),
)
# fmt: on
