# SPDX-License-Identifier: EUPL-1.2
"""Options that several modules have. Written by `scripts/document.py`."""

from __future__ import annotations


class ModuleDocFragment:
    MERAKI = r"""
---
options:
  dashboard:
    description: Where the Dashboard API listens, and as whom to speak to it.
    type: dict
    required: true
    suboptions:
      base_url:
        description: Base of the API, C(/api/v1) included.
        type: str
        required: true
      api_key:
        description: Key of the API, secret.
        type: str
        required: true
      organization:
        description: Name or id of the organization.
        type: str
        required: true
      ca_file:
        description: Certificate authority, where it is not one of the machine's.
        type: path
      proxy:
        description: Proxy, C(http://host:port).
        type: str
      no_proxy:
        description: Hosts reached without it.
        type: list
        elements: str
        default: []
      timeout:
        description: Seconds for which an answer is waited for.
        type: float
        default: 60
      rate:
        description: Requests a second that this run may send; 0 lifts the limit.
        type: float
        default: 10
"""

    SMC = r"""
---
options:
  smc:
    description: Where the SMC listens, and as whom to speak to it.
    type: dict
    required: true
    suboptions:
      url:
        description: Base of the API, C(https://smc.example:8082).
        type: str
        required: true
      api_version:
        description: 'Version of the API, C(7.4). It is never replaced by another: an SMC that does not offer it is refused.'
        type: str
        required: true
      api_key:
        description: Key of the API client, secret.
        type: str
      login:
        description: Administrator account, where there is no API client.
        type: str
      password:
        description: Its password, secret.
        type: str
      domain:
        description: Administrative domain.
        type: str
      ca_file:
        description: Certificate authority, where it is not one of the machine's.
        type: path
      proxy:
        description: Proxy, C(http://host:port).
        type: str
      no_proxy:
        description: Hosts reached without it.
        type: list
        elements: str
        default: []
      timeout:
        description: Seconds for which an answer is waited for.
        type: float
        default: 60
"""

    PRISM = r"""
---
options:
  prism:
    description: Where Prism Central listens, and as whom to speak to it.
    type: dict
    required: true
    suboptions:
      base_url:
        description: Its address, C(https://prism.example:9440).
        type: str
        required: true
      username:
        description: Account, where no key is given.
        type: str
      password:
        description: Password of the account, secret.
        type: str
      api_key:
        description: Key of the API, secret.
        type: str
      ca_file:
        description: Certificate authority, where it is not one of the machine's.
        type: path
      proxy:
        description: Proxy, C(http://host:port).
        type: str
      no_proxy:
        description: Hosts reached without it.
        type: list
        elements: str
        default: []
      timeout:
        description: Seconds for which an answer is waited for.
        type: float
        default: 60
      task_timeout:
        description: Seconds for which a task is followed.
        type: float
        default: 600
      rate:
        description: Requests a second that this run may send; 0 lifts the limit.
        type: float
        default: 3
"""

    FOREIGN = r"""
---
options:
  apart:
    description: What belongs to another tool (a Citrix site, say) and is never planned, written or removed; an export counts
      it.
    type: dict
    default: {}
    suboptions:
      tool:
        description: What people call that tool.
        type: str
        default: un autre outil
      categories:
        description: Categories of its objects, C(key:value), or C(key) for all its values.
        type: list
        elements: str
      names:
        description: Patterns of their names, with C(*) and C(?), whatever the case.
        type: list
        elements: str
      projects:
        description: Identifiers of the projects that they are in.
        type: list
        elements: str
      owners:
        description: Identifiers of the accounts that own them.
        type: list
        elements: str
"""

    ZABBIX = r"""
---
options:
  zabbix:
    description: Where the frontend of Zabbix listens, and as whom to speak to it.
    type: dict
    required: true
    suboptions:
      url:
        description: Address of its frontend, C(https://zabbix.example).
        type: str
      token:
        description: Token of its API, secret.
        type: str
      ca_file:
        description: Certificate authority, where it is not one of the machine's.
        type: path
      proxy:
        description: Proxy, C(http://host:port).
        type: str
      no_proxy:
        description: Hosts reached without it.
        type: list
        elements: str
        default: []
      timeout:
        description: Seconds for which an answer is waited for.
        type: float
        default: 120
      rate:
        description: Requests a second that this run may send; 0 lifts the limit.
        type: float
        default: 10
"""

    GLPI = r"""
---
options:
  glpi:
    description: Where GLPI listens, and as whom to speak to it.
    type: dict
    required: true
    suboptions:
      base_url:
        description: 'Its address, C(https://glpi.example): what comes before C(/api.php).'
        type: str
        required: true
      api_version:
        description: Version of the High-Level API, pinned in each address.
        type: str
        choices: ['2.0', '2.1', '2.2', '2.3']
        default: '2.3'
      client_id:
        description: OAuth client, with the scope C(api).
        type: str
      client_secret:
        description: Secret of the OAuth client.
        type: str
      username:
        description: Account (grant C(password)); without it the client speaks for itself.
        type: str
      password:
        description: Password of the account, secret.
        type: str
      entity:
        description: Number of the entity to work in; that of the account by default.
        type: int
      user_token:
        description: Token of the account for the legacy API, where the town allows it; secret.
        type: str
      app_token:
        description: Token of the application for the legacy API, secret.
        type: str
      ca_file:
        description: Certificate authority, where it is not one of the machine's.
        type: path
      proxy:
        description: Proxy, C(http://host:port).
        type: str
      no_proxy:
        description: Hosts reached without it.
        type: list
        elements: str
        default: []
      timeout:
        description: Seconds for which an answer is waited for.
        type: float
        default: 60
      rate:
        description: Requests a second that this run may send; 0 lifts the limit.
        type: float
        default: 10
"""

    DOMAIN = r"""
---
options:
  domain:
    description: Address of the Active Directory domain, and the account that connects.
    type: dict
    required: true
    suboptions:
      controller:
        description: Full name of a domain controller, as in its certificate. It names the PDC emulator, where all calls go.
        type: str
        required: true
      address:
        description: Address of C(controller), where its name does not resolve.
        type: str
      username:
        description: 'Account that connects: C(name@domain), or a distinguished name.'
        type: str
        required: true
      password:
        description: Password, secret.
        type: str
        default: ''
      authentication:
        description: 'Authentication of the account. C(ntlm): a simple bind over LDAPS, NTLM for SMB. C(kerberos): Kerberos
          for both, bound to the TLS channel for LDAPS.'
        type: str
        choices: [ntlm, kerberos]
        default: ntlm
      keytab:
        description: Keytab of the account, in place of C(password) with Kerberos.
        type: path
      kdc:
        description: Name or address of the domain's key distribution centre, where DNS does not give it.
        type: str
      ca_file:
        description: Certificate authority of the controllers, where the machine does not trust it.
        type: path
      timeout:
        description: Seconds to wait for an answer.
        type: int
        default: 60
"""

    WINRM = r"""
---
options:
  winrm:
    description: Addresses of Windows hosts by WinRM, and the account that connects.
    type: dict
    required: true
    suboptions:
      domain:
        description: DNS domain of the hosts, added to a name without a dot.
        type: str
        default: ''
      urls:
        description: Addresses, by name, of hosts that are not at C(https://NAME.DOMAIN:5986/wsman).
        type: dict
      username:
        description: 'Account that connects: C(DOMAIN\\name) or C(name@domain).'
        type: str
        required: true
      password:
        description: Password, secret.
        type: str
        default: ''
      authentication:
        description: Authentication of the account.
        type: str
        choices: [ntlm, basic, kerberos]
        default: ntlm
      keytab:
        description: Keytab of the account, in place of C(password) with Kerberos.
        type: path
      kdc:
        description: Name or address of the domain's key distribution centre, where DNS does not give it.
        type: str
      ca_file:
        description: Certificate authority of the hosts, where the machine does not trust it.
        type: path
      timeout:
        description: Seconds to wait for the end of a snippet.
        type: int
        default: 300
"""

    ADMINISTRATORS = r"""
---
options:
  outgoing:
    description: Accounts that leave, by their names or addresses, C(*) for any text; case means nothing.
    type: list
    elements: str
    default: []
  remove:
    description: Remove them; else they are only listed.
    type: bool
    default: false
  kept:
    description: Accounts of programs, of emergencies or of several persons, by their names; none is ever removed. That of
      the task is one of them.
    type: list
    elements: str
    default: []
  town:
    description: Accounts of people of the town, by what they sign in with. The last of them with full rights stays.
    type: list
    elements: str
    default: []
  known:
    description: Accounts that are declared, by what they sign in with, C(*) for any text; all others are orphans. Nobody
      is removed; an empty list reads nothing and says that nobody is judged.
    type: list
    elements: str
  accounts:
    description: 'Accounts as they are to be, and nobody else: C(name), what each signs in with; C(signs_in), whether it may;
      C(grants), what its system needs to make it again where it is gone, as an operation of its withdrawal has it.'
    type: list
    elements: dict
    default: []
  plan:
    description: 'Saved plan to keep to: nothing else is done.'
    type: path
"""

    TASK = r"""
---
options:
  owner:
    description: Site, or C(commune), to which the objects belong; it appears in plans and in secrets' paths.
    type: str
  confirm:
    description: 'Guarded changes that are wanted, by the words that a refusal lists: C(uplink) for all of a kind, C(uplink:QZZZ-0005-0001/25)
      for one.'
    type: list
    elements: str
    default: []
  as_found:
    description: 'What was found and is kept as it is, by system, kind and key: it takes the place of what C(config) says.'
    type: dict
    default: {}
  max_removals:
    description: Removals allowed without the word C(removals).
    type: int
    default: 5
"""

    KIND = r"""
---
options:
  absent:
    description: Names of objects that must not be there, whatever the state.
    type: list
    elements: str
    default: []
  survey:
    description: In check mode, also tell what is there and what of it the task does not declare.
    type: bool
    default: false
  plan:
    description: 'Saved plan to keep to: any other operation stops the task before it writes, and check mode names it. The
      task of a domain reads the kinds that the plan touches, and no other.'
    type: path
  secrets:
    description: Values of the secrets, by path.
    type: dict
    default: {}
  secrets_lock:
    description: File of the fingerprints of what was written and cannot be read back. Without it, such a value counts as
      unchanged.
    type: path
"""

    STATES = r"""
---
options:
  state:
    description: C(merged) changes only what is declared; C(replaced) also puts the other keys of declared objects back to
      their defaults; C(overridden) also removes the owner's undeclared objects; C(deleted) removes the declared objects;
      C(gathered) reads and changes nothing.
    type: str
    choices: [merged, replaced, overridden, deleted, gathered]
    default: merged
"""

    PARTIAL_STATES = r"""
---
options:
  state:
    description: C(merged) changes only what is declared; C(replaced) also puts the other keys of declared objects back to
      their defaults; C(overridden) also removes the owner's undeclared objects; C(deleted) removes the declared objects;
      C(gathered) reads and changes nothing.
    type: str
    choices: [merged, replaced, deleted, gathered]
    default: merged
"""

    OF_DOMAIN = r"""
---
options:
  site:
    description: Owner whose derived declaration is converged, a site or C(commune); M(piste_site) comes before.
    type: str
  state:
    description: C(declared) brings the owner to what the declaration derives; C(merged) does what C(config), C(absent) or
      C(undo) say, and nothing else; C(gathered) reads, whole, and changes nothing; C(deleted) removes what is the owner's
      own, what is held before what holds it; C(undeclared) names what no owner declares.
    type: str
    choices: [declared, merged, gathered, deleted, undeclared]
    default: declared
  absent:
    description: Names of objects that must not be there, by kind.
    type: dict
  undo:
    description: 'What C(piste undo) writes for the owner, by module: what is C(restored) comes first, in the order of the
      kinds, then what is C(returned), in the reverse of it.'
    type: dict
  survey:
    description: In check mode, also tell what is there and what of it the task does not declare. C(piste_survey) of the environment
      where the task does not say it.
    type: bool
  plan:
    description: 'Saved plan to keep to: any other operation stops the task before it writes, and check mode names it. The
      task of a domain reads the kinds that the plan touches, and no other. C(piste_plan) of the environment where the task
      does not say it.'
    type: path
  secrets:
    description: Values of the secrets, by path. C(piste_secrets) of the environment where the task does not say it.
    type: dict
  secrets_lock:
    description: File of the fingerprints of what was written and cannot be read back. Without it, such a value counts as
      unchanged. C(piste_secrets_lock) of the environment where the task does not say it.
    type: path
"""
