"""The attributes of the kinds that the town declares, in the notation of `lab.fields`.

Source: the model of SMC 7.4.1. A kind without a table here (engines, VPN, servers that the vendor's scripts need) takes
any attribute. Every kind has `name` and `comment`; the system alone writes `READ_ONLY`.
"""

from __future__ import annotations

from lab.fields import Type, parse

READ_ONLY = frozenset({"key", "system", "system_key", "read_only", "locked", "trashed", "admin_domain", "etag", "link"})
COMMON = "name:s, comment:s"

_MONITORING = (
    "{encoding:s, logging_profile_ref:s, monitoring_log_server_ref:s, netflow:b, probing_profile_ref:s, "
    "snmp_trap:b, time_zone:s}"
)
_HOST = (
    "address:s, ipv6_address:s, secondary:[s], tools_profile_ref:s, location_ref:s, "
    f"third_party_monitoring:{_MONITORING}"
)
_PORTS = "min_dst_port:i, max_dst_port:i, min_src_port:i, max_src_port:i"
_PROTOCOL = "protocol_agent_ref:s, paValues:[{}]"
_POLICY = "template:s, inspection_policy:s, file_filtering_policy:s"
_SERVICES = "element:[s]"
_DIRECTORY = (
    f"{_HOST}, base_dn:s, bind_password:s, bind_user_id:s, client_cert_based_user_search:s, display_name_attr_name:s, "
    "email:s, frame_ip_attr_name:s, group_member_attr:s, group_object_class:[s], group_object_id_attr_name:s, "
    "job_title_attr_name:s, long_user_id_attr:s, max_search_result:i, mobile_attr_name:s, "
    "office_location_attr_name:s, page_size:i, photo_attr_name:s, port:i, protocol:s, short_user_id_attr:s, "
    "supported_method:[s], timeout:i, tls_identity:s, tls_profile_ref:s, user_object_class:[s]"
)

