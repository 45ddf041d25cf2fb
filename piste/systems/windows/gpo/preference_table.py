"""Kinds of Group Policy Preferences with a form in YAML, and the documents of all kinds.

Attributes, defaults and element names: MS-GPPREF 2.2.1.4 to 2.2.1.20. Order of attributes, second labels and icons: as
observed from the editor. GUIDs: MS-GPPREF 1.9 and 2.2.1.1.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from piste.engine.converge.resource import UNSET
from piste.systems.windows.gpo.preference_bodies import GroupName, Members, PlanName, RegistryData, RegistryName, spelt
from piste.systems.windows.gpo.preference_kind import (
    COMPUTER,
    USER,
    Attribute,
    Document,
    Kind,
    Template,
    flag,
    last,
    number,
    text,
    word,
)
from piste.systems.windows.gpo.tasks import TaskBody

POWER_UNIT = 60
"""[belief windows.power_units] Seconds in a unit of a power plan's times.

MS-GPPREF says seconds, but types them in one byte and has examples (display off after 15) that only minutes explain. To
verify once on Windows, with what the editor writes.
"""


# fmt: off
APPLICATIONS = Document("Applications/Applications.xml", "Applications", "{16DB8EC4-EBFC-4958-98EE-712E9DD3A966}",
                        "F9C77450-3A41-477E-9310-9ACD617BD9E3", "0DA274B5-EB93-47A7-AAFB-65BA532D3FE6")
DATA_SOURCES = Document("DataSources/DataSources.xml", "DataSources", "{380F820F-F21B-41ac-A3CC-24D4F80F067B}",
                        "728EE579-943C-4519-9EF7-AB56765798ED", "1612B55C-243C-48DD-A449-FFC097B19776")
DEVICES = Document("Devices/Devices.xml", "Devices", "{4DD26924-3F32-47aa-BF33-36D51BD1E54E}",
                   "1A6364EB-776B-4120-ADE1-B63A406A76B5", "1B767E9A-7BE4-4D35-85C1-2E174A7BA951")
DRIVES = Document("Drives/Drives.xml", "Drives", "{8FDDCC1A-0C3C-43cd-A6B4-71A6DF20DA8C}",
                  "5794DAFD-BE60-433F-88A2-1A31939AC01F", "2EA1A81B-48E5-45E9-8BB7-A6E3AC170006")
ENVIRONMENT = Document("EnvironmentVariables/EnvironmentVariables.xml", "EnvironmentVariables",
                       "{BF141A63-327B-438a-B9BF-2C188F13B7AD}",
                       "0E28E245-9368-4853-AD84-6DA3BA35BB75", "35141B6B-498A-4CC7-AD59-CEF93D89B2CE")
FILES = Document("Files/Files.xml", "Files", "{215B2E53-57CE-475c-80FE-9EEC14635851}",
                 "7150F9BF-48AD-4DA4-A49C-29EF4A8369BA", "3BAE7E51-E3F4-41D0-853D-9BB9FD47605F")
FOLDERS = Document("Folders/Folders.xml", "Folders", "{77CC39E7-3D16-4f8f-AF86-EC0BBEE2C861}",
                   "6232C319-91AC-4931-9385-E70C2B099F0E", "3EC4E9D3-714D-471F-88DC-4DD4471AAB47")
FOLDER_OPTIONS = Document("FolderOptions/FolderOptions.xml", "FolderOptions", "{8AB5F5D7-F676-48ab-A94E-1186E120EFDC}",
                          "A3F3E39B-5D83-4940-B954-28315B82F0A8", "3BFAE46A-7F3A-467B-8CEA-6AA34DC71F53")
INI_FILES = Document("IniFiles/IniFiles.xml", "IniFiles", "{694C651A-08F2-47fa-A427-34C4F62BA207}",
                     "74EE6C03-5363-4554-B161-627540339CAB", "516FC620-5D34-4B08-8165-6A06B623EDEB")
INTERNET = Document("InternetSettings/InternetSettings.xml", "InternetSettings",
                    "{B611EB48-F531-42cd-A1F6-5E0D015377BA}",
                    "E47248BA-94CC-49C4-BBB5-9EB7F05183D0", "5C935941-A954-4F7C-B507-885941ECE5C4")
GROUPS = Document("Groups/Groups.xml", "Groups", "{3125E937-EB16-4b4c-9934-544FC6D24D26}",
                  "17D89FEC-5C44-4972-B12D-241CAEF74509", "79F92669-4224-476C-9C5C-6EFB4D87DF4A")
NETWORK_OPTIONS = Document("NetworkOptions/NetworkOptions.xml", "NetworkOptions",
                           "{09686AD1-5D80-48ee-A940-690A6DF02A90}",
                           "3A0DBA37-F8B2-4356-83DE-3E90BD5C261F", "949FB894-E883-42C6-88C1-29169720E8CA")
NETWORK_SHARES = Document("NetworkShares/NetworkShares.xml", "NetworkShareSettings",
                          "{520870D8-A6E7-47e8-A8D8-E6A4E76EAEC2}",
                          "6A4C88C6-C502-4F74-8F60-2CB23EDC24E2", "BFCBBEB0-9DF4-4C0C-A728-434EA66A0373")
POWER = Document("PowerOptions/PowerOptions.xml", "PowerOptions", "{7B0F9381-C3B8-4525-8167-87349B671D94}",
                 "E62688F0-25FD-4C90-BFF5-F508B9D2E31F", "9AD2BAFE-63B4-4883-A08C-C3C6196BCAFD")
PRINTERS = Document("Printers/Printers.xml", "Printers", "{1F577D12-3D1B-471e-A1B7-060317597B9C}",
                    "BC75B1ED-5833-4858-9BB8-CBF0B166DF9D", "A8C42CEA-CDB8-4388-97F4-5831F933DA84")
REGIONAL = Document("RegionalOptions/RegionalOptions.xml", "Regional", "{BDBA23C2-DE02-434e-8D89-13E53CB6710B}",
                    "E5094040-C46C-4115-B030-04FB2E545B00", "B9CCA4DE-E2B9-4CBD-BF7D-11B6EBFBDDF7")
REGISTRY = Document("Registry/Registry.xml", "RegistrySettings", "{A3CCFC41-DFDB-43a5-8D26-0FE8B954DA51}",
                    "B087BE9D-ED37-454F-AF9C-04291E351182", "BEE07A6A-EC9F-4659-B8C9-0B1937907C83")
TASKS = Document("ScheduledTasks/ScheduledTasks.xml", "ScheduledTasks", "{CC63F200-7309-4ba0-B154-A71CD118DBCC}",
                 "AADCED64-746C-4633-A97C-D61349046527", "CAB54552-DEEA-4691-817E-ED4A4D1AFC72")
SERVICES = Document("Services/Services.xml", "NTServices", "{2CFB484A-4E96-4b5d-A0B6-093D2F91E6AE}",
                    "91FBB303-0CD5-4055-BF42-E512A681B325", "CC5746A9-9B74-4BE5-AE2E-64379C86E0E4")
SHORTCUTS = Document("Shortcuts/Shortcuts.xml", "Shortcuts", "{872ECB34-B2EC-401b-A585-D32574AA90EE}",
                     "C418DD9D-0D14-4EFB-8FBF-CFE535C8FAC7", "CEFFA6E2-E3BD-421B-852C-6F6A79A59BC1")
START_MENU = Document("StartMenuTaskbar/StartMenuTaskbar.xml", "StartMenuTaskbar",
                      "{4C4059E4-2F6E-4630-9CB8-5D9A89252C3B}",
                      "E4F48E54-F38D-4884-BFB9-D4D2E5729C18", "CF848D48-888D-4F45-B530-6A201E62A605")
# fmt: on
DOCUMENTS = (
    APPLICATIONS,
    DATA_SOURCES,
    DEVICES,
    DRIVES,
    ENVIRONMENT,
    FILES,
    FOLDERS,
    FOLDER_OPTIONS,
    INI_FILES,
    INTERNET,
    GROUPS,
    NETWORK_OPTIONS,
    NETWORK_SHARES,
    POWER,
    PRINTERS,
    REGIONAL,
    REGISTRY,
    TASKS,
    SERVICES,
    SHORTCUTS,
    START_MENU,
)  # fmt: skip

_VISIBILITY = {"unchanged": "NOCHANGE", "hide": "HIDE", "show": "SHOW"}
_POWER_ACTIONS = {"nothing": "DO_NOTHING", "sleep": "SLEEP", "hibernate": "HIBERNATE", "shut_down": "SHUT_DOWN"}
_REGISTRY_IMAGES = {"REG_SZ": "7", "REG_EXPAND_SZ": "7", "REG_MULTI_SZ": "7", "REG_DWORD": "12", "REG_QWORD": "12",
                    "REG_BINARY": "17"}  # fmt: skip
_STARTUP = {"unchanged": "NOCHANGE", "automatic": "AUTOMATIC", "boot": "BOOT", "disabled": "DISABLED",
            "manual": "MANUAL", "system": "SYSTEM"}  # fmt: skip
_SERVICE_ACTIONS = {"unchanged": "NOCHANGE", "start": "START", "stop": "STOP", "restart": "RESTART",
                    "restart_if_required": "RESTART_IF_REQUIRED"}  # fmt: skip
_FAILURES = {"nothing": "NOACTION", "restart": "RESTART", "run": "RUNCMD", "reboot": "REBOOT"}
_LOGONS = {"service": "S4U", "interactive": "InteractiveToken", "group": "Group", "account": "ServiceAccount"}


def _drive(key: str) -> str:
    """Normalise a drive: `p` and `P:` are `P:`."""
    letter = key[:1].upper()
    rest = key[1:].removeprefix(":")
    if not ("A" <= letter <= "Z") or rest[:1] not in ("", " "):
        raise ValueError(key)
    return f"{letter}:{rest}"


def _shared(attributes: Mapping[str, str], name: str = "path") -> str:
    return last(attributes.get(name, ""))


def _power(name: str, wire: str, doc: str) -> tuple[Attribute, ...]:
    """A time on mains and on battery, in seconds."""
    return tuple(
        number(
            f"{name}_{way.lower()}",
            f"{doc} ({_WAYS[way]}), in seconds; 0 for never.",
            f"{wire}{way}",
            maximum=255,
            unit=POWER_UNIT,
        )
        for way in _WAYS
    )


def _power_percent(name: str, wire: str, doc: str) -> tuple[Attribute, ...]:
    return tuple(
        number(f"{name}_{way.lower()}", f"{doc} ({_WAYS[way]}), in %.", f"{wire}{way}", maximum=100) for way in _WAYS
    )


def _power_word(name: str, wire: str, doc: str) -> tuple[Attribute, ...]:
    return tuple(word(f"{name}_{way.lower()}", f"{doc} ({_WAYS[way]}).", _POWER_ACTIONS, f"{wire}{way}")
                 for way in _WAYS)  # fmt: skip


def _power_flag(name: str, wire: str, doc: str, on: str = "ON", off: str = "OFF") -> tuple[Attribute, ...]:
    return tuple(
        flag(f"{name}_{way.lower()}", f"{doc} ({_WAYS[way]}).", f"{wire}{way}", default=UNSET, on=on, off=off)
        for way in _WAYS
    )


_WAYS = {"AC": "on mains", "DC": "on battery"}
_TASK = (
    text("run_as", "Account that it runs as; one of the system's, or %LogonDomain%\\%LogonUser%.", "runAs",
         default="NT AUTHORITY\\System"),
    word("logon_type", "How that account logs on.", _LOGONS, "logonType", default="service"),
)  # fmt: skip


def _power_values(value: Mapping[str, Any]) -> str:
    odd = [name for name, seconds in value.items() if name.endswith(("_ac", "_dc")) and type(seconds) is int
           and not name.startswith(("processor", "low", "critical")) and seconds % POWER_UNIT]  # fmt: skip
    return f"une durée se donne en multiples de {POWER_UNIT} s : {', '.join(odd)}" if odd else ""


KINDS = (
    Kind(
        "drive_maps", "Mapped drives, by letter.", DRIVES, "Drive", "{935D1B74-9CB8-4e3c-9914-7DD559B7A417}",
        Template("{letter}:", {"useLetter": "1"}),
        (
            text("path", "Share, as a UNC path.", default=""),
            text("label", "Label shown.", default=""),
            flag("persistent", "Reconnect at each log-on.", default=False),
            word("visibility", "Visibility of this drive.", _VISIBILITY, "thisDrive", default="unchanged"),
            word("other_drives", "Visibility of all drives.", _VISIBILITY, "allDrives", default="unchanged"),
        ),
        ("action", "thisDrive", "allDrives", "userName", "path", "label", "persistent", "useLetter", "letter"),
        USER, lambda a: f"{a['letter']}:", lambda a: f"{a['letter']}:", normalise_key=_drive,
    ),
    Kind(
        "shared_printers", "Shared printers, by UNC path.", PRINTERS, "SharedPrinter",
        "{9A5E9697-9095-436d-A0EE-4D128FDFBCE5}", Template("{path}"),
        (
            text("location", "Where it is.", default=""),
            text("comment", "Comment.", default=""),
            flag("default", "Make it the default printer."),
            flag("unless_local", "Not as default where a local printer is there.", "skipLocal"),
            flag("delete_all", "Delete all shared printers (action delete).", "deleteAll"),
            flag("persistent", "Reconnect a local port at each log-on."),
            flag("delete_maps", "Delete what all local ports are mapped to (action delete).", "deleteMaps"),
            text("port", "Local port to map.", default=""),
        ),
        ("action", "comment", "path", "location", "default", "skipLocal", "deleteAll", "persistent", "deleteMaps",
         "port"),
        USER, _shared, _shared,
    ),
    Kind(
        "tcp_printers", "Printers on the network, by address.", PRINTERS, "PortPrinter",
        "{C3A739D2-4A44-401e-9F9D-88E5E77DFB3E}", Template("{ipAddress}"),
        (
            text("name", "Local name.", "localName", default=""),
            text("path", "Shared printer that the driver is taken from, as a UNC path.", default=""),
            flag("dns", "The address is a name.", "useDNS"),
            flag("ipv6", "The address is IPv6.", "useIPv6"),
            text("location", "Where it is.", default=""),
            text("comment", "Comment.", default=""),
            flag("default", "Make it the default printer."),
            flag("unless_local", "Not as default where a local printer is there.", "skipLocal"),
            flag("delete_all", "Delete all network printers (action delete).", "deleteAll"),
            word("protocol", "Protocol.", {"raw": "PROTOCOL_RAWTCP_TYPE", "lpr": "PROTOCOL_LPR_TYPE"}),
            number("port", "TCP port.", "portNumber", maximum=65535),
            text("queue", "Queue (lpr).", "lprQueue"),
            flag("double_spool", "Spool twice (lpr).", "doubleSpool", default=UNSET),
            flag("snmp", "Ask its state by SNMP.", "snmpEnabled", default=UNSET),
            text("snmp_community", "SNMP community.", "snmpCommunity"),
            number("snmp_index", "SNMP device index.", "snmpDevIndex"),
        ),
        ("ipAddress", "action", "location", "localName", "comment", "default", "skipLocal", "useDNS", "useIPv6",
         "path", "deleteAll", "lprQueue", "snmpCommunity", "protocol", "portNumber", "doubleSpool", "snmpEnabled",
         "snmpDevIndex"),
        label=lambda a: a["ipAddress"], status=lambda a: a["ipAddress"],
    ),
    Kind(
        "scheduled_tasks", "Scheduled tasks, by name.", TASKS, "TaskV2", "{D8896631-B747-47a7-84A6-C155337F3BC8}",
        Template("{name}"), _TASK, ("action", "name", "runAs", "logonType"), body=TaskBody(),
    ),
    Kind(
        "immediate_tasks", "Tasks that run once, at the next refresh, by name.", TASKS, "ImmediateTaskV2",
        "{9756B581-76EC-4169-9AFC-0CA8D43ADB5F}", Template("{name}"), _TASK,
        ("action", "name", "runAs", "logonType"), body=TaskBody(),
    ),
    Kind(
        "local_groups", "Groups of the computer, by name (BUILTIN\\Administrators for one that Windows brings).",
        GROUPS, "Group", "{6D4A79E4-529C-4481-ABD0-F5BD7EA93BA7}", GroupName(),
        (
            text("new_name", "New name (action update).", "newName", default=""),
            text("comment", "What it is for.", "description", default=""),
            word("current_user", "What to do with who is logged on.", {"none": "", "add": "ADD", "remove": "REMOVE"},
                 "userAction", default="none"),
            flag("remove_users", "Remove all user accounts first.", "deleteAllUsers"),
            flag("remove_groups", "Remove all groups first.", "deleteAllGroups"),
            flag("keep_current_user", "Leave who is logged on as he is.", "removeAccounts"),
        ),
        ("action", "newName", "description", "userAction", "deleteAllUsers", "deleteAllGroups", "removeAccounts",
         "groupSid", "groupName"),
        label=lambda a: a["groupName"], body=Members(),
    ),
    Kind(
        "local_users", "Accounts of the computer, by name; never with a password, which could not be kept secret.",
        GROUPS, "User", "{DF5F1855-51E5-4d24-8B1A-D9BDE98BA1D1}", Template("{userName}"),
        (
            text("new_name", "New name (action update).", "newName", default=""),
            text("full_name", "Full name.", "fullName", default=""),
            text("comment", "What it is for.", "description", default=""),
            flag("must_change", "Its password must be changed at the next log-on.", "changeLogon"),
            flag("cannot_change", "It may not change its password.", "noChange"),
            flag("never_expires", "Its password never expires.", "neverExpires"),
            flag("account_disabled", "The account is disabled.", "acctDisabled"),
            text("expires", "Day that it expires (YYYY-MM-DD)."),
        ),
        ("action", "newName", "fullName", "description", "changeLogon", "noChange", "neverExpires", "acctDisabled",
         "userName"),
        label=lambda a: a["userName"],
    ),
    Kind(
        "registry", "Registry values, by HKLM\\Key!Value.", REGISTRY, "Registry",
        "{9CD4B2F4-923D-47f5-A062-E897DD1DAD50}", RegistryName(),
        (
            flag("decimal", "The editor shows it in decimal.", "displayDecimal"),
        ),
        ("action", "displayDecimal", "default", "hive", "key", "name", "type", "value"),
        label=lambda a: a.get("name") or last(a["key"]), status=lambda a: a.get("name") or last(a["key"]),
        image=lambda a: _REGISTRY_IMAGES.get(a.get("type", ""), "2"), body=RegistryData(), normalise_key=spelt,
    ),
    Kind(
        "files", "Files copied, by target path.", FILES, "File", "{50BE44C8-567A-4ed1-B1D0-9234FE1F38AF}",
        Template("{targetPath}"),
        (
            text("source", "Where to copy from.", "fromPath", default=""),
            flag("read_only", "Read only.", "readOnly"),
            flag("archive", "To archive."),
            flag("hidden", "Hidden."),
            flag("suppress", "Pass over the error of one file.", default=UNSET),
        ),
        ("action", "fromPath", "targetPath", "readOnly", "archive", "hidden", "suppress"),
        label=lambda a: _shared(a, "targetPath"), status=lambda a: _shared(a, "targetPath"),
    ),
    Kind(
        "folders", "Folders, by path.", FOLDERS, "Folder", "{07DA02F5-F9CD-4397-A550-4AE21B6B4BD3}",
        Template("{path}"),
        (
            flag("read_only", "Read only.", "readOnly"),
            flag("archive", "To archive.", default=True),
            flag("hidden", "Hidden."),
            flag("delete_folder", "Delete it if empty (action delete).", "deleteFolder", default=UNSET),
            flag("delete_subfolders", "Delete the empty ones below.", "deleteSubFolders", default=UNSET),
            flag("delete_files", "Delete its files.", "deleteFiles", default=UNSET),
            flag("delete_read_only", "Even the read-only ones.", "deleteReadOnly", default=UNSET),
            flag("ignore_errors", "Pass over errors of deletion.", "deleteIgnoreErrors", default=UNSET),
        ),
        ("deleteFolder", "deleteSubFolders", "deleteFiles", "deleteReadOnly", "deleteIgnoreErrors", "action", "path",
         "readOnly", "archive", "hidden"),
        label=_shared, status=_shared,
    ),
    Kind(
        "environment", "Environment variables, by name.", ENVIRONMENT, "EnvironmentVariable",
        "{78570023-8373-4a19-BA80-2F150738EA19}", Template("{name}"),
        (
            text("value", "Value.", default=""),
            flag("user", "A variable of the user, not of the system."),
            flag("partial", "A segment of PATH, not the whole."),
        ),
        ("action", "name", "value", "user", "partial"), status=lambda a: f"{a['name']} = {a.get('value', '')}",
    ),
    Kind(
        "power_plans", "Power plans, by name. The policies of power are preferred: they cannot be changed back.",
        POWER, "GlobalPowerOptionsV2", "{2B130A62-fc14-4572-91C3-5435C6A0C3FC}", PlanName(),
        (
            flag("active", "Make it the active plan.", "default"),
            *_power_flag("password", "requireWakePwd", "Ask for the password on waking", "YES", "NO"),
            *_power("disk_off", "turnOffHD", "Turn the disk off after"),
            *_power("sleep", "sleepAfter", "Sleep after"),
            *_power_flag("hybrid_sleep", "allowHybridSleep", "Hybrid sleep"),
            *_power("hibernate", "hibernate", "Hibernate after"),
            *_power_word("lid", "lidClose", "When the lid closes"),
            *_power_word("power_button", "pbAction", "Power button"),
            *_power_word("start_menu", "strtMenuAction", "Button of the start menu"),
            *_power_flag("link_saving", "linkPwrMgmt", "Save power on PCI Express"),
            *_power_percent("processor_min", "procStateMin", "Lowest state of the processor"),
            *_power_percent("processor_max", "procStateMax", "Highest state of the processor"),
            *_power("display_off", "displayOff", "Turn the display off after"),
            *_power_flag("adaptive_display", "adaptive", "Wait longer where the user comes back"),
            *_power_word("critical_action", "critBatAction", "At the critical level"),
            *_power_percent("low_level", "lowBatteryLvl", "Low level"),
            *_power_percent("critical_level", "critBatteryLvl", "Critical level"),
            *_power_flag("low_warning", "lowBatteryNot", "Warn at the low level"),
            *_power_word("low_action", "lowBatteryAction", "At the low level"),
        ),
        ("action", "nameGuid", "default"), label=lambda a: "Power Plan (Windows Vista and later)",
        values=_power_values,
    ),
    Kind(
        "services", "Services, by their short name.", SERVICES, "NTService", "{AB6F0B67-341F-4e51-92F9-005FBFBA1A43}",
        Template("{serviceName}"),
        (
            word("startup", "Start-up.", _STARTUP, "startupType", default="unchanged"),
            word("service_action", "What to do with it now.", _SERVICE_ACTIONS, "serviceAction", default="unchanged"),
            number("timeout", "Seconds to wait where it is locked.", default=30),
            text("account", "Account that it runs as.", "accountName"),
            flag("interact", "It may show windows.", default=UNSET),
            word("first_failure", "After its first failure.", _FAILURES, "firstFailure"),
            word("second_failure", "After the second.", _FAILURES, "secondFailure"),
            word("third_failure", "After the next ones.", _FAILURES, "thirdFailure"),
            number("reset_after", "When the count of failures starts again.", "resetFailCountDelay"),
            number("restart_delay", "Delay before it is restarted.", "restartServiceDelay"),
        ),
        ("startupType", "serviceName", "serviceAction", "timeout"), COMPUTER,
        label=lambda a: a["serviceName"], image=lambda a: "2", has_action=False,
    ),
    Kind(
        "shortcuts", "Shortcuts, by path.", SHORTCUTS, "Shortcut", "{4F2F7C55-2790-433e-8127-0739D1CFA327}",
        Template("{shortcutPath}"),
        (
            word("kind", "What it leads to.", {"file": "FILESYSTEM", "url": "URL"}, "targetType", default="file"),
            text("target", "Where it leads.", "targetPath", default=""),
            text("arguments", "Arguments.", default=""),
            text("start_in", "Working folder.", "startIn", default=""),
            text("comment", "Tooltip.", default=""),
            text("icon", "File of the icon.", "iconPath", default=""),
            number("icon_index", "Index of the icon.", "iconIndex", default=0),
            number("key", "Keyboard shortcut, as Windows codes it.", "shortcutKey", default=0),
            word("window", "Size of the window.", {"normal": "", "minimized": "MIN", "maximized": "MAX"},
                 default="normal"),
        ),
        ("pidl", "targetType", "action", "comment", "shortcutKey", "startIn", "arguments", "iconIndex", "targetPath",
         "iconPath", "window", "shortcutPath"),
        label=lambda a: _shared(a, "shortcutPath"), status=lambda a: _shared(a, "shortcutPath"),
    ),
)  # fmt: skip
