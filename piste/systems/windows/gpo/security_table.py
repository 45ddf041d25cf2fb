"""Settings of a security template by readable name (MS-GPSB 2.2.1 to 2.2.4).

Columns: name, section and key of `GptTmpl.inf`, form of the value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Protocol


class Form(Protocol):
    """Form of a value. Both ways raise ValueError, in French, for what it cannot express."""

    def read(self, text: str) -> Any: ...

    def write(self, value: Any) -> str: ...


@dataclass(frozen=True, slots=True)
class Whole:
    """Whole number within bounds."""

    low: int
    high: int

    def read(self, text: str) -> int:
        number = int(text)
        self.write(number)
        return number

    def write(self, value: Any) -> str:
        if not isinstance(value, int) or isinstance(value, bool) or not self.low <= value <= self.high:
            raise ValueError(f"un nombre entier de {self.low} à {self.high} est attendu")
        return str(value)


@dataclass(frozen=True, slots=True)
class Word:
    """One value of several; each has its number. The values may be true and false."""

    words: Mapping[Any, str]

    def read(self, text: str) -> Any:
        return next(word for word, wire in self.words.items() if wire == text) if text in self.words.values() else _no()

    def write(self, value: Any) -> str:
        known = {(type(word), word): wire for word, wire in self.words.items()}
        if (type(value), value) not in known:
            shown = ("true" if word is True else "false" if word is False else word for word in self.words)
            raise ValueError(f"une de ces valeurs est attendue : {', '.join(shown)}")
        return known[type(value), value]


@dataclass(frozen=True, slots=True)
class Quoted:
    """Text between quotation marks."""

    def read(self, text: str) -> str:
        value = text.removeprefix('"').removesuffix('"')
        self.write(value)
        return value

    def write(self, value: Any) -> str:
        if not isinstance(value, str) or not value or '"' in value or not value.isprintable():
            raise ValueError("un texte sans guillemet est attendu")
        return f'"{value}"'


def _no() -> Any:
    raise ValueError("valeur inconnue")


class Setting(NamedTuple):
    section: str
    key: str
    form: Form


_FLAG: Final = Word({True: "1", False: "0"})
_AUDIT: Final = Word({"none": "0", "success": "1", "failure": "2", "success_and_failure": "3"})
_RETENTION: Final = Word({"as_needed": "0", "by_days": "1", "never": "2"})
_SIZE: Final = Whole(64, 4194240)

# fmt: off
ACCOUNTS: Final[Mapping[str, Setting]] = {
    "administrator_enabled":        Setting("System Access", "EnableAdminAccount", _FLAG),
    "administrator_lockout":        Setting("System Access", "AllowAdministratorLockout", _FLAG),
    "administrator_name":           Setting("System Access", "NewAdministratorName", Quoted()),
    "anonymous_name_lookup":        Setting("System Access", "LSAAnonymousNameLookup", _FLAG),
    "force_logoff_after_hours":     Setting("System Access", "ForceLogoffWhenHourExpire", _FLAG),
    "guest_enabled":                Setting("System Access", "EnableGuestAccount", _FLAG),
    "guest_name":                   Setting("System Access", "NewGuestName", Quoted()),
    "lockout_minutes":              Setting("System Access", "LockoutDuration", Whole(-1, 99999)),
    "lockout_reset_minutes":        Setting("System Access", "ResetLockoutCount", Whole(1, 99999)),
    "lockout_threshold":            Setting("System Access", "LockoutBadCount", Whole(0, 999)),
    "logon_to_change_password":     Setting("System Access", "RequireLogonToChangePassword", _FLAG),
    "password_complexity":          Setting("System Access", "PasswordComplexity", _FLAG),
    "password_history":             Setting("System Access", "PasswordHistorySize", Whole(0, 24)),
    "password_length":              Setting("System Access", "MinimumPasswordLength", Whole(0, 128)),
    "password_maximum_days":        Setting("System Access", "MaximumPasswordAge", Whole(-1, 999)),
    "password_minimum_days":        Setting("System Access", "MinimumPasswordAge", Whole(0, 998)),
    "password_reversible":          Setting("System Access", "ClearTextPassword", _FLAG),
}
KERBEROS: Final[Mapping[str, Setting]] = {
    "clock_skew_minutes":           Setting("Kerberos Policy", "MaxClockSkew", Whole(0, 99999)),
    "renewal_days":                 Setting("Kerberos Policy", "MaxRenewAge", Whole(0, 99999)),
    "service_ticket_minutes":       Setting("Kerberos Policy", "MaxServiceAge", Whole(0, 99999)),
    "ticket_hours":                 Setting("Kerberos Policy", "MaxTicketAge", Whole(0, 99999)),
    "validate_client":              Setting("Kerberos Policy", "TicketValidateClient", _FLAG),
}
EVENT_LOGS: Final[Mapping[str, Setting]] = {
    f"{log}.{name}": Setting(f"{log.capitalize()} Log", key, form)
    for log in ("application", "security", "system")
    for name, key, form in (
        ("guests_excluded", "RestrictGuestAccess", _FLAG),
        ("maximum_kib", "MaximumLogSize", _SIZE),
        ("retention", "AuditLogRetentionPeriod", _RETENTION),
        ("retention_days", "RetentionDays", Whole(1, 365)),
    )
}
LEGACY_AUDIT: Final[Mapping[str, Setting]] = {
    "account_logon":                Setting("Event Audit", "AuditAccountLogon", _AUDIT),
    "account_management":           Setting("Event Audit", "AuditAccountManage", _AUDIT),
    "directory_access":             Setting("Event Audit", "AuditDSAccess", _AUDIT),
    "logon":                        Setting("Event Audit", "AuditLogonEvents", _AUDIT),
    "object_access":                Setting("Event Audit", "AuditObjectAccess", _AUDIT),
    "policy_change":                Setting("Event Audit", "AuditPolicyChange", _AUDIT),
    "privilege_use":                Setting("Event Audit", "AuditPrivilegeUse", _AUDIT),
    "process_tracking":             Setting("Event Audit", "AuditProcessTracking", _AUDIT),
    "system":                       Setting("Event Audit", "AuditSystemEvents", _AUDIT),
}
RIGHTS: Final = (
    "SeAssignPrimaryTokenPrivilege", "SeAuditPrivilege", "SeBackupPrivilege", "SeBatchLogonRight",
    "SeChangeNotifyPrivilege", "SeCreateGlobalPrivilege", "SeCreatePagefilePrivilege", "SeCreatePermanentPrivilege",
    "SeCreateSymbolicLinkPrivilege", "SeCreateTokenPrivilege", "SeDebugPrivilege",
    "SeDelegateSessionUserImpersonatePrivilege", "SeDenyBatchLogonRight", "SeDenyInteractiveLogonRight",
    "SeDenyNetworkLogonRight", "SeDenyRemoteInteractiveLogonRight", "SeDenyServiceLogonRight",
    "SeEnableDelegationPrivilege", "SeImpersonatePrivilege", "SeIncreaseBasePriorityPrivilege",
    "SeIncreaseQuotaPrivilege", "SeIncreaseWorkingSetPrivilege", "SeInteractiveLogonRight", "SeLoadDriverPrivilege",
    "SeLockMemoryPrivilege", "SeMachineAccountPrivilege", "SeManageVolumePrivilege", "SeNetworkLogonRight",
    "SeProfileSingleProcessPrivilege", "SeRelabelPrivilege", "SeRemoteInteractiveLogonRight",
    "SeRemoteShutdownPrivilege", "SeRestorePrivilege", "SeSecurityPrivilege", "SeServiceLogonRight",
    "SeShutdownPrivilege", "SeSyncAgentPrivilege", "SeSystemEnvironmentPrivilege", "SeSystemProfilePrivilege",
    "SeSystemtimePrivilege", "SeTakeOwnershipPrivilege", "SeTcbPrivilege", "SeTimeZonePrivilege",
    "SeTrustedCredManAccessPrivilege", "SeUndockPrivilege",
)
"""Account rights and privileges (MS-LSAD 3.1.1.2)."""
# fmt: on
STARTUP: Final = Word({"automatic": "2", "manual": "3", "disabled": "4"})