ELEMENTS = {
    "active_directory_server": (
        f"{_DIRECTORY}, auth_ipaddress:s, auth_port:i, internet_auth_service_enabled:b, retries:i, shared_secret:s, "
        "domain_controller:[{comment:s, expiration_time:i, ipaddress:s, name:s, password:s, server_type:s, user:s}]"
    ),
    "address_range": "ip_range:s, location_ref:s",
    "alias": "default_alias_value:[s], alias_value:[{alias_ref:s, cluster_ref:s, resolved_value:[s], "
    "translated_element:[s]}], location_ref:s",
    "authentication_service": (
        "type:s, authentication_server:[{auth_server_ref:s, rank:i}], open_id_client_id:s, open_id_secret:s, "
        "open_id_trusted_cert_ref:s, open_id_url:s, open_id_user_attribute:s, saml_group_attr_name:[s], "
        "saml_metadata_file:s, saml_tls_profile_ref:s"
    ),
    "country": "location_ref:s",
    "external_endpoint": (
        "address:s, connection_type_ref:s, dynamic:b, enabled:b, force_nat_t:b, ike_phase1_id_type:s, "
        "ike_phase1_id_value:s, ipsec_vpn:b, nat_t:b, ssl_vpn_portal:b, ssl_vpn_tunnel:b, udp_encapsulation:b"
    ),
    "external_gateway": (
        "end_point:[s], gateway_profile:s, site:[s], trust_all_cas:b, trusted_certificate_authorities:[s]"
    ),
    "dhcp_server": _HOST,
    "dns_server": f"{_HOST}, time_to_live:i, update_interval:i",
    "domain_name": "domain_name_entry:[s], location_ref:s",
    "ethernet_service": f"frame_type:s, value1:s, value2:s, {_PROTOCOL}",
    "ethernet_service_group": _SERVICES,
    "expression": "operator:s, ne_ref:[s], sub_expression:[{}], location_ref:s",
    "external_ldap_user_domain": (
        "additional_username_suffix:[{name:s}], auth_method:s, browse_ldap_automatically:b, engine_can_connect:b, "
        "isdefault:b, ldap_server:[s]"
    ),
    "file_filtering_policy": "",
    "fw_policy": _POLICY,
    "fw_template_policy": _POLICY,
    "gateway_profile": "capabilities:{}",
    "group": "element:[s], is_monitored:b, location_ref:s",
    "host": _HOST,
    "icmp_ipv6_service": f"icmp_type:i, icmp_code:i, {_PROTOCOL}",
    "icmp_service": f"icmp_type:i, icmp_code:i, {_PROTOCOL}",
    "icmp_service_group": _SERVICES,
    "interface_zone": "location_ref:s",
    "internal_user_domain": "isdefault:b",
    "internal_user_group": (
        "activation_date:i, authentication_method:[s], expiration_after:i, expiration_date:i, member:[s], "
        "subject_alt_names:s, unique_id:s, user_domain:s"
    ),
    "ip_list": "location_ref:s",
    "ip_service": f"protocol_number:i, {_PROTOCOL}",
    "ip_service_group": _SERVICES,
    "ldap_server": _DIRECTORY,
    "location": "",
    "log_server": (
        "address:s, ipv6_address:s, secondary:[s], channel_port:i, inactive:b, location_ref:s, tools_profile_ref:s, "
        "uiid:s, log_disk_space_handling_mode:s, elasticsearch_indexing_active:b, backup_log_server:[{}], "
        "elasticsearch_authentication_settings:{api_key:s, login:s, method:s, password:s, tls_credentials:s}, "
        "external_pki_certificate_settings:{}, "
        "forwarding_tls_settings:{tls_credentials:s, use_internal_credentials:b}, "
        f"third_party_monitoring:{_MONITORING}, "
        "netflow_collector:[{data_context:s, filter:s, host:s, kafkaTopic:s, netflow_collector_port:i, "
        "netflow_collector_service:s, netflow_collector_version:s, tlsIdentity:{tls_field:s, tls_value:s}, "
        "tls_profile:s}]"
    ),
    "network": "ipv4_network:s, ipv6_network:s, broadcast:b, location_ref:s",
    "ntp": f"{_HOST}, ntp_auth_key:s, ntp_auth_key_id:i, ntp_auth_key_type:s, ntp_host_name:s",
    "radius_server": f"{_HOST}, port:i, provided_method:[s], retries:i, shared_secret:s, timeout:i",
    "router": _HOST,
    "rpc_service": f"program_number:s, rpc_version:s, transport:s, {_PROTOCOL}",
    "rpc_service_group": _SERVICES,
    "service_group": _SERVICES,
    "sub_ipv4_fw_policy": "",
    "sub_ipv6_fw_policy": "",
    "tcp_service": f"{_PORTS}, {_PROTOCOL}",
    "tcp_service_group": _SERVICES,
    "url_list_application": (
        "url_entry:[s], application_port:[{}], attacker:s, description:s, display_name:s, hidden:b, "
        "identifiable_with_tls_match:b, mime_type:s, paValues:[{}], parameter_values:[s], parent_application_ref:s, "
        "protocol_agent_ref:s, sanity_check:b, severity:i, situation_context_ref:s, ssm_mib:s, tls_match_ref:s, "
        "upcoming_event_enabled:b, upcoming_event_threshold:i, victim:s, vulnerability_references:[s]"
    ),
    "vpn": "dscp_qos_policy:s, link_usage_profile:s, mobile_vpn_topology_mode:s, nat:b, vpn_profile:s",
    "vpn_profile": (
        "capabilities:{}, cn_authentication_for_mobile_vpn:b, disable_anti_replay:b, disable_path_discovery:b, "
        "hybrid_authentication_for_mobile_vpn:b, ike_v2_ppk:s, keep_alive:b, "
        "preshared_key_authentication_for_mobile_vpn:b, sa_life_time:i, sa_to_any_network_allowed:b, trust_all_cas:b, "
        "trusted_certificate_authority:[s], tunnel_life_time_kbytes:i, tunnel_life_time_seconds:i"
    ),
    "udp_service": f"{_PORTS}, {_PROTOCOL}",
    "udp_service_group": _SERVICES,
}

