"""The functions that answer actions on elements, and those that the system runs by itself."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from lab.smc import (
    administrators,
    aliases,
    engines,
    ip_lists,
    kinds,
    locks,
    maintenance,
    management,
    pending,
    routes,
    routing,
    rules,
    servers,
    services,
    tags,
    tasks,
    vpn,
)
from lab.smc.call import Action, Handlers, Hook, View

# (method, name, kinds, function) of `method <element>/name`; kinds None: all.
ACTIONS: tuple[tuple[str, str, Collection[str] | None, Action], ...] = (
    ("GET", "history", None, management.history),
    ("PUT", "lock", None, locks.lock),
    ("PUT", "unlock", None, locks.unlock),
    ("PUT", "duplicate", None, locks.duplicate),
    ("POST", "export", None, tasks.export),
    ("GET", "search_category_tags_from_element", None, tags.tags_of),
    ("PUT", "enable_disable", administrators.KINDS, administrators.enable_disable),
    ("PUT", "change_password", administrators.KINDS, administrators.change_password),
    ("GET", "pwd_meta_data", administrators.KINDS, administrators.password_age),
    ("GET", "resolve", kinds.ALIASES, aliases.resolve),
    ("GET", "ip_address_list", {"ip_list"}, ip_lists.read),
    ("POST", "ip_address_list", {"ip_list"}, ip_lists.write),
    ("GET", "pa_parameters", {"protocol"}, services.parameters),
    ("POST", "category_add_element", tags.KINDS, tags.add),
    ("POST", "category_remove_element", tags.KINDS, tags.remove),
    ("GET", "search_elements_from_category_tag", tags.KINDS, tags.tagged),
    ("GET", "contact_addresses", servers.KINDS, servers.of_server),
    ("PUT", "contact_addresses", servers.KINDS, servers.change),
    ("GET", "inspected_services", {"proxy_server"}, servers.inspected_services),
    ("POST", "start", kinds.TASKS, maintenance.start),
    ("GET", "configuration_export", {"eca_client_config"}, maintenance.client_configuration),
    ("PUT", "custom_script", {"custom_properties_profile"}, maintenance.keep_script),
    ("GET", "custom_script", {"custom_properties_profile"}, maintenance.give_script),
    ("DELETE", "custom_script", {"custom_properties_profile"}, maintenance.drop_script),
    # Engines, their nodes and their gateways
    ("GET", "nodes", kinds.ENGINES, engines.list_nodes),
    ("GET", "interfaces", kinds.ENGINES, engines.list_interfaces),
    ("GET", "internal_gateway", engines.GATEWAYS, engines.list_gateways),
    ("POST", "internal_gateway", engines.GATEWAYS, engines.add_gateway),
    ("GET", "permissions", kinds.ENGINES, engines.permissions),
    ("PUT", "permissions", kinds.ENGINES, engines.grant),
    ("GET", "contact_addresses", kinds.ENGINES, servers.of_engine),
    ("GET", "pending_changes", kinds.ENGINES, pending.pending_changes),
    ("POST", "approve_all_changes", kinds.ENGINES, pending.approve),
    ("POST", "disapprove_all_changes", kinds.ENGINES, pending.disapprove),
    ("POST", "upload", kinds.ENGINES, tasks.upload_engine),
    ("POST", "refresh", kinds.ENGINES, tasks.refresh),
    ("GET", "snapshots", kinds.ENGINES, tasks.snapshots),
    ("PUT", "ldap_replication", {"fw_cluster", "single_fw"}, maintenance.ldap_replication),
    ("GET", "query_route", kinds.ENGINES, maintenance.query_route),
    ("POST", "add_route", kinds.ENGINES, routing.add_route),
    ("GET", "status", kinds.NODE_KINDS, engines.status),
    ("GET", "appliance_status", kinds.NODE_KINDS, engines.appliance_status),
    ("PUT", "go_online", kinds.NODE_KINDS, engines.command("ONLINE")),
    ("PUT", "go_offline", kinds.NODE_KINDS, engines.command("OFFLINE")),
    ("PUT", "go_standby", kinds.NODE_KINDS, engines.command("STANDBY")),
    ("POST", "initial_contact", kinds.NODE_KINDS, engines.initial_contact),
    *(("POST", name, kinds.NODE_KINDS, engines.licence) for name in ("bind", "unbind", "cancel_unbind", "fetch")),
    ("POST", "generate_certificate", {"internal_gateway"}, maintenance.generate_certificate),
    # Policies
    ("POST", "force_unlock", kinds.POLICIES, locks.force_unlock),
    ("POST", "open", kinds.POLICIES, locks.open_policy),
    ("POST", "save", kinds.POLICIES, locks.save_policy),
    ("POST", "save_as", kinds.POLICIES, locks.save_as),
    ("POST", "upload", kinds.INSTALLABLE, tasks.upload_policy),
    ("POST", "validate", kinds.POLICIES, tasks.validate),
    ("POST", "rule_counter", kinds.POLICIES, rules.rule_counter),
    ("GET", "search_rule", kinds.POLICIES, rules.search_rule),
    # VPN
    ("POST", "open", {"vpn"}, vpn.open_vpn),
    ("POST", "save", {"vpn"}, vpn.save_vpn),
    ("POST", "close", {"vpn"}, vpn.close_vpn),
    ("GET", "validate", {"vpn"}, vpn.validate_vpn),
    ("GET", "gateway_tunnel", {"vpn"}, vpn.list_tunnels),
)
# What the system does by itself once an element is made, and once it is changed.
CREATED: dict[str, Hook] = {
    **dict.fromkeys(administrators.KINDS, administrators.complete),
    **dict.fromkeys(kinds.ENGINES, engines.complete),
    **dict.fromkeys(kinds.INTERFACES, engines.complete_interface),
    **dict.fromkeys(services.WITH_AGENT, services.complete),
    **dict.fromkeys(kinds.GATEWAY_NODES, vpn.complete_node),
    "external_endpoint": vpn.complete_endpoint,
    "internal_user_domain": vpn.refuse_domain,
    "proxy_server": servers.complete_proxy,
}
CHANGED: dict[str, Hook] = {
    **dict.fromkeys(kinds.ENGINES, engines.keep_parts),
    **dict.fromkeys(kinds.INTERFACES, engines.change_interface),
    **dict.fromkeys(services.WITH_AGENT, services.complete),
    "external_endpoint": vpn.complete_endpoint,
    "log_server": servers.refuse_forwarding,
}
# What an answer adds to the attributes of an element.
SHOWN: dict[str, View] = {
    **dict.fromkeys(kinds.ENGINES, engines.show),
    **dict.fromkeys(kinds.RULE_KINDS, rules.show),
    "bgp_peering": routing.show_peering,
    "gateway_tunnel": vpn.show_tunnel,
    "internal_gateway": vpn.show_gateway,
    "protocol": services.show_protocol,
    "vpn_site": vpn.show_site,
}


def _links() -> Iterator[tuple[str, str, str]]:
    """List the links of the kinds: (kind, rel, path below the element)."""
    for kind in kinds.ENGINES:
        yield from ((kind, rel, rel) for rel in (*engines.interface_kinds(kind), *routing.TREES))
    yield "master_engine", "virtual_resources", "virtual_resource"
    yield from ((policy, f"{rule}s", rule) for policy, lists in kinds.LISTS.items() for rule in lists)
    for kind, children in routes.CHILDREN.items():
        if kind.endswith(("_gateway", "_task")) or kind == "vpn":
            yield from ((kind, child, child) for child in children)
    yield from ((kind, name, name) for _, name, only, _ in ACTIONS for kind in only or ())


HANDLERS = Handlers(ACTIONS, CREATED, CHANGED, SHOWN, tuple(dict.fromkeys(_links())))
