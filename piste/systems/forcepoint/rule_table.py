"""Table of the attributes of rules: the field in YAML, the path on the wire, the default.

Source: the 7.4.1 model of the SMC API (`Ipv4AccessRule`, `Ipv4NatRule`, `FirewallRuleAction`, `FirewallRuleOptions`,
`FileFilteringRule`). A rule in normal form has only the attributes that differ from the defaults.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from piste.engine.converge.resource import Field
from piste.systems.forcepoint.element_table import addresses, ports
from piste.systems.forcepoint.references import cell, reference

Kind = Literal["match", "ref", "refs", "value", "list", "translation", "used_on"]

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")


def identifier(text: str) -> str:
    """Check the lasting id of a rule. Raises `ValueError`."""
    if not ID.fullmatch(text):
        raise ValueError(text)
    return text


@dataclass(frozen=True, slots=True)
class Cell:
    """Attribute of a rule: `field` for people, `path` on the wire, `default` where absent.

    `sent` is true where the default is sent with a new rule, as the console does.
    """

    field: Field
    path: tuple[str, ...]
    kind: Kind = "value"
    default: Any = None
    sent: bool = False

    @property
    def name(self) -> str:
        return self.field.name


def _match(name: str, wire: str, doc: str) -> Cell:
    known = f"{doc}, C(type/name) each; C(any) or C(none) alone."
    field = Field(name, known, type="list", unordered=True, normalise=cell)
    return Cell(field, (name, wire), "match")


def _value(name: str, doc: str, path: str, default: Any = None, *, sent: bool = False, **field: Any) -> Cell:
    return Cell(Field(name, doc, **field), (*path.split("."),), "value", default, sent)


def _flag(name: str, doc: str, path: str, default: Any = None, *, sent: bool = False) -> Cell:
    return _value(name, doc, path, default, sent=sent, type="bool")


def _number(name: str, doc: str, path: str, default: Any = None, *, sent: bool = False) -> Cell:
    return _value(name, doc, path, default, sent=sent, type="int")


def _ref(name: str, doc: str, path: str) -> Cell:
    return Cell(Field(name, f"{doc}, C(type/name).", normalise=reference), (*path.split("."),), "ref")


def _refs(name: str, doc: str, path: str, *, sent: bool = False) -> Cell:
    field = Field(name, f"{doc}, C(type/name) each.", type="list", unordered=True, normalise=reference)
    return Cell(field, (*path.split("."),), "refs", [], sent)


_TRANSLATED = (
    Field("element", "Element whose address it is, C(type/name).", normalise=reference),
    Field("address", "The address itself, or a network or range.", normalise=addresses),
    Field("ports", "Port, or first and last.", normalise=ports),
)
_PROXY = Field("automatic_proxy", "Whether the firewall answers ARP for the address.", type="bool")


def _dynamic(name: str, doc: str) -> Cell:
    to = Field("to", "What the address becomes.", type="list", of=_TRANSLATED)
    return Cell(Field(name, doc, type="dict", of=(to, _PROXY)), ("options", name), "translation")


def _static(name: str, doc: str) -> Cell:
    sides = (
        Field("original", "Address and ports before.", type="dict", of=_TRANSLATED),
        Field("translated", "Address and ports after.", type="dict", of=_TRANSLATED),
    )
    return Cell(Field(name, doc, type="dict", of=(*sides, _PROXY)), ("options", name), "translation")


HEAD = (
    Field(
        "id",
        "Identity that lasts, kept in the comment as C([id:…]). A rule without one is known by its name, which must "
        "then be unique in the list.",
        normalise=identifier,
    ),
    Field("name", "Name of the rule.", minimum=1),
    Field("section", "Instead of a rule, the header of a section, by its text."),
    Field("insert_point", "Instead of a rule, a place of a template where policies insert theirs, by its name."),
    Field("insert_point_type", "Kind of the insert point.", choices=("normal", "automatic")),
    Field("comment", "Comment, without the identity.", minimum=1),
    Field("color", "Colour of a section, C(#5EF527)."),
)
"""Fields that are not plain attributes: the identity, and the entries of a list that are not rules."""

_COMMON = (
    _flag("disabled", "Whether the rule is switched off.", "is_disabled", False, sent=True),
    _match("sources", "src", "Where the traffic comes from"),
    _match("destinations", "dst", "Where it goes"),
    _match("services", "service", "What it is"),
)
ACTIONS = (
    "allow",
    "discard",
    "continue",
    "refuse",
    "jump",
    "apply_vpn",
    "enforce_vpn",
    "forward_vpn",
    "block_list",
    "forced_next_hop",
    "explicit_proxy_jump",
)
_TRACKING = "action.connection_tracking_options"

ACCESS: tuple[Cell, ...] = (
    *_COMMON,
    Cell(Field("action", "What is done with it.", type="list", choices=ACTIONS), ("action", "action"), "list"),
    _ref("sub_policy", "Sub-policy to jump to", "action.sub_policy"),
    _ref("vpn", "VPN that carries it", "action.vpn"),
    _flag("mobile_vpn", "Whether any mobile VPN carries it.", "action.mobile_vpn", False),
    _ref("forward_to", "Proxy that it is forwarded to", "action.forward_to"),
    _value("forced_next_hop_ip", "Gateway that it is forced through.", "action.forced_next_hop_ip"),
    _ref("forced_next_hop_element", "The same, as an element", "action.forced_next_hop_element"),
    _ref("explicit_proxy_sub_policy", "Sub-policy of the explicit proxy", "action.explicit_proxy_sub_policy"),
    _ref("user_response", "What a refused user is shown", "action.user_response"),
    _refs("block_listers", "Who may add to the block list", "action.valid_block_lister"),
    _flag("deep_inspection", "Whether the inspection policy applies; undeclared, as before.", "action.deep_inspection"),
    _flag("decrypting", "Whether TLS is decrypted; undeclared, as before.", "action.decrypting"),
    _flag("file_filtering", "Whether files are filtered; undeclared, as before.", "action.file_filtering"),
    _flag("snort", "Whether Snort inspects it.", "action.snort"),
    _flag("dos_protection", "Whether DoS protection applies.", "action.dos_protection"),
    _flag("reset_icmp", "Whether a refusal is told by ICMP.", "action.reset_icmp"),
    _value("scan_detection", "Scan detection.", "action.scan_detection", "undefined", sent=True),
    _value("latency_monitoring", "Health of applications.", "action.network_application_latency_monitoring"),
    _value("tracking", "Connection tracking mode.", f"{_TRACKING}.state"),
    _number("idle_timeout", "Seconds of silence before it is forgotten.", f"{_TRACKING}.timeout", -1, sent=True),
    _flag("mss_enforced", "Whether the TCP segment size is bounded.", f"{_TRACKING}.mss_enforced", False, sent=True),
    _number("mss_min", "Its least.", f"{_TRACKING}.mss_enforced_min", 0, sent=True),
    _number("mss_max", "Its most.", f"{_TRACKING}.mss_enforced_max", 0, sent=True),
    _number("source_limit", "Connections a source.", f"{_TRACKING}.src_limit"),
    _value("source_limit_action", "What is done beyond.", f"{_TRACKING}.src_limit_action"),
    _number("destination_limit", "Connections a destination.", f"{_TRACKING}.dst_limit"),
    _value("destination_limit_action", "What is done beyond.", f"{_TRACKING}.dst_limit_action"),
    _flag("sync_connections", "Whether the nodes share them.", f"{_TRACKING}.sync_connections"),
    _flag(
        "require_auth", "Whether the user must authenticate.", "authentication_options.require_auth", False, sent=True
    ),
    _refs("auth_methods", "How", "authentication_options.methods", sent=True),
    _refs("auth_users", "Who", "authentication_options.users", sent=True),
    _value("vpn_match", "Kind of VPN that it comes from.", "match_vpn_options.match_type"),
    _refs("vpn_matches", "VPN that it comes from", "match_vpn_options.match_vpns"),
    _refs("validity_times", "When the rule holds", "rule_validity_times"),
)
_LOGGING = (
    _value(
        "log",
        "What is logged: C(none), C(transient), C(stored), C(essential), C(alert)…",
        "options.log_level",
        "undefined",
        sent=True,
    ),
    _ref("alert", "Alert that is raised", "options.log_alert"),
    _number("log_severity", "Severity of the alert.", "options.log_severity", -1, sent=True),
    _flag("log_closing", "Whether the end of connections is logged.", "options.log_closing_mode", True, sent=True),
    _flag("log_accounting", "Whether volumes are logged.", "options.log_accounting_info_mode", False, sent=True),
    _flag("log_payload_excerpt", "Whether an excerpt is kept.", "options.log_payload_excerpt", False, sent=True),
    _flag("log_payload_record", "Whether all is kept.", "options.log_payload_record", False, sent=True),
    _value("log_compression", "Compression of the log.", "options.log_compression"),
    _number("log_compression_rate", "Entries a second.", "options.log_compression_max_log_rate"),
    _number("log_compression_burst", "Entries at once.", "options.log_compression_max_burst_size"),
    _value("log_users", "Whether users are logged.", "options.user_logging"),
    _value("log_applications", "Whether applications are logged.", "options.application_logging"),
    _value("log_url_categories", "Whether categories are logged.", "options.url_category_logging"),
    _value("log_executables", "Whether executables are logged.", "options.eia_executable_logging"),
    _ref("qos_class", "QoS class", "options.qos_class"),
)
ACCESS_RULE: tuple[Cell, ...] = (*ACCESS, *_LOGGING)
NAT_RULE: tuple[Cell, ...] = (
    *_COMMON,
    Cell(
        Field("used_on", "Engine on which the rule holds: C(any), C(none) or C(type/name).", normalise=cell),
        ("used_on",),
        "used_on",
        "any",
    ),
    _dynamic("dynamic_src_nat", "Sources that share addresses and ports."),
    _static("static_src_nat", "A source that takes another address."),
    _static("static_dst_nat", "A destination that is another one inside."),
    _dynamic("dynamic_dst_nat", "Destinations that share addresses."),
    *_LOGGING,
)


_NOT_OF_FILES = ("action", "forced_next_hop_ip", "forced_next_hop_element", "explicit_proxy_sub_policy")
FILE_RULE: tuple[Cell, ...] = (
    *_COMMON[:3],
    _match("situations", "situation", "What files, by kinds and their tags; a rule for C(none) is ignored"),
    Cell(
        Field("action", "What is done with them.", type="list", choices=("allow", "discard", "allow_after")),
        ("action", "action"),
        "list",
    ),
    *(cell for cell in ACCESS if cell.path[0] == "action" and cell.name not in _NOT_OF_FILES),
    _flag("antivirus", "Whether the antivirus looks at them.", "action.antivirus"),
    _flag("file_reputation", "Whether their reputation is asked.", "action.file_reputation"),
    _value("reputation_allows", "Reputation from which they pass.", "action.file_reputation_allow_level"),
    _value("reputation_discards", "Reputation from which they do not.", "action.file_reputation_discard_level"),
    _flag("sandbox", "Whether a sandbox tries them.", "action.sandbox"),
    _value("sandbox_allows", "Verdict of the sandbox from which they pass.", "action.sandbox_allow_level"),
    _flag("sandbox_delays", "Whether they wait for that verdict.", "action.sandbox_delay_file_transfer"),
    _flag("dlp", "Whether a DLP server looks at them (ICAP).", "action.icap_dlp_scan_enabled"),
    _number("dlp_size", "Largest file that it is given, in megabytes.", "action.icap_dlp_max_file_size"),
    _value("dlp_beyond", "What is done with larger files.", "action.icap_dlp_file_size_exceeded_action"),
    _value("dlp_silent", "What is done where it does not answer.", "action.icap_dlp_service_fail_action"),
    _flag("archive_content", "Whether what archives contain is matched too.", "action.rematch_archive_content"),
    _value("spooling", "How much of a file is held back.", "action.spooling_level"),
    _value("unscanned", "What is done with what no method could look at.", "action.unavailableMethod"),
    _value("default_behavior", "What is done where nothing is said.", "action.default_behavior"),
    _value("dirty_log", "What is logged of a malicious file.", "action.dirty_log_level"),
    *_LOGGING,
    _flag("quarantine", "Whether malicious files are kept apart.", "options.quarantine_malicious_files"),
)


def fields(cells: tuple[Cell, ...]) -> tuple[Field, ...]:
    """Fields of the entries of a list."""
    return (*HEAD, *(cell.field for cell in cells))


@dataclass(frozen=True, slots=True)
class RuleList:
    """Ordered list of a policy: `name` in YAML, `rel` of its link, `type` of its rules."""

    name: str
    type: str
    cells: tuple[Cell, ...]
    doc: str

    @property
    def rel(self) -> str:
        return f"{self.type}s"


LISTS: Mapping[str, RuleList] = {
    entry.name: entry
    for entry in (
        RuleList("ipv4_access", "fw_ipv4_access_rule", ACCESS_RULE, "IPv4 access rules, in order."),
        RuleList("ipv6_access", "fw_ipv6_access_rule", ACCESS_RULE, "IPv6 access rules, in order."),
        RuleList("ipv4_nat", "fw_ipv4_nat_rule", NAT_RULE, "IPv4 NAT rules, in order."),
        RuleList("ipv6_nat", "fw_ipv6_nat_rule", NAT_RULE, "IPv6 NAT rules, in order."),
        RuleList("files", "file_filtering_rule", FILE_RULE, "Rules of file filtering, in order."),
    )
}