_TRANSLATION = "{element:s, ip_descriptor:s, min_port:i, max_port:i}"
_DYNAMIC = f"{{automatic_proxy:b, translation_values:[{_TRANSLATION}]}}"
_STATIC = f"{{automatic_proxy:b, original_value:{_TRANSLATION}, translated_value:{_TRANSLATION}}}"
_TRACKING = (
    "{state:s, timeout:i, mss_enforced:b, mss_enforced_min:i, mss_enforced_max:i, src_limit:i, src_limit_action:s, "
    "dst_limit:i, dst_limit_action:s, sync_connections:b}"
)
_ACTION = (
    "{action:[s], sub_policy:s, vpn:s, mobile_vpn:b, forward_to:s, forced_next_hop_ip:s, forced_next_hop_element:s, "
    "user_response:s, valid_block_lister:[s], decrypting:b, deep_inspection:b, file_filtering:b, snort:b, "
    "dos_protection:b, scan_detection:s, reset_icmp:b, network_application_latency_monitoring:s, "
    f"explicit_proxy_sub_policy:s, connection_tracking_options:{_TRACKING}}}"
)
_OPTIONS = (
    "{log_level:s, log_alert:s, log_severity:i, log_closing_mode:b, log_accounting_info_mode:b, "
    "log_payload_excerpt:b, log_payload_record:b, log_compression:s, log_compression_max_burst_size:i, "
    "log_compression_max_log_rate:i, user_logging:s, application_logging:s, url_category_logging:s, "
    f"eia_executable_logging:s, qos_class:s, dynamic_src_nat:{_DYNAMIC}, dynamic_dst_nat:{_DYNAMIC}, "
    f"static_src_nat:{_STATIC}, static_dst_nat:{_STATIC}, proxy_dst_nat:{{automatic_proxy:b, proxy_server:s}}}}"
)
_ROW = (
    "background_color:s, rank:n, type:s, is_disabled:b, sources:{any:b, none:b, src:[s], resolved_src:[s]}, "
    "destinations:{any:b, none:b, dst:[s], resolved_dst:[s]}, "
    f"services:{{any:b, none:b, service:[s], resolved_service:[s]}}, options:{_OPTIONS}"
)
_ACCESS = (
    f"{_ROW}, action:{_ACTION}, authentication_options:{{methods:[s], require_auth:b, users:[s]}}, "
    "match_vpn_options:{match_type:s, match_vpns:[s]}, rule_validity_times:[s]"
)
_FILES = (
    "background_color:s, rank:n, type:s, is_disabled:b, sources:{any:b, none:b, src:[s], resolved_src:[s]}, "
    "destinations:{any:b, none:b, dst:[s], resolved_dst:[s]}, situations:{any:b, none:b, situation:[s]}, "
    "action:{action:[s], antivirus:b, decrypting:b, deep_inspection:b, default_behavior:s, dirty_log_level:s, "
    "dos_protection:b, file_filtering:b, file_reputation:b, file_reputation_allow_level:s, "
    "file_reputation_discard_level:s, forward_to:s, icap_dlp_file_size_exceeded_action:s, icap_dlp_max_file_size:i, "
    "icap_dlp_scan_enabled:b, icap_dlp_service_fail_action:s, mobile_vpn:b, network_application_latency_monitoring:s, "
    "rematch_archive_content:b, reset_icmp:b, sandbox:b, sandbox_allow_level:s, sandbox_delay_file_transfer:b, "
    "scan_detection:s, snort:b, spooling_level:s, sub_policy:s, unavailableMethod:s, user_response:s, "
    f"valid_block_lister:[s], vpn:s, connection_tracking_options:{_TRACKING}}}, "
    "options:{log_level:s, log_alert:s, log_severity:i, log_closing_mode:b, log_accounting_info_mode:b, "
    "log_payload_excerpt:b, log_payload_record:b, log_compression:s, log_compression_max_burst_size:i, "
    "log_compression_max_log_rate:i, user_logging:s, application_logging:s, url_category_logging:s, "
    "eia_executable_logging:s, qos_class:s, quarantine_malicious_files:b}"
)
_NAT = f"{_ROW}, used_on:{{any:b, none:b, firewall_ref:s}}"

RULES = {
    "fw_ipv4_access_rule": _ACCESS,
    "fw_ipv6_access_rule": _ACCESS,
    "fw_ipv4_nat_rule": _NAT,
    "fw_ipv6_nat_rule": _NAT,
    "file_filtering_rule": _FILES,
}

TABLES: dict[str, Type] = {
    kind: parse(f"{COMMON}, {table}".rstrip(", ")) for kind, table in {**ELEMENTS, **RULES}.items()
}
