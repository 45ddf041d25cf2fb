#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare group policy objects"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ad_gpos
short_description: Declare group policy objects
description:
  - Creates, changes and removes group policy objects (GPOs), known by display name, over LDAPS and SMB; nothing runs on Windows.
    M(ad_gpo_links) declares where they are linked.
  - Files are written before versions and extension lists, so that no computer sees half a change; the next run ends what
    a killed run has left.
  - Settings of a GPO that nobody declares are kept and reported.
author: Ville du Bourget
options:
  prefix:
    description: 'Beginnings of the names of the owner''s GPOs: C(overridden) removes those that are not declared, and no
      other.'
    type: list
    elements: str
    default: []
  backup_dir:
    description: 'Folder of the control node for backups as the console makes them: of what is removed, before it is, and
      of all that is C(gathered), with a migration table.'
    type: path
  signed:
    description: 'Folder of the programs that the town signed, each beside the certificate of its publisher: a policy that
      runs a program waits for it.'
    type: path
  admx:
    description: Folder of the site's own policy definitions (ADMX, and ADML by language), here.
    type: path
  config:
    description: 'Objects of the kind (gpo), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: 'Display name, the identity: two of one name are refused.'
        type: str
        required: true
      comment:
        description:
          - Comment, as the console shows it.
          - The system's own default is C().
        type: str
      computer:
        description: What computers apply, whoever opens a session.
        type: dict
        suboptions:
          enabled:
            description:
              - Whether the side is processed at all.
              - The system's own default is C(true).
            type: bool
          firewall:
            description:
              - Windows Defender Firewall.
              - The system's own default is C({}).
            type: dict
            suboptions:
              profiles:
                description:
                  - 'Settings of the profiles `domain`, `private` and `public`, as `domain.inbound`. Names: C(enabled), C(inbound),
                    C(local_ipsec_rules), C(local_rules), C(log_dropped), C(log_file), C(log_kib), C(log_successful), C(notifications),
                    C(outbound), C(stealth), C(unicast_answers).'
                  - The keys are free; null takes an entry away.
                  - The system's own default is C({}).
                type: dict
              rules:
                description:
                  - Rules, by name.
                  - The keys are free; null takes an entry away.
                  - C(action) (str, required, one of allow, block, bypass) What it does.
                  - C(direction) (str, required, one of in, out) Whose initiative it is about.
                  - C(enabled) (bool, default true) Whether it is in force.
                  - C(protocol) (str) icmp4, tcp, udp, icmp6, or a number; all where absent.
                  - C(local_ports) (list of str) Ports or ranges of the machine.
                  - C(remote_ports) (list of str) Ports or ranges of the peer.
                  - C(local_addresses) (list of str) Addresses of the machine.
                  - C(remote_addresses) (list of str) Addresses, networks, ranges of the peer, or LocalSubnet.
                  - C(program) (str) Path of the program.
                  - C(service) (str) Short name of the service.
                  - C(profiles) (list of str, one of domain, private, public) Profiles; all where absent.
                  - C(group) (str) Group under which the console shows it.
                  - C(description) (str) Description.
                  - C(other) (list of str) Other fields of the rule, each as `Name=value`, in order.
                  - The system's own default is C({}).
                type: dict
          auto_enrolment: &auto_enrolment
            description:
              - 'Automatic enrolment of certificates: C(mode) (`enabled`, `update` those whose template changed, `renew` those
                that expire, `renew_and_update`, `disabled`), C(expiration_percent), C(expiration_stores).'
              - The keys are free; null takes an entry away.
              - The system's own default is C({}).
            type: dict
          trusted_roots:
            description:
              - 'Root authorities that the machine trusts: certificate in PEM, under the name of its subject.'
              - The keys are free; null takes an entry away.
              - The system's own default is C({}).
            type: dict
          trusted_publishers:
            description:
              - 'Publishers whose signed programs the machine runs: certificate in PEM, under the name of its subject. It
                trusts them where it also trusts their authority.'
              - The keys are free; null takes an entry away.
              - The system's own default is C({}).
            type: dict
          policies: &policies
            description:
              - Administrative-template settings by readable name (`power.sleep_after_ac`), each with its value; also those
                of the site's own ADMX files, as `FILE:policy` or by the path that the editor shows.
              - The keys are free; null takes an entry away.
              - The system's own default is C({}).
            type: dict
          security:
            description:
              - Security template.
              - The system's own default is C({}).
            type: dict
            suboptions:
              accounts:
                description:
                  - 'Passwords, lockout and built-in accounts. Names: C(administrator_enabled), C(administrator_lockout),
                    C(administrator_name), C(anonymous_name_lookup), C(force_logoff_after_hours), C(guest_enabled), C(guest_name),
                    C(lockout_minutes), C(lockout_reset_minutes), C(lockout_threshold), C(logon_to_change_password), C(password_complexity),
                    C(password_history), C(password_length), C(password_maximum_days), C(password_minimum_days), C(password_reversible).'
                  - The keys are free; null takes an entry away.
                  - The system's own default is C({}).
                type: dict
              kerberos:
                description:
                  - 'Kerberos tickets of the domain. Names: C(clock_skew_minutes), C(renewal_days), C(service_ticket_minutes),
                    C(ticket_hours), C(validate_client).'
                  - The keys are free; null takes an entry away.
                  - The system's own default is C({}).
                type: dict
              event_logs:
                description:
                  - 'Classic event logs. Names: C(application.guests_excluded), C(application.maximum_kib), C(application.retention),
                    C(application.retention_days), C(security.guests_excluded), C(security.maximum_kib), C(security.retention),
                    C(security.retention_days), C(system.guests_excluded), C(system.maximum_kib), C(system.retention), C(system.retention_days).'
                  - The keys are free; null takes an entry away.
                  - The system's own default is C({}).
                type: dict
              legacy_audit:
                description:
                  - 'Audit by category; `audit` is finer and replaces it. Names: C(account_logon), C(account_management),
                    C(directory_access), C(logon), C(object_access), C(policy_change), C(privilege_use), C(process_tracking),
                    C(system).'
                  - The keys are free; null takes an entry away.
                  - The system's own default is C({}).
                type: dict
              registry_values:
                description:
                  - Security options, under `MACHINE\Key\Value`.
                  - The keys are free; null takes an entry away.
                  - C(type) (str, required, one of sz, expand_sz, dword, multi_sz) Registry type.
                  - C(data) (raw, required) A number, a text or a list, by the type.
                  - The system's own default is C({}).
                type: dict
              rights:
                description:
                  - Who has each right or privilege, as a list of groups and accounts; nobody for an empty one.
                  - The keys are free; null takes an entry away.
                  - The system's own default is C({}).
                type: dict
              services:
                description:
                  - System services by short name.
                  - The keys are free; null takes an entry away.
                  - C(startup) (str, required, one of automatic, manual, disabled) How the service starts.
                  - C(permissions) (str) Its rights in SDDL, groups by their names in braces.
                  - The system's own default is C({}).
                type: dict
              restricted_groups:
                description:
                  - Local groups whose members, or whose groups, are imposed.
                  - The keys are free; null takes an entry away.
                  - C(members) (list of str) All its members. Names of groups and accounts.
                  - C(member_of) (list of str) Groups that it joins. Names of groups and accounts.
                  - The system's own default is C({}).
                type: dict
          audit:
            description:
              - 'Advanced audit, none, success, failure, success_and_failure by subcategory. Names: C(account_logon.credential_validation),
                C(account_logon.kerberos_authentication), C(account_logon.kerberos_tickets), C(account_logon.other), C(account_management.application_groups),
                C(account_management.computers), C(account_management.distribution_groups), C(account_management.other), C(account_management.security_groups),
                C(account_management.users), C(directory.access), C(directory.changes), C(directory.detailed_replication),
                C(directory.replication), C(logon.account_lockout), C(logon.claims), C(logon.group_membership), C(logon.ipsec_extended),
                C(logon.ipsec_main), C(logon.ipsec_quick), C(logon.logoff), C(logon.logon), C(logon.network_policy_server),
                C(logon.other), C(logon.special), C(object_access.application_generated), C(object_access.certification),
                C(object_access.central_policy_staging), C(object_access.detailed_file_share), C(object_access.file_share),
                C(object_access.file_system), C(object_access.filtering_connection), C(object_access.filtering_packet_drop),
                C(object_access.handles), C(object_access.kernel), C(object_access.other), C(object_access.registry), C(object_access.removable_storage),
                C(object_access.sam), C(policy_change.audit), C(policy_change.authentication), C(policy_change.authorization),
                C(policy_change.filtering_platform), C(policy_change.firewall_rules), C(policy_change.other), C(privilege_use.non_sensitive),
                C(privilege_use.other), C(privilege_use.sensitive), C(system.integrity), C(system.ipsec_driver), C(system.other),
                C(system.security_extension), C(system.state_change), C(tracking.dpapi), C(tracking.plug_and_play), C(tracking.process_creation),
                C(tracking.process_termination), C(tracking.rpc), C(tracking.token_rights).'
              - The keys are free; null takes an entry away.
              - The system's own default is C({}).
            type: dict
            choices: [none, success, failure, success_and_failure]
          scripts:
            description:
              - Scripts, in their order; those in PowerShell and the others run in two lists.
              - The system's own default is C({}).
            type: dict
            suboptions:
              startup:
                description:
                  - Scripts that run at startup.
                  - The system's own default is C([]).
                type: list
                elements: dict
                suboptions: &startup
                  name:
                    description: File name of the script, or a path that the machine can run.
                    type: str
                    required: true
                  parameters:
                    description:
                      - Parameters.
                      - The system's own default is C().
                    type: str
                  content:
                    description: Text of the script, put in the policy; absent where C(name) is a path of its own.
                    type: str
                  file:
                    description: Instead of C(content), path of the script on the control node.
                    type: path
              startup_powershell:
                description:
                  - Scripts that run at startup, in PowerShell.
                  - The system's own default is C([]).
                type: list
                elements: dict
                suboptions: *startup
              shutdown:
                description:
                  - Scripts that run at shutdown.
                  - The system's own default is C([]).
                type: list
                elements: dict
                suboptions: *startup
              shutdown_powershell:
                description:
                  - Scripts that run at shutdown, in PowerShell.
                  - The system's own default is C([]).
                type: list
                elements: dict
                suboptions: *startup
          preferences:
            description:
              - Group Policy Preferences, by kind and by what each item acts on. The order of processing is kept; new items
                come last.
              - The system's own default is C({}).
            type: dict
            suboptions:
              tcp_printers: &tcp_printers
                description:
                  - Printers on the network, by address.
                  - The keys are free; null takes an entry away.
                  - C(action) (str, one of create, replace, update, delete, default update) What to do with it.
                  - C(name) (str, default ) Local name.
                  - C(path) (str, default ) Shared printer that the driver is taken from, as a UNC path.
                  - C(dns) (bool, default false) The address is a name.
                  - C(ipv6) (bool, default false) The address is IPv6.
                  - C(location) (str, default ) Where it is.
                  - C(comment) (str, default ) Comment.
                  - C(default) (bool, default false) Make it the default printer.
                  - C(unless_local) (bool, default false) Not as default where a local printer is there.
                  - C(delete_all) (bool, default false) Delete all network printers (action delete).
                  - C(protocol) (str, one of raw, lpr) Protocol.
                  - C(port) (int) TCP port.
                  - C(queue) (str) Queue (lpr).
                  - C(double_spool) (bool) Spool twice (lpr).
                  - C(snmp) (bool) Ask its state by SNMP.
                  - C(snmp_community) (str) SNMP community.
                  - C(snmp_index) (int) SNMP device index.
                  - C(enabled) (bool, default true) The item counts; false keeps it there, without effect.
                  - C(description) (str, default ) Free text, for who reads the GPO.
                  - C(stop_on_error) (bool, default false) An error here stops the other items of this kind.
                  - C(user_context) (bool, default false) Act as who is logged on, not as the system.
                  - C(remove_when_unapplied) (bool, default false) Take it back where the GPO no longer applies.
                  - C(apply_once) (bool, default false) Apply once and never again.
                  - C(targeting) (list of dict) Conditions, all of which must hold.
                  - C(targeting.group) (str) Security group that the user or the computer is in.
                  - C(targeting.organizational_unit) (str) OU, as a path from the domain's root, that the user or the computer
                    is under.
                  - C(targeting.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.user) (str) Account that is logged on.
                  - C(targeting.ip_range) (list of str) First and last address of a range.
                  - C(targeting.site) (str) Active Directory site.
                  - C(targeting.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.group) (str) Security group that the user or the computer is in.
                  - C(targeting.conditions.organizational_unit) (str) OU, as a path from the domain's root, that the user
                    or the computer is under.
                  - C(targeting.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.conditions.group) (str) Security group that the user or the computer is in.
                  - C(targeting.conditions.conditions.organizational_unit) (str) OU, as a path from the domain's root, that
                    the user or the computer is under.
                  - C(targeting.conditions.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where it has a
                    dot).
                  - C(targeting.conditions.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.conditions.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(targeting.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(targeting.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.not) (bool, default false) The condition must be false.
                  - C(targeting.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(attributes) (dict) Attributes of the item that have no field here, in Windows' own words.
                  - The system's own default is C({}).
                type: dict
              scheduled_tasks: &scheduled_tasks
                description:
                  - Scheduled tasks, by name.
                  - The keys are free; null takes an entry away.
                  - C(action) (str, one of create, replace, update, delete, default update) What to do with it.
                  - C(run_as) (str, default NT AUTHORITY\System) Account that it runs as; one of the system's, or %LogonDomain%\%LogonUser%.
                  - C(logon_type) (str, one of service, interactive, group, account, default service) How that account logs
                    on.
                  - C(author) (str, default Piste) Who made it.
                  - C(comment) (str, default ) What it is for.
                  - C(run_level) (str, one of least, highest, default least) Rights that it runs with.
                  - C(idle_duration) (str, default PT10M) How long the computer must have been idle.
                  - C(idle_wait) (str, default PT1H) How long to wait for it to be idle.
                  - C(stop_on_idle_end) (bool, default true) Stop when it is no longer idle.
                  - C(restart_on_idle) (bool, default false) Start again when it is idle again.
                  - C(instances) (str, one of ignore, parallel, queue, stop, default ignore) What to do where one is running
                    already.
                  - C(not_on_batteries) (bool, default true) Do not start on batteries.
                  - C(stop_on_batteries) (bool, default true) Stop when it goes on batteries.
                  - C(kill) (bool, default true) Kill what does not stop.
                  - C(catch_up) (bool, default false) Start as soon as possible after a missed time.
                  - C(needs_network) (bool, default false) Only where a network is there.
                  - C(on_demand) (bool, default true) It may be started by hand.
                  - C(active) (bool, default true) The task runs; false keeps it there, asleep.
                  - C(hidden) (bool, default false) Hidden in the scheduler.
                  - C(needs_idle) (bool, default false) Only while the computer is idle.
                  - C(wake) (bool, default false) Wake the computer to run.
                  - 'C(time_limit) (str, default P3D) Longest time it may run (ISO 8601; PT0S: none).'
                  - C(delete_after) (str) Delete it this long after its last time (ISO 8601).
                  - C(priority) (int, default 7) 0 (highest) to 10.
                  - C(retry_interval) (str) Time between attempts after a failure (ISO 8601).
                  - C(retries) (int) Attempts after a failure.
                  - C(triggers) (list of dict) When it starts.
                  - C(triggers.type) (str, one of once, daily, weekly, monthly, startup, logon, idle, registration, session)
                    When it starts.
                  - C(triggers.start) (str) First time, local (2026-01-31T20:00:00).
                  - C(triggers.end) (str) Last time.
                  - C(triggers.enabled) (bool, default true) The trigger counts.
                  - C(triggers.every) (int) Every so many days or weeks.
                  - C(triggers.days) (list of str) Days of the week; for monthly, numbers of the month or Last.
                  - C(triggers.months) (list of str) Months of a monthly trigger.
                  - C(triggers.repeat_every) (str) Repetition within the day (ISO 8601).
                  - C(triggers.repeat_for) (str) How long it repeats (ISO 8601).
                  - C(triggers.random_delay) (str) Random delay at most (ISO 8601).
                  - C(triggers.delay) (str) Delay (ISO 8601).
                  - C(triggers.user) (str) Account whose log-on or session counts.
                  - 'C(triggers.state) (str) Change of session: SessionLock, SessionUnlock, RemoteConnect …'
                  - C(triggers.xml) (str) The trigger's own XML, for one without a form here.
                  - C(actions) (list of dict) What it runs, in order.
                  - C(actions.command) (str) Program.
                  - C(actions.arguments) (str) Its arguments.
                  - C(actions.working_directory) (str) Folder that it starts in.
                  - C(actions.xml) (str) The action's own XML, for one without a form here.
                  - C(enabled) (bool, default true) The item counts; false keeps it there, without effect.
                  - C(description) (str, default ) Free text, for who reads the GPO.
                  - C(stop_on_error) (bool, default false) An error here stops the other items of this kind.
                  - C(user_context) (bool, default false) Act as who is logged on, not as the system.
                  - C(remove_when_unapplied) (bool, default false) Take it back where the GPO no longer applies.
                  - C(apply_once) (bool, default false) Apply once and never again.
                  - C(targeting) (list of dict) Conditions, all of which must hold.
                  - C(targeting.group) (str) Security group that the user or the computer is in.
                  - C(targeting.organizational_unit) (str) OU, as a path from the domain's root, that the user or the computer
                    is under.
                  - C(targeting.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.user) (str) Account that is logged on.
                  - C(targeting.ip_range) (list of str) First and last address of a range.
                  - C(targeting.site) (str) Active Directory site.
                  - C(targeting.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.group) (str) Security group that the user or the computer is in.
                  - C(targeting.conditions.organizational_unit) (str) OU, as a path from the domain's root, that the user
                    or the computer is under.
                  - C(targeting.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.conditions.group) (str) Security group that the user or the computer is in.
                  - C(targeting.conditions.conditions.organizational_unit) (str) OU, as a path from the domain's root, that
                    the user or the computer is under.
                  - C(targeting.conditions.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where it has a
                    dot).
                  - C(targeting.conditions.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.conditions.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(targeting.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(targeting.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.not) (bool, default false) The condition must be false.
                  - C(targeting.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(attributes) (dict) Attributes of the item that have no field here, in Windows' own words.
                  - The system's own default is C({}).
                type: dict
              immediate_tasks: &immediate_tasks
                description:
                  - Tasks that run once, at the next refresh, by name.
                  - The keys are free; null takes an entry away.
                  - C(action) (str, one of create, replace, update, delete, default update) What to do with it.
                  - C(run_as) (str, default NT AUTHORITY\System) Account that it runs as; one of the system's, or %LogonDomain%\%LogonUser%.
                  - C(logon_type) (str, one of service, interactive, group, account, default service) How that account logs
                    on.
                  - C(author) (str, default Piste) Who made it.
                  - C(comment) (str, default ) What it is for.
                  - C(run_level) (str, one of least, highest, default least) Rights that it runs with.
                  - C(idle_duration) (str, default PT10M) How long the computer must have been idle.
                  - C(idle_wait) (str, default PT1H) How long to wait for it to be idle.
                  - C(stop_on_idle_end) (bool, default true) Stop when it is no longer idle.
                  - C(restart_on_idle) (bool, default false) Start again when it is idle again.
                  - C(instances) (str, one of ignore, parallel, queue, stop, default ignore) What to do where one is running
                    already.
                  - C(not_on_batteries) (bool, default true) Do not start on batteries.
                  - C(stop_on_batteries) (bool, default true) Stop when it goes on batteries.
                  - C(kill) (bool, default true) Kill what does not stop.
                  - C(catch_up) (bool, default false) Start as soon as possible after a missed time.
                  - C(needs_network) (bool, default false) Only where a network is there.
                  - C(on_demand) (bool, default true) It may be started by hand.
                  - C(active) (bool, default true) The task runs; false keeps it there, asleep.
                  - C(hidden) (bool, default false) Hidden in the scheduler.
                  - C(needs_idle) (bool, default false) Only while the computer is idle.
                  - C(wake) (bool, default false) Wake the computer to run.
                  - 'C(time_limit) (str, default P3D) Longest time it may run (ISO 8601; PT0S: none).'
                  - C(delete_after) (str) Delete it this long after its last time (ISO 8601).
                  - C(priority) (int, default 7) 0 (highest) to 10.
                  - C(retry_interval) (str) Time between attempts after a failure (ISO 8601).
                  - C(retries) (int) Attempts after a failure.
                  - C(triggers) (list of dict) When it starts.
                  - C(triggers.type) (str, one of once, daily, weekly, monthly, startup, logon, idle, registration, session)
                    When it starts.
                  - C(triggers.start) (str) First time, local (2026-01-31T20:00:00).
                  - C(triggers.end) (str) Last time.
                  - C(triggers.enabled) (bool, default true) The trigger counts.
                  - C(triggers.every) (int) Every so many days or weeks.
                  - C(triggers.days) (list of str) Days of the week; for monthly, numbers of the month or Last.
                  - C(triggers.months) (list of str) Months of a monthly trigger.
                  - C(triggers.repeat_every) (str) Repetition within the day (ISO 8601).
                  - C(triggers.repeat_for) (str) How long it repeats (ISO 8601).
                  - C(triggers.random_delay) (str) Random delay at most (ISO 8601).
                  - C(triggers.delay) (str) Delay (ISO 8601).
                  - C(triggers.user) (str) Account whose log-on or session counts.
                  - 'C(triggers.state) (str) Change of session: SessionLock, SessionUnlock, RemoteConnect …'
                  - C(triggers.xml) (str) The trigger's own XML, for one without a form here.
                  - C(actions) (list of dict) What it runs, in order.
                  - C(actions.command) (str) Program.
                  - C(actions.arguments) (str) Its arguments.
                  - C(actions.working_directory) (str) Folder that it starts in.
                  - C(actions.xml) (str) The action's own XML, for one without a form here.
                  - C(enabled) (bool, default true) The item counts; false keeps it there, without effect.
                  - C(description) (str, default ) Free text, for who reads the GPO.
                  - C(stop_on_error) (bool, default false) An error here stops the other items of this kind.
                  - C(user_context) (bool, default false) Act as who is logged on, not as the system.
                  - C(remove_when_unapplied) (bool, default false) Take it back where the GPO no longer applies.
                  - C(apply_once) (bool, default false) Apply once and never again.
                  - C(targeting) (list of dict) Conditions, all of which must hold.
                  - C(targeting.group) (str) Security group that the user or the computer is in.
                  - C(targeting.organizational_unit) (str) OU, as a path from the domain's root, that the user or the computer
                    is under.
                  - C(targeting.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.user) (str) Account that is logged on.
                  - C(targeting.ip_range) (list of str) First and last address of a range.
                  - C(targeting.site) (str) Active Directory site.
                  - C(targeting.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.group) (str) Security group that the user or the computer is in.
                  - C(targeting.conditions.organizational_unit) (str) OU, as a path from the domain's root, that the user
                    or the computer is under.
                  - C(targeting.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.conditions.group) (str) Security group that the user or the computer is in.
                  - C(targeting.conditions.conditions.organizational_unit) (str) OU, as a path from the domain's root, that
                    the user or the computer is under.
                  - C(targeting.conditions.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where it has a
                    dot).
                  - C(targeting.conditions.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.conditions.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(targeting.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(targeting.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.not) (bool, default false) The condition must be false.
                  - C(targeting.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(attributes) (dict) Attributes of the item that have no field here, in Windows' own words.
                  - The system's own default is C({}).
                type: dict
              local_groups: &local_groups
                description:
                  - Groups of the computer, by name (BUILTIN\Administrators for one that Windows brings).
                  - The keys are free; null takes an entry away.
                  - C(action) (str, one of create, replace, update, delete, default update) What to do with it.
                  - C(new_name) (str, default ) New name (action update).
                  - C(comment) (str, default ) What it is for.
                  - C(current_user) (str, one of none, add, remove, default none) What to do with who is logged on.
                  - C(remove_users) (bool, default false) Remove all user accounts first.
                  - C(remove_groups) (bool, default false) Remove all groups first.
                  - C(keep_current_user) (bool, default false) Leave who is logged on as he is.
                  - C(members) (map, one of add, remove) Accounts to add to the group or remove from it; .\name is an account
                    of the computer itself.
                  - C(enabled) (bool, default true) The item counts; false keeps it there, without effect.
                  - C(description) (str, default ) Free text, for who reads the GPO.
                  - C(stop_on_error) (bool, default false) An error here stops the other items of this kind.
                  - C(user_context) (bool, default false) Act as who is logged on, not as the system.
                  - C(remove_when_unapplied) (bool, default false) Take it back where the GPO no longer applies.
                  - C(apply_once) (bool, default false) Apply once and never again.
                  - C(targeting) (list of dict) Conditions, all of which must hold.
                  - C(targeting.group) (str) Security group that the user or the computer is in.
                  - C(targeting.organizational_unit) (str) OU, as a path from the domain's root, that the user or the computer
                    is under.
                  - C(targeting.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.user) (str) Account that is logged on.
                  - C(targeting.ip_range) (list of str) First and last address of a range.
                  - C(targeting.site) (str) Active Directory site.
                  - C(targeting.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.group) (str) Security group that the user or the computer is in.
                  - C(targeting.conditions.organizational_unit) (str) OU, as a path from the domain's root, that the user
                    or the computer is under.
                  - C(targeting.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.conditions.group) (str) Security group that the user or the computer is in.
                  - C(targeting.conditions.conditions.organizational_unit) (str) OU, as a path from the domain's root, that
                    the user or the computer is under.
                  - C(targeting.conditions.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where it has a
                    dot).
                  - C(targeting.conditions.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.conditions.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(targeting.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(targeting.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.not) (bool, default false) The condition must be false.
                  - C(targeting.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(attributes) (dict) Attributes of the item that have no field here, in Windows' own words.
                  - The system's own default is C({}).
                type: dict
              local_users: &local_users
                description:
                  - Accounts of the computer, by name; never with a password, which could not be kept secret.
                  - The keys are free; null takes an entry away.
                  - C(action) (str, one of create, replace, update, delete, default update) What to do with it.
                  - C(new_name) (str, default ) New name (action update).
                  - C(full_name) (str, default ) Full name.
                  - C(comment) (str, default ) What it is for.
                  - C(must_change) (bool, default false) Its password must be changed at the next log-on.
                  - C(cannot_change) (bool, default false) It may not change its password.
                  - C(never_expires) (bool, default false) Its password never expires.
                  - C(account_disabled) (bool, default false) The account is disabled.
                  - C(expires) (str) Day that it expires (YYYY-MM-DD).
                  - C(enabled) (bool, default true) The item counts; false keeps it there, without effect.
                  - C(description) (str, default ) Free text, for who reads the GPO.
                  - C(stop_on_error) (bool, default false) An error here stops the other items of this kind.
                  - C(user_context) (bool, default false) Act as who is logged on, not as the system.
                  - C(remove_when_unapplied) (bool, default false) Take it back where the GPO no longer applies.
                  - C(apply_once) (bool, default false) Apply once and never again.
                  - C(targeting) (list of dict) Conditions, all of which must hold.
                  - C(targeting.group) (str) Security group that the user or the computer is in.
                  - C(targeting.organizational_unit) (str) OU, as a path from the domain's root, that the user or the computer
                    is under.
                  - C(targeting.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.user) (str) Account that is logged on.
                  - C(targeting.ip_range) (list of str) First and last address of a range.
                  - C(targeting.site) (str) Active Directory site.
                  - C(targeting.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.group) (str) Security group that the user or the computer is in.
                  - C(targeting.conditions.organizational_unit) (str) OU, as a path from the domain's root, that the user
                    or the computer is under.
                  - C(targeting.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.conditions.group) (str) Security group that the user or the computer is in.
                  - C(targeting.conditions.conditions.organizational_unit) (str) OU, as a path from the domain's root, that
                    the user or the computer is under.
                  - C(targeting.conditions.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where it has a
                    dot).
                  - C(targeting.conditions.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.conditions.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(targeting.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(targeting.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.not) (bool, default false) The condition must be false.
                  - C(targeting.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(attributes) (dict) Attributes of the item that have no field here, in Windows' own words.
                  - The system's own default is C({}).
                type: dict
              registry: &registry
                description:
                  - Registry values, by HKLM\Key!Value.
                  - The keys are free; null takes an entry away.
                  - C(action) (str, one of create, replace, update, delete, default update) What to do with it.
                  - C(decimal) (bool, default false) The editor shows it in decimal.
                  - C(type) (str, one of sz, expand_sz, multi_sz, dword, qword, binary) Type of the value; none for the key
                    alone.
                  - C(data) (raw) A number for `dword` and `qword`, a list for `multi_sz`, else a text. Not for `binary`.
                  - C(base64) (str) The bytes of `binary`, in base64.
                  - C(enabled) (bool, default true) The item counts; false keeps it there, without effect.
                  - C(description) (str, default ) Free text, for who reads the GPO.
                  - C(stop_on_error) (bool, default false) An error here stops the other items of this kind.
                  - C(user_context) (bool, default false) Act as who is logged on, not as the system.
                  - C(remove_when_unapplied) (bool, default false) Take it back where the GPO no longer applies.
                  - C(apply_once) (bool, default false) Apply once and never again.
                  - C(targeting) (list of dict) Conditions, all of which must hold.
                  - C(targeting.group) (str) Security group that the user or the computer is in.
                  - C(targeting.organizational_unit) (str) OU, as a path from the domain's root, that the user or the computer
                    is under.
                  - C(targeting.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.user) (str) Account that is logged on.
                  - C(targeting.ip_range) (list of str) First and last address of a range.
                  - C(targeting.site) (str) Active Directory site.
                  - C(targeting.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.group) (str) Security group that the user or the computer is in.
                  - C(targeting.conditions.organizational_unit) (str) OU, as a path from the domain's root, that the user
                    or the computer is under.
                  - C(targeting.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.conditions.group) (str) Security group that the user or the computer is in.
                  - C(targeting.conditions.conditions.organizational_unit) (str) OU, as a path from the domain's root, that
                    the user or the computer is under.
                  - C(targeting.conditions.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where it has a
                    dot).
                  - C(targeting.conditions.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.conditions.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(targeting.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(targeting.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.not) (bool, default false) The condition must be false.
                  - C(targeting.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(attributes) (dict) Attributes of the item that have no field here, in Windows' own words.
                  - The system's own default is C({}).
                type: dict
              files: &files
                description:
                  - Files copied, by target path.
                  - The keys are free; null takes an entry away.
                  - C(action) (str, one of create, replace, update, delete, default update) What to do with it.
                  - C(source) (str, default ) Where to copy from.
                  - C(read_only) (bool, default false) Read only.
                  - C(archive) (bool, default false) To archive.
                  - C(hidden) (bool, default false) Hidden.
                  - C(suppress) (bool) Pass over the error of one file.
                  - C(enabled) (bool, default true) The item counts; false keeps it there, without effect.
                  - C(description) (str, default ) Free text, for who reads the GPO.
                  - C(stop_on_error) (bool, default false) An error here stops the other items of this kind.
                  - C(user_context) (bool, default false) Act as who is logged on, not as the system.
                  - C(remove_when_unapplied) (bool, default false) Take it back where the GPO no longer applies.
                  - C(apply_once) (bool, default false) Apply once and never again.
                  - C(targeting) (list of dict) Conditions, all of which must hold.
                  - C(targeting.group) (str) Security group that the user or the computer is in.
                  - C(targeting.organizational_unit) (str) OU, as a path from the domain's root, that the user or the computer
                    is under.
                  - C(targeting.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.user) (str) Account that is logged on.
                  - C(targeting.ip_range) (list of str) First and last address of a range.
                  - C(targeting.site) (str) Active Directory site.
                  - C(targeting.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.group) (str) Security group that the user or the computer is in.
                  - C(targeting.conditions.organizational_unit) (str) OU, as a path from the domain's root, that the user
                    or the computer is under.
                  - C(targeting.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.conditions.group) (str) Security group that the user or the computer is in.
                  - C(targeting.conditions.conditions.organizational_unit) (str) OU, as a path from the domain's root, that
                    the user or the computer is under.
                  - C(targeting.conditions.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where it has a
                    dot).
                  - C(targeting.conditions.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.conditions.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(targeting.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(targeting.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.not) (bool, default false) The condition must be false.
                  - C(targeting.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(attributes) (dict) Attributes of the item that have no field here, in Windows' own words.
                  - The system's own default is C({}).
                type: dict
              folders: &folders
                description:
                  - Folders, by path.
                  - The keys are free; null takes an entry away.
                  - C(action) (str, one of create, replace, update, delete, default update) What to do with it.
                  - C(read_only) (bool, default false) Read only.
                  - C(archive) (bool, default true) To archive.
                  - C(hidden) (bool, default false) Hidden.
                  - C(delete_folder) (bool) Delete it if empty (action delete).
                  - C(delete_subfolders) (bool) Delete the empty ones below.
                  - C(delete_files) (bool) Delete its files.
                  - C(delete_read_only) (bool) Even the read-only ones.
                  - C(ignore_errors) (bool) Pass over errors of deletion.
                  - C(enabled) (bool, default true) The item counts; false keeps it there, without effect.
                  - C(description) (str, default ) Free text, for who reads the GPO.
                  - C(stop_on_error) (bool, default false) An error here stops the other items of this kind.
                  - C(user_context) (bool, default false) Act as who is logged on, not as the system.
                  - C(remove_when_unapplied) (bool, default false) Take it back where the GPO no longer applies.
                  - C(apply_once) (bool, default false) Apply once and never again.
                  - C(targeting) (list of dict) Conditions, all of which must hold.
                  - C(targeting.group) (str) Security group that the user or the computer is in.
                  - C(targeting.organizational_unit) (str) OU, as a path from the domain's root, that the user or the computer
                    is under.
                  - C(targeting.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.user) (str) Account that is logged on.
                  - C(targeting.ip_range) (list of str) First and last address of a range.
                  - C(targeting.site) (str) Active Directory site.
                  - C(targeting.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.group) (str) Security group that the user or the computer is in.
                  - C(targeting.conditions.organizational_unit) (str) OU, as a path from the domain's root, that the user
                    or the computer is under.
                  - C(targeting.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.conditions.group) (str) Security group that the user or the computer is in.
                  - C(targeting.conditions.conditions.organizational_unit) (str) OU, as a path from the domain's root, that
                    the user or the computer is under.
                  - C(targeting.conditions.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where it has a
                    dot).
                  - C(targeting.conditions.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.conditions.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(targeting.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(targeting.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.not) (bool, default false) The condition must be false.
                  - C(targeting.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(attributes) (dict) Attributes of the item that have no field here, in Windows' own words.
                  - The system's own default is C({}).
                type: dict
              environment: &environment
                description:
                  - Environment variables, by name.
                  - The keys are free; null takes an entry away.
                  - C(action) (str, one of create, replace, update, delete, default update) What to do with it.
                  - C(value) (str, default ) Value.
                  - C(user) (bool, default false) A variable of the user, not of the system.
                  - C(partial) (bool, default false) A segment of PATH, not the whole.
                  - C(enabled) (bool, default true) The item counts; false keeps it there, without effect.
                  - C(description) (str, default ) Free text, for who reads the GPO.
                  - C(stop_on_error) (bool, default false) An error here stops the other items of this kind.
                  - C(user_context) (bool, default false) Act as who is logged on, not as the system.
                  - C(remove_when_unapplied) (bool, default false) Take it back where the GPO no longer applies.
                  - C(apply_once) (bool, default false) Apply once and never again.
                  - C(targeting) (list of dict) Conditions, all of which must hold.
                  - C(targeting.group) (str) Security group that the user or the computer is in.
                  - C(targeting.organizational_unit) (str) OU, as a path from the domain's root, that the user or the computer
                    is under.
                  - C(targeting.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.user) (str) Account that is logged on.
                  - C(targeting.ip_range) (list of str) First and last address of a range.
                  - C(targeting.site) (str) Active Directory site.
                  - C(targeting.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.group) (str) Security group that the user or the computer is in.
                  - C(targeting.conditions.organizational_unit) (str) OU, as a path from the domain's root, that the user
                    or the computer is under.
                  - C(targeting.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.conditions.group) (str) Security group that the user or the computer is in.
                  - C(targeting.conditions.conditions.organizational_unit) (str) OU, as a path from the domain's root, that
                    the user or the computer is under.
                  - C(targeting.conditions.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where it has a
                    dot).
                  - C(targeting.conditions.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.conditions.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(targeting.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(targeting.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.not) (bool, default false) The condition must be false.
                  - C(targeting.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(attributes) (dict) Attributes of the item that have no field here, in Windows' own words.
                  - The system's own default is C({}).
                type: dict
              power_plans: &power_plans
                description:
                  - 'Power plans, by name. The policies of power are preferred: they cannot be changed back.'
                  - The keys are free; null takes an entry away.
                  - C(action) (str, one of create, replace, update, delete, default update) What to do with it.
                  - C(active) (bool, default false) Make it the active plan.
                  - C(password_ac) (bool) Ask for the password on waking (on mains).
                  - C(password_dc) (bool) Ask for the password on waking (on battery).
                  - C(disk_off_ac) (int) Turn the disk off after (on mains), in seconds; 0 for never.
                  - C(disk_off_dc) (int) Turn the disk off after (on battery), in seconds; 0 for never.
                  - C(sleep_ac) (int) Sleep after (on mains), in seconds; 0 for never.
                  - C(sleep_dc) (int) Sleep after (on battery), in seconds; 0 for never.
                  - C(hybrid_sleep_ac) (bool) Hybrid sleep (on mains).
                  - C(hybrid_sleep_dc) (bool) Hybrid sleep (on battery).
                  - C(hibernate_ac) (int) Hibernate after (on mains), in seconds; 0 for never.
                  - C(hibernate_dc) (int) Hibernate after (on battery), in seconds; 0 for never.
                  - C(lid_ac) (str, one of nothing, sleep, hibernate, shut_down) When the lid closes (on mains).
                  - C(lid_dc) (str, one of nothing, sleep, hibernate, shut_down) When the lid closes (on battery).
                  - C(power_button_ac) (str, one of nothing, sleep, hibernate, shut_down) Power button (on mains).
                  - C(power_button_dc) (str, one of nothing, sleep, hibernate, shut_down) Power button (on battery).
                  - C(start_menu_ac) (str, one of nothing, sleep, hibernate, shut_down) Button of the start menu (on mains).
                  - C(start_menu_dc) (str, one of nothing, sleep, hibernate, shut_down) Button of the start menu (on battery).
                  - C(link_saving_ac) (bool) Save power on PCI Express (on mains).
                  - C(link_saving_dc) (bool) Save power on PCI Express (on battery).
                  - C(processor_min_ac) (int) Lowest state of the processor (on mains), in %.
                  - C(processor_min_dc) (int) Lowest state of the processor (on battery), in %.
                  - C(processor_max_ac) (int) Highest state of the processor (on mains), in %.
                  - C(processor_max_dc) (int) Highest state of the processor (on battery), in %.
                  - C(display_off_ac) (int) Turn the display off after (on mains), in seconds; 0 for never.
                  - C(display_off_dc) (int) Turn the display off after (on battery), in seconds; 0 for never.
                  - C(adaptive_display_ac) (bool) Wait longer where the user comes back (on mains).
                  - C(adaptive_display_dc) (bool) Wait longer where the user comes back (on battery).
                  - C(critical_action_ac) (str, one of nothing, sleep, hibernate, shut_down) At the critical level (on mains).
                  - C(critical_action_dc) (str, one of nothing, sleep, hibernate, shut_down) At the critical level (on battery).
                  - C(low_level_ac) (int) Low level (on mains), in %.
                  - C(low_level_dc) (int) Low level (on battery), in %.
                  - C(critical_level_ac) (int) Critical level (on mains), in %.
                  - C(critical_level_dc) (int) Critical level (on battery), in %.
                  - C(low_warning_ac) (bool) Warn at the low level (on mains).
                  - C(low_warning_dc) (bool) Warn at the low level (on battery).
                  - C(low_action_ac) (str, one of nothing, sleep, hibernate, shut_down) At the low level (on mains).
                  - C(low_action_dc) (str, one of nothing, sleep, hibernate, shut_down) At the low level (on battery).
                  - C(enabled) (bool, default true) The item counts; false keeps it there, without effect.
                  - C(description) (str, default ) Free text, for who reads the GPO.
                  - C(stop_on_error) (bool, default false) An error here stops the other items of this kind.
                  - C(user_context) (bool, default false) Act as who is logged on, not as the system.
                  - C(remove_when_unapplied) (bool, default false) Take it back where the GPO no longer applies.
                  - C(apply_once) (bool, default false) Apply once and never again.
                  - C(targeting) (list of dict) Conditions, all of which must hold.
                  - C(targeting.group) (str) Security group that the user or the computer is in.
                  - C(targeting.organizational_unit) (str) OU, as a path from the domain's root, that the user or the computer
                    is under.
                  - C(targeting.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.user) (str) Account that is logged on.
                  - C(targeting.ip_range) (list of str) First and last address of a range.
                  - C(targeting.site) (str) Active Directory site.
                  - C(targeting.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.group) (str) Security group that the user or the computer is in.
                  - C(targeting.conditions.organizational_unit) (str) OU, as a path from the domain's root, that the user
                    or the computer is under.
                  - C(targeting.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.conditions.group) (str) Security group that the user or the computer is in.
                  - C(targeting.conditions.conditions.organizational_unit) (str) OU, as a path from the domain's root, that
                    the user or the computer is under.
                  - C(targeting.conditions.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where it has a
                    dot).
                  - C(targeting.conditions.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.conditions.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(targeting.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(targeting.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.not) (bool, default false) The condition must be false.
                  - C(targeting.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(attributes) (dict) Attributes of the item that have no field here, in Windows' own words.
                  - The system's own default is C({}).
                type: dict
              services:
                description:
                  - Services, by their short name.
                  - The keys are free; null takes an entry away.
                  - C(startup) (str, one of unchanged, automatic, boot, disabled, manual, system, default unchanged) Start-up.
                  - C(service_action) (str, one of unchanged, start, stop, restart, restart_if_required, default unchanged)
                    What to do with it now.
                  - C(timeout) (int, default 30) Seconds to wait where it is locked.
                  - C(account) (str) Account that it runs as.
                  - C(interact) (bool) It may show windows.
                  - C(first_failure) (str, one of nothing, restart, run, reboot) After its first failure.
                  - C(second_failure) (str, one of nothing, restart, run, reboot) After the second.
                  - C(third_failure) (str, one of nothing, restart, run, reboot) After the next ones.
                  - C(reset_after) (int) When the count of failures starts again.
                  - C(restart_delay) (int) Delay before it is restarted.
                  - C(enabled) (bool, default true) The item counts; false keeps it there, without effect.
                  - C(description) (str, default ) Free text, for who reads the GPO.
                  - C(stop_on_error) (bool, default false) An error here stops the other items of this kind.
                  - C(user_context) (bool, default false) Act as who is logged on, not as the system.
                  - C(remove_when_unapplied) (bool, default false) Take it back where the GPO no longer applies.
                  - C(apply_once) (bool, default false) Apply once and never again.
                  - C(targeting) (list of dict) Conditions, all of which must hold.
                  - C(targeting.group) (str) Security group that the user or the computer is in.
                  - C(targeting.organizational_unit) (str) OU, as a path from the domain's root, that the user or the computer
                    is under.
                  - C(targeting.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.user) (str) Account that is logged on.
                  - C(targeting.ip_range) (list of str) First and last address of a range.
                  - C(targeting.site) (str) Active Directory site.
                  - C(targeting.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.group) (str) Security group that the user or the computer is in.
                  - C(targeting.conditions.organizational_unit) (str) OU, as a path from the domain's root, that the user
                    or the computer is under.
                  - C(targeting.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.conditions.group) (str) Security group that the user or the computer is in.
                  - C(targeting.conditions.conditions.organizational_unit) (str) OU, as a path from the domain's root, that
                    the user or the computer is under.
                  - C(targeting.conditions.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where it has a
                    dot).
                  - C(targeting.conditions.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.conditions.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(targeting.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(targeting.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.not) (bool, default false) The condition must be false.
                  - C(targeting.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(attributes) (dict) Attributes of the item that have no field here, in Windows' own words.
                  - The system's own default is C({}).
                type: dict
              shortcuts: &shortcuts
                description:
                  - Shortcuts, by path.
                  - The keys are free; null takes an entry away.
                  - C(action) (str, one of create, replace, update, delete, default update) What to do with it.
                  - C(kind) (str, one of file, url, default file) What it leads to.
                  - C(target) (str, default ) Where it leads.
                  - C(arguments) (str, default ) Arguments.
                  - C(start_in) (str, default ) Working folder.
                  - C(comment) (str, default ) Tooltip.
                  - C(icon) (str, default ) File of the icon.
                  - C(icon_index) (int, default 0) Index of the icon.
                  - C(key) (int, default 0) Keyboard shortcut, as Windows codes it.
                  - C(window) (str, one of normal, minimized, maximized, default normal) Size of the window.
                  - C(enabled) (bool, default true) The item counts; false keeps it there, without effect.
                  - C(description) (str, default ) Free text, for who reads the GPO.
                  - C(stop_on_error) (bool, default false) An error here stops the other items of this kind.
                  - C(user_context) (bool, default false) Act as who is logged on, not as the system.
                  - C(remove_when_unapplied) (bool, default false) Take it back where the GPO no longer applies.
                  - C(apply_once) (bool, default false) Apply once and never again.
                  - C(targeting) (list of dict) Conditions, all of which must hold.
                  - C(targeting.group) (str) Security group that the user or the computer is in.
                  - C(targeting.organizational_unit) (str) OU, as a path from the domain's root, that the user or the computer
                    is under.
                  - C(targeting.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.user) (str) Account that is logged on.
                  - C(targeting.ip_range) (list of str) First and last address of a range.
                  - C(targeting.site) (str) Active Directory site.
                  - C(targeting.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.group) (str) Security group that the user or the computer is in.
                  - C(targeting.conditions.organizational_unit) (str) OU, as a path from the domain's root, that the user
                    or the computer is under.
                  - C(targeting.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.conditions.group) (str) Security group that the user or the computer is in.
                  - C(targeting.conditions.conditions.organizational_unit) (str) OU, as a path from the domain's root, that
                    the user or the computer is under.
                  - C(targeting.conditions.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where it has a
                    dot).
                  - C(targeting.conditions.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.conditions.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(targeting.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(targeting.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.not) (bool, default false) The condition must be false.
                  - C(targeting.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(attributes) (dict) Attributes of the item that have no field here, in Windows' own words.
                  - The system's own default is C({}).
                type: dict
          wired:
            description:
              - 802.1X policy of wired networks. The service dot3svc must start, or it does nothing.
              - Null is a value here, an absent key declares nothing.
              - The system's own default is C(null).
            type: dict
            suboptions:
              name:
                description: Name of the policy.
                type: str
                required: true
              description:
                description:
                  - What it is for.
                  - The system's own default is C().
                type: str
              managed:
                description:
                  - Windows manages the connection.
                  - The system's own default is C(true).
                type: bool
              enforced:
                description:
                  - No network without 802.1X; false lets a laptop work elsewhere.
                  - The system's own default is C(false).
                type: bool
              enabled:
                description:
                  - Try 802.1X.
                  - The system's own default is C(true).
                type: bool
              auth_mode:
                description:
                  - Whose identity is shown.
                  - The system's own default is C(machine).
                type: str
                choices: [machine, user, machine_or_user, guest]
              eap:
                description:
                  - Method; `other` is a profile that the fields cannot say exactly, given as `xml`.
                  - The system's own default is C(tls).
                type: str
                choices: [tls, peap, other]
              inner:
                description:
                  - Method within peap.
                  - The system's own default is C(mschapv2).
                type: str
                choices: [mschapv2, tls]
              server_names:
                description:
                  - Names that the server's certificate must bear.
                  - The order has no meaning.
                type: list
                elements: str
              trusted_roots:
                description:
                  - Authorities that may have signed it, by PEM text or SHA-1 thumbprint. They must reach the client otherwise.
                  - The order has no meaning.
                type: list
                elements: str
              ask_user:
                description:
                  - The user may accept another server.
                  - The system's own default is C(false).
                type: bool
              different_user:
                description:
                  - Another name than that of the certificate (tls).
                  - The system's own default is C(false).
                type: bool
              fast_reconnect:
                description:
                  - Resume a session (peap).
                  - The system's own default is C(true).
                type: bool
              crypto_binding:
                description:
                  - Require cryptographic binding (peap).
                  - The system's own default is C(false).
                type: bool
              windows_logon:
                description:
                  - Use the password of the session (peap with mschapv2).
                  - The system's own default is C(true).
                type: bool
              held_period:
                description: Seconds without a try after a failure.
                type: int
              auth_period:
                description: Seconds to wait for an answer.
                type: int
              start_period:
                description: Seconds between EAPOL-Start messages.
                type: int
              max_start:
                description: EAPOL-Start messages without an answer.
                type: int
              max_failures:
                description: Failures before it is held.
                type: int
              xml:
                description: The profile's own XML.
                type: str
              other:
                description: Settings of the policy that have no field here, as XML, by the element that holds them.
                type: raw
          wireless:
            description:
              - 802.1X policy of wireless networks.
              - Null is a value here, an absent key declares nothing.
              - The system's own default is C(null).
            type: dict
            suboptions:
              name:
                description: Name of the policy.
                type: str
                required: true
              description:
                description:
                  - What it is for.
                  - The system's own default is C().
                type: str
              managed:
                description:
                  - Windows manages the connection.
                  - The system's own default is C(true).
                type: bool
              show_denied:
                description:
                  - Show the networks that are denied.
                  - The system's own default is C(false).
                type: bool
              all_user_profiles:
                description:
                  - Anybody may add networks for all.
                  - The system's own default is C(true).
                type: bool
              ssids:
                description:
                  - Networks, in order of preference; new ones come last.
                  - The keys are free; null takes an entry away.
                  - C(names) (list of str) Names of the network, where they are not that of the entry.
                  - C(hidden) (bool, default false) The network does not tell its name.
                  - C(auto_connect) (bool, default true) Connect where it is in range.
                  - C(auto_switch) (bool, default false) Leave it for a preferred one.
                  - C(authentication) (str, one of WPA2, WPA3ENT, WPA3ENT192, default WPA2) Authentication.
                  - C(encryption) (str, one of AES, GCMP256, default AES) Encryption.
                  - C(auth_mode) (str, one of machine, user, machine_or_user, guest, default machine) Whose identity is shown.
                  - C(eap) (str, one of tls, peap, other, default tls) Method; `other` is a profile that the fields cannot
                    say exactly, given as `xml`.
                  - C(inner) (str, one of mschapv2, tls, default mschapv2) Method within peap.
                  - C(server_names) (list of str) Names that the server's certificate must bear.
                  - C(trusted_roots) (list of str) Authorities that may have signed it, by PEM text or SHA-1 thumbprint. They
                    must reach the client otherwise.
                  - C(ask_user) (bool, default false) The user may accept another server.
                  - C(different_user) (bool, default false) Another name than that of the certificate (tls).
                  - C(fast_reconnect) (bool, default true) Resume a session (peap).
                  - C(crypto_binding) (bool, default false) Require cryptographic binding (peap).
                  - C(windows_logon) (bool, default true) Use the password of the session (peap with mschapv2).
                  - C(held_period) (int) Seconds without a try after a failure.
                  - C(auth_period) (int) Seconds to wait for an answer.
                  - C(start_period) (int) Seconds between EAPOL-Start messages.
                  - C(max_start) (int) EAPOL-Start messages without an answer.
                  - C(max_failures) (int) Failures before it is held.
                  - C(xml) (str) The profile's own XML.
                type: dict
              other:
                description: Settings of the policy that have no field here, as XML, by the element that holds them.
                type: raw
          registry: &registry_2
            description:
              - Registry values under `KEY!VALUE`, the key without its hive; for what no named policy says.
              - The keys are free; null takes an entry away.
              - C(type) (str, one of none, sz, expand_sz, binary, dword, multi_sz, qword) Registry type.
              - C(data) (raw) A number for `dword` and `qword`, a list for `multi_sz`, else a text. Not for `binary` and `none`.
              - C(base64) (str) The bytes of `binary` and `none`, in base64.
              - C(state) (str, one of deleted) `deleted` has the machine lose the value.
              - The system's own default is C({}).
            type: dict
          foreign:
            description:
              - 'What Piste cannot express otherwise, by path, as base64: read, shown and replayed, never written by hand.'
              - The keys are free; null takes an entry away.
            type: dict
      user:
        description: What users apply, on whatever computer.
        type: dict
        suboptions:
          enabled:
            description:
              - Whether the side is processed at all.
              - The system's own default is C(true).
            type: bool
          auto_enrolment: *auto_enrolment
          policies: *policies
          scripts:
            description:
              - Scripts, in their order; those in PowerShell and the others run in two lists.
              - The system's own default is C({}).
            type: dict
            suboptions:
              logon:
                description:
                  - Scripts that run at logon.
                  - The system's own default is C([]).
                type: list
                elements: dict
                suboptions: *startup
              logon_powershell:
                description:
                  - Scripts that run at logon, in PowerShell.
                  - The system's own default is C([]).
                type: list
                elements: dict
                suboptions: *startup
              logoff:
                description:
                  - Scripts that run at logoff.
                  - The system's own default is C([]).
                type: list
                elements: dict
                suboptions: *startup
              logoff_powershell:
                description:
                  - Scripts that run at logoff, in PowerShell.
                  - The system's own default is C([]).
                type: list
                elements: dict
                suboptions: *startup
          preferences:
            description:
              - Group Policy Preferences, by kind and by what each item acts on. The order of processing is kept; new items
                come last.
              - The system's own default is C({}).
            type: dict
            suboptions:
              drive_maps:
                description:
                  - Mapped drives, by letter.
                  - The keys are free; null takes an entry away.
                  - C(action) (str, one of create, replace, update, delete, default update) What to do with it.
                  - C(path) (str, default ) Share, as a UNC path.
                  - C(label) (str, default ) Label shown.
                  - C(persistent) (bool, default false) Reconnect at each log-on.
                  - C(visibility) (str, one of unchanged, hide, show, default unchanged) Visibility of this drive.
                  - C(other_drives) (str, one of unchanged, hide, show, default unchanged) Visibility of all drives.
                  - C(enabled) (bool, default true) The item counts; false keeps it there, without effect.
                  - C(description) (str, default ) Free text, for who reads the GPO.
                  - C(stop_on_error) (bool, default false) An error here stops the other items of this kind.
                  - C(user_context) (bool, default false) Act as who is logged on, not as the system.
                  - C(remove_when_unapplied) (bool, default false) Take it back where the GPO no longer applies.
                  - C(apply_once) (bool, default false) Apply once and never again.
                  - C(targeting) (list of dict) Conditions, all of which must hold.
                  - C(targeting.group) (str) Security group that the user or the computer is in.
                  - C(targeting.organizational_unit) (str) OU, as a path from the domain's root, that the user or the computer
                    is under.
                  - C(targeting.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.user) (str) Account that is logged on.
                  - C(targeting.ip_range) (list of str) First and last address of a range.
                  - C(targeting.site) (str) Active Directory site.
                  - C(targeting.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.group) (str) Security group that the user or the computer is in.
                  - C(targeting.conditions.organizational_unit) (str) OU, as a path from the domain's root, that the user
                    or the computer is under.
                  - C(targeting.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.conditions.group) (str) Security group that the user or the computer is in.
                  - C(targeting.conditions.conditions.organizational_unit) (str) OU, as a path from the domain's root, that
                    the user or the computer is under.
                  - C(targeting.conditions.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where it has a
                    dot).
                  - C(targeting.conditions.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.conditions.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(targeting.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(targeting.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.not) (bool, default false) The condition must be false.
                  - C(targeting.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(attributes) (dict) Attributes of the item that have no field here, in Windows' own words.
                  - The system's own default is C({}).
                type: dict
              shared_printers:
                description:
                  - Shared printers, by UNC path.
                  - The keys are free; null takes an entry away.
                  - C(action) (str, one of create, replace, update, delete, default update) What to do with it.
                  - C(location) (str, default ) Where it is.
                  - C(comment) (str, default ) Comment.
                  - C(default) (bool, default false) Make it the default printer.
                  - C(unless_local) (bool, default false) Not as default where a local printer is there.
                  - C(delete_all) (bool, default false) Delete all shared printers (action delete).
                  - C(persistent) (bool, default false) Reconnect a local port at each log-on.
                  - C(delete_maps) (bool, default false) Delete what all local ports are mapped to (action delete).
                  - C(port) (str, default ) Local port to map.
                  - C(enabled) (bool, default true) The item counts; false keeps it there, without effect.
                  - C(description) (str, default ) Free text, for who reads the GPO.
                  - C(stop_on_error) (bool, default false) An error here stops the other items of this kind.
                  - C(user_context) (bool, default false) Act as who is logged on, not as the system.
                  - C(remove_when_unapplied) (bool, default false) Take it back where the GPO no longer applies.
                  - C(apply_once) (bool, default false) Apply once and never again.
                  - C(targeting) (list of dict) Conditions, all of which must hold.
                  - C(targeting.group) (str) Security group that the user or the computer is in.
                  - C(targeting.organizational_unit) (str) OU, as a path from the domain's root, that the user or the computer
                    is under.
                  - C(targeting.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.user) (str) Account that is logged on.
                  - C(targeting.ip_range) (list of str) First and last address of a range.
                  - C(targeting.site) (str) Active Directory site.
                  - C(targeting.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.group) (str) Security group that the user or the computer is in.
                  - C(targeting.conditions.organizational_unit) (str) OU, as a path from the domain's root, that the user
                    or the computer is under.
                  - C(targeting.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.conditions.group) (str) Security group that the user or the computer is in.
                  - C(targeting.conditions.conditions.organizational_unit) (str) OU, as a path from the domain's root, that
                    the user or the computer is under.
                  - C(targeting.conditions.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where it has a
                    dot).
                  - C(targeting.conditions.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.conditions.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(targeting.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(targeting.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.not) (bool, default false) The condition must be false.
                  - C(targeting.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(attributes) (dict) Attributes of the item that have no field here, in Windows' own words.
                  - The system's own default is C({}).
                type: dict
              tcp_printers: *tcp_printers
              scheduled_tasks: *scheduled_tasks
              immediate_tasks: *immediate_tasks
              local_groups: *local_groups
              local_users: *local_users
              registry: *registry
              files: *files
              folders: *folders
              environment: *environment
              power_plans: *power_plans
              shortcuts: *shortcuts
          registry: *registry_2
          foreign:
            description:
              - 'What Piste cannot express otherwise, by path, as base64: read, shown and replayed, never written by hand.'
              - The keys are free; null takes an entry away.
            type: dict
      filtering:
        description:
          - 'Groups, users or computers that apply the GPO, by name. All may still read it: a computer reads what its users
            apply.'
          - The order has no meaning.
          - The system's own default is C(["Authenticated Users"]).
        type: list
        elements: str
      exempt:
        description:
          - Groups, users or computers that never apply it, whatever else they belong to.
          - The order has no meaning.
          - The system's own default is C([]).
        type: list
        elements: str
      wmi_filter:
        description:
          - Name of the WMI filter that a computer must pass.
          - Null is a value here, an absent key declares nothing.
          - The system's own default is C(null).
        type: str
      foreign:
        description:
          - Files beside both sides that Piste does not know, by path, as base64.
          - The keys are free; null takes an entry away.
        type: dict
      exclusive:
        description: Whether the declared sections hold what is declared and nothing else. Otherwise what they hold besides
          stays, and is reported.
        type: bool
extends_documentation_fragment: [attributes.converges, options.domain, options.task, options.kind, options.states]
"""

EXAMPLES = r"""
- name: Mettre les postes en veille
  ad_gpos:
    domain: "{{ piste_ad }}"
    owner: commune
    config:
      - name: Sobriété - Veille des postes
        comment: Veille après 10 minutes sur secteur
        computer:
          policies:
            power.sleep_after_ac: 600
        filtering: [GG-Sobriete-Pilote]

- name: Sauvegarder toutes les stratégies comme le fait la console
  ad_gpos:
    domain: "{{ piste_ad }}"
    owner: commune
    state: gathered
    backup_dir: sauvegardes/strategies
"""

RETURN = r"""
operations:
  description: Operations that were done (or would be), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
  sample:
    - {system: ad, owner: commune, kind: gpo, key: Sobriété - Veille des postes, label: Sobriété - Veille des postes, action: update,
       fields: [computer], before: 1f0c6c7ef8a2d931, after: 8b7df143d91c716e}
extends_documentation_fragment: [results.converged, results.kind, results.calls]
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("ad_gpos")
