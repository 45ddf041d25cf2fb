"""The FreeRADIUS configuration that does what the configuration of an NPS says.

Request policies are tried in order, then network policies: the first whose conditions are all true decides. Where its
methods do not include the method that was used, the device is refused, and no later policy is tried (Microsoft, Access
Permission).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from lab.radius.nps_export import GROUPS, Client, Configuration, NotServed, Policy

METHODS = {13: "TLS", 25: "PEAP"}
# NPS compares enumerations by number; without `integer:` FreeRADIUS gives their name.
_ATTRIBUTES = {
    "Called-Station-Id": "%{Called-Station-Id}",
    "Calling-Station-Id": "%{Calling-Station-Id}",
    "Client-Friendly-Name": "%{client:shortname}",
    "Client-IP-Address": "%{Packet-Src-IP-Address}",
    "MS-RAS-Vendor": "%{integer:MS-RAS-Vendor}",
    "NAS-IP-Address": "%{NAS-IP-Address}",
    "NAS-Identifier": "%{NAS-Identifier}",
    "NAS-Port-Type": "%{integer:NAS-Port-Type}",
    "Service-Type": "%{integer:Service-Type}",
    "User-Name": "%{User-Name}",
}
_ALWAYS = re.compile(r"(?:[0-6] 00:00-24:00(?:; ?)?)+")


def files(
    configuration: Configuration,
    members: Mapping[str, frozenset[str]],
    *,
    folder: Path,
    port: int,
    netbios: str,
    samba: str,
) -> dict[str, str]:
    """Return the files of a server, by path under its folder.

    members  SID of a group -> its accounts in lower case, computers with their `$`
    samba    the configuration of the controller that checks passwords
    """
    return {
        "radiusd.conf": _MAIN.format(
            folder=folder,
            port=port,
            netbios=netbios,
            samba=samba,
            clients="\n".join(map(_client, configuration.clients)),
            requests=_chain((_request(policy, members) for policy in configuration.requests), "    reject\n"),
            policies=_chain((_policy(policy, members) for policy in configuration.policies), "      reject\n"),
        )
    }


def _client(client: Client) -> str:
    return (
        f"client {_quoted(client.name)} {{\n  ipaddr = {client.address}\n  shortname = {_quoted(client.name)}\n"
        f"  secret = {_quoted(client.secret)}\n"
        f"  require_message_authenticator = {'yes' if client.signed else 'auto'}\n}}"
    )


def _request(policy: Policy, members: Mapping[str, frozenset[str]]) -> tuple[str, str]:
    then = "" if policy.grants else "reject\n"
    if policy.unverified:
        then += "update control {\n Auth-Type := Accept\n Tmp-Integer-0 := 1\n}\n" + _answer(policy)
    return _conditions(policy, members), then or "noop\n"


def _policy(policy: Policy, members: Mapping[str, frozenset[str]]) -> tuple[str, str]:
    methods = [METHODS[kind] for kind in policy.eap if kind in METHODS]
    allowed = " || ".join(f"&EAP-Type == {name}" for name in methods) or "false"
    granted = _answer(policy) or "noop\n"
    then = f"if ({allowed}) {{\n{granted}}} else {{\nreject\n}}\n" if policy.grants else "reject\n"
    return _conditions(policy, members), then


def _answer(policy: Policy) -> str:
    if policy.vlan is None:
        return ""
    return (
        "update reply {\n Tunnel-Type := VLAN\n Tunnel-Medium-Type := IEEE-802\n"
        f" Tunnel-Private-Group-Id := {_quoted(policy.vlan)}\n}}\n"
    )


def _chain(policies: Iterator[tuple[str, str]], otherwise: str) -> str:
    text, word = "", "if"
    for condition, then in policies:
        text += f"{word} ({condition}) {{\n{then}}}\n"
        word = "elsif"
    return f"{text}else {{\n{otherwise}}}" if text else otherwise


def _conditions(policy: Policy, members: Mapping[str, frozenset[str]]) -> str:
    return " && ".join(_condition(policy, *condition, members) for condition in policy.conditions) or "true"


def _condition(policy: Policy, name: str, argument: str, members: Mapping[str, frozenset[str]]) -> str:
    if name == "MATCH":
        attribute, _, pattern = argument.partition("=")
        if attribute not in _ATTRIBUTES:
            raise NotServed(f"« {policy.name} » compare {attribute}, que le laboratoire ne sait pas comparer")
        return f'("{_ATTRIBUTES[attribute]}" =~ /{_pattern(pattern)}/i)'
    if name in GROUPS:
        accounts = sorted(account for sid in argument.split(";") for account in members.get(sid, ()))
        listed = "|".join(_pattern(re.escape(account)) for account in accounts)
        return f'("%{{session-state:Tmp-String-0}}" =~ /^({listed})$/i)' if accounts else "(false)"
    if name == "TIMEOFDAY" and _ALWAYS.fullmatch(argument):
        return "(true)"
    raise NotServed(f"« {policy.name} » a une condition {name}, que le laboratoire ne sait pas juger")


def _pattern(text: str) -> str:
    return text.replace("/", r"\/").replace("%", "%%")


def _quoted(text: str) -> str:
    if "\n" in text:
        raise NotServed("un texte sur plusieurs lignes")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


_MAIN = """prefix = /usr
exec_prefix = /usr
sysconfdir = /etc
localstatedir = /var
sbindir = /usr/sbin
logdir = {folder}
raddbdir = {folder}
confdir = {folder}
modconfdir = {folder}
run_dir = {folder}
db_dir = {folder}
libdir = /usr/lib/freeradius
name = freeradius
correct_escapes = true
max_request_time = 30
cleanup_delay = 0
hostname_lookups = no
log {{
  destination = stdout
  auth = yes
}}
security {{
  allow_core_dumps = no
  max_attributes = 200
  reject_delay = 0
  status_server = yes
}}
proxy_requests = no
{clients}
thread pool {{
  start_servers = 2
  max_servers = 4
  min_spare_servers = 1
  max_spare_servers = 3
  max_requests_per_server = 0
}}
modules {{
  always reject {{
    rcode = reject
  }}
  always noop {{
    rcode = noop
  }}
  mschap {{
    use_mppe = yes
    require_encryption = yes
    require_strong = yes
    ntlm_auth = "/usr/bin/ntlm_auth --configfile={samba} --allow-mschapv2 --request-nt-key \
--domain=%{{%{{mschap:NT-Domain}}:-{netbios}}} --username=%{{mschap:User-Name}} \
--challenge=%{{%{{mschap:Challenge}}:-00}} --nt-response=%{{%{{mschap:NT-Response}}:-00}}"
  }}
  eap {{
    default_eap_type = peap
    timer_expire = 60
    tls-config tls-common {{
      private_key_file = {folder}/server.key
      certificate_file = {folder}/server.pem
      ca_file = {folder}/trusted.pem
      check_crl = yes
      tls_min_version = "1.2"
      tls_max_version = "1.2"
      ecdh_curve = ""
    }}
    tls {{
      tls = tls-common
    }}
    peap {{
      tls = tls-common
      default_eap_type = mschapv2
      copy_request_to_tunnel = yes
      use_tunneled_reply = no
      virtual_server = inner
    }}
    mschapv2 {{
    }}
  }}
}}
server nps {{
  listen {{
    type = auth
    ipaddr = 127.0.0.1
    port = {port}
  }}
  authorize {{
    {requests}
    if (!&control:Tmp-Integer-0) {{
      eap {{
        ok = return
      }}
    }}
  }}
  authenticate {{
    eap
  }}
  post-auth {{
    if (!&control:Tmp-Integer-0) {{
      if ("%{{TLS-Client-Cert-Subject-Alt-Name-Dns}}" =~ /^([^.]+)/) {{
        update session-state {{
          Tmp-String-0 := "%{{1}}$"
        }}
      }}
      {policies}
    }}
  }}
}}
server inner {{
  authorize {{
    mschap
    eap {{
      ok = return
    }}
  }}
  authenticate {{
    eap
    mschap
  }}
  post-auth {{
    update outer.session-state {{
      Tmp-String-0 := "%{{mschap:User-Name}}"
    }}
  }}
}}
"""
