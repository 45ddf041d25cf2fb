#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Declare group policy objects"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ad_gpos
short_description: Declare group policy objects
description:
  - Creates, changes and removes group policy objects (GPOs), known by display name, over LDAPS and SMB;
    nothing runs on Windows. Where they are linked is said with C(ad_gpo_links).
  - Files are written before versions and extension lists, so that no computer sees half a change; what
    a run that was killed has left is ended by the next.
  - What a GPO holds and nobody declares is kept and reported.
author: Ville du Bourget
options:
  domain:
    description:
      - Where the Active Directory domain is reached, and as whom.
    type: dict
    required: true
    suboptions:
      controller:
        description:
          - Full name of a domain controller, the one in its certificate. The one that holds the PDC emulator
            role is found from it, and spoken to alone.
        type: str
        required: true
      address:
        description:
          - Address at which C(controller) is reached, where its name does not resolve.
        type: str
      username:
        description:
          - 'Who connects: C(name@domain), or a distinguished name.'
        type: str
        required: true
      password:
        description:
          - Password, secret.
        type: str
        required: true
      ca_file:
        description:
          - Certificate authority of the controllers, where it is not one of the machine's.
        type: path
      timeout:
        description:
          - Seconds for which an answer is waited for.
        type: int
        default: 60
  prefix:
    description:
      - 'Beginnings of the names of the owner''s GPOs: C(overridden) removes those that are not declared,
        and no other.'
    type: list
    elements: str
    default: []
  backup_dir:
    description:
      - 'Folder of the control node for backups as the console makes them: of what is removed, before
        it is, and of all that is C(gathered).'
    type: path
  config:
    description:
      - 'Objects of the kind (gpo), as a list: a playbook never loops over objects.'
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description:
          - 'Display name, the identity: two of one name are refused.'
        type: str
        required: true
      comment:
        description:
          - Comment, as the console shows it.
          - The system's own default is C().
        type: str
      computer:
        description:
          - What computers apply, whoever opens a session.
        type: dict
        suboptions:
          enabled:
            description:
              - Whether the side is processed at all.
              - The system's own default is C(true).
            type: bool
          policies:
            description:
              - Administrative-template settings by readable name (`power.sleep_after_ac`), each with
                its value; also those of the site's own ADMX files, as `FILE:policy` or by the path that
                the editor shows.
              - The keys are free; null takes an entry away.
              - The system's own default is C({}).
            type: dict
          preferences:
            description:
              - Group Policy Preferences, by kind and by what each item acts on. The order of processing
                is kept; new items come last.
            type: dict
            suboptions:
              tcp_printers:
                description:
                  - Printers on the network, by address.
                  - The keys are free; null takes an entry away.
                  - C(action) (str, one of create, replace, update, delete, default update) What to do
                    with it.
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
                  - C(stop_on_error) (bool, default false) An error here stops the other items of this
                    kind.
                  - C(user_context) (bool, default false) Act as who is logged on, not as the system.
                  - C(remove_when_unapplied) (bool, default false) Take it back where the GPO no longer
                    applies.
                  - C(apply_once) (bool, default false) Apply once and never again.
                  - C(targeting) (list of dict) Conditions, all of which must hold.
                  - C(targeting.group) (str) Security group that the user or the computer is in.
                  - C(targeting.organizational_unit) (str) OU, as a path from the domain's root, that
                    the user or the computer is under.
                  - C(targeting.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.user) (str) Account that is logged on.
                  - C(targeting.ip_range) (list of str) First and last address of a range.
                  - C(targeting.site) (str) Active Directory site.
                  - C(targeting.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.group) (str) Security group that the user or the computer is
                    in.
                  - C(targeting.conditions.organizational_unit) (str) OU, as a path from the domain's
                    root, that the user or the computer is under.
                  - C(targeting.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where
                    it has a dot).
                  - C(targeting.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.conditions.group) (str) Security group that the user or the
                    computer is in.
                  - C(targeting.conditions.conditions.organizational_unit) (str) OU, as a path from the
                    domain's root, that the user or the computer is under.
                  - C(targeting.conditions.conditions.computer) (str) Name of the computer (NetBIOS, or
                    DNS where it has a dot).
                  - C(targeting.conditions.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.conditions.ip_range) (list of str) First and last address of
                    a range.
                  - C(targeting.conditions.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions.xml) (str) The filter's own XML, for one without
                    a form here.
                  - C(targeting.conditions.conditions.of) (str, one of user, computer) Whose membership
                    counts.
                  - C(targeting.conditions.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.conditions.not) (bool, default false) The condition must be
                    false.
                  - C(targeting.conditions.conditions.or) (bool, default false) Joined to the one before
                    by or, not by and.
                  - C(targeting.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.or) (bool, default false) Joined to the one before by or, not
                    by and.
                  - C(targeting.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.not) (bool, default false) The condition must be false.
                  - C(targeting.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(attributes) (dict) Attributes of the item that have no field here, in Windows' own
                    words.
                type: dict
              scheduled_tasks:
                description:
                  - Scheduled tasks, by name.
                  - The keys are free; null takes an entry away.
                  - C(action) (str, one of create, replace, update, delete, default update) What to do
                    with it.
                  - C(run_as) (str, default NT AUTHORITY\System) Account that it runs as; one of the system's,
                    or %LogonDomain%\%LogonUser%.
                  - C(logon_type) (str, one of service, interactive, group, account, default service)
                    How that account logs on.
                  - C(author) (str, default Piste) Who made it.
                  - C(comment) (str, default ) What it is for.
                  - C(run_level) (str, one of least, highest, default least) Rights that it runs with.
                  - C(idle_duration) (str, default PT10M) How long the computer must have been idle.
                  - C(idle_wait) (str, default PT1H) How long to wait for it to be idle.
                  - C(stop_on_idle_end) (bool, default true) Stop when it is no longer idle.
                  - C(restart_on_idle) (bool, default false) Start again when it is idle again.
                  - C(instances) (str, one of ignore, parallel, queue, stop, default ignore) What to do
                    where one is running already.
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
                  - C(triggers.type) (str, one of once, daily, weekly, monthly, startup, logon, idle,
                    registration, session) When it starts.
                  - C(triggers.start) (str) First time, local (2026-01-31T20:00:00).
                  - C(triggers.end) (str) Last time.
                  - C(triggers.enabled) (bool, default true) The trigger counts.
                  - C(triggers.every) (int) Every so many days or weeks.
                  - C(triggers.days) (list of str) Days of the week; for monthly, numbers of the month
                    or Last.
                  - C(triggers.months) (list of str) Months of a monthly trigger.
                  - C(triggers.repeat_every) (str) Repetition within the day (ISO 8601).
                  - C(triggers.repeat_for) (str) How long it repeats (ISO 8601).
                  - C(triggers.random_delay) (str) Random delay at most (ISO 8601).
                  - C(triggers.delay) (str) Delay (ISO 8601).
                  - C(triggers.user) (str) Account whose log-on or session counts.
                  - 'C(triggers.state) (str) Change of session: SessionLock, SessionUnlock, RemoteConnect
                    …'
                  - C(triggers.xml) (str) The trigger's own XML, for one without a form here.
                  - C(actions) (list of dict) What it runs, in order.
                  - C(actions.command) (str) Program.
                  - C(actions.arguments) (str) Its arguments.
                  - C(actions.working_directory) (str) Folder that it starts in.
                  - C(actions.xml) (str) The action's own XML, for one without a form here.
                  - C(enabled) (bool, default true) The item counts; false keeps it there, without effect.
                  - C(description) (str, default ) Free text, for who reads the GPO.
                  - C(stop_on_error) (bool, default false) An error here stops the other items of this
                    kind.
                  - C(user_context) (bool, default false) Act as who is logged on, not as the system.
                  - C(remove_when_unapplied) (bool, default false) Take it back where the GPO no longer
                    applies.
                  - C(apply_once) (bool, default false) Apply once and never again.
                  - C(targeting) (list of dict) Conditions, all of which must hold.
                  - C(targeting.group) (str) Security group that the user or the computer is in.
                  - C(targeting.organizational_unit) (str) OU, as a path from the domain's root, that
                    the user or the computer is under.
                  - C(targeting.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.user) (str) Account that is logged on.
                  - C(targeting.ip_range) (list of str) First and last address of a range.
                  - C(targeting.site) (str) Active Directory site.
                  - C(targeting.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.group) (str) Security group that the user or the computer is
                    in.
                  - C(targeting.conditions.organizational_unit) (str) OU, as a path from the domain's
                    root, that the user or the computer is under.
                  - C(targeting.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where
                    it has a dot).
                  - C(targeting.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.conditions.group) (str) Security group that the user or the
                    computer is in.
                  - C(targeting.conditions.conditions.organizational_unit) (str) OU, as a path from the
                    domain's root, that the user or the computer is under.
                  - C(targeting.conditions.conditions.computer) (str) Name of the computer (NetBIOS, or
                    DNS where it has a dot).
                  - C(targeting.conditions.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.conditions.ip_range) (list of str) First and last address of
                    a range.
                  - C(targeting.conditions.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions.xml) (str) The filter's own XML, for one without
                    a form here.
                  - C(targeting.conditions.conditions.of) (str, one of user, computer) Whose membership
                    counts.
                  - C(targeting.conditions.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.conditions.not) (bool, default false) The condition must be
                    false.
                  - C(targeting.conditions.conditions.or) (bool, default false) Joined to the one before
                    by or, not by and.
                  - C(targeting.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.or) (bool, default false) Joined to the one before by or, not
                    by and.
                  - C(targeting.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.not) (bool, default false) The condition must be false.
                  - C(targeting.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(attributes) (dict) Attributes of the item that have no field here, in Windows' own
                    words.
                type: dict
              immediate_tasks:
                description:
                  - Tasks that run once, at the next refresh, by name.
                  - The keys are free; null takes an entry away.
                  - C(action) (str, one of create, replace, update, delete, default update) What to do
                    with it.
                  - C(run_as) (str, default NT AUTHORITY\System) Account that it runs as; one of the system's,
                    or %LogonDomain%\%LogonUser%.
                  - C(logon_type) (str, one of service, interactive, group, account, default service)
                    How that account logs on.
                  - C(author) (str, default Piste) Who made it.
                  - C(comment) (str, default ) What it is for.
                  - C(run_level) (str, one of least, highest, default least) Rights that it runs with.
                  - C(idle_duration) (str, default PT10M) How long the computer must have been idle.
                  - C(idle_wait) (str, default PT1H) How long to wait for it to be idle.
                  - C(stop_on_idle_end) (bool, default true) Stop when it is no longer idle.
                  - C(restart_on_idle) (bool, default false) Start again when it is idle again.
                  - C(instances) (str, one of ignore, parallel, queue, stop, default ignore) What to do
                    where one is running already.
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
                  - C(triggers.type) (str, one of once, daily, weekly, monthly, startup, logon, idle,
                    registration, session) When it starts.
                  - C(triggers.start) (str) First time, local (2026-01-31T20:00:00).
                  - C(triggers.end) (str) Last time.
                  - C(triggers.enabled) (bool, default true) The trigger counts.
                  - C(triggers.every) (int) Every so many days or weeks.
                  - C(triggers.days) (list of str) Days of the week; for monthly, numbers of the month
                    or Last.
                  - C(triggers.months) (list of str) Months of a monthly trigger.
                  - C(triggers.repeat_every) (str) Repetition within the day (ISO 8601).
                  - C(triggers.repeat_for) (str) How long it repeats (ISO 8601).
                  - C(triggers.random_delay) (str) Random delay at most (ISO 8601).
                  - C(triggers.delay) (str) Delay (ISO 8601).
                  - C(triggers.user) (str) Account whose log-on or session counts.
                  - 'C(triggers.state) (str) Change of session: SessionLock, SessionUnlock, RemoteConnect
                    …'
                  - C(triggers.xml) (str) The trigger's own XML, for one without a form here.
                  - C(actions) (list of dict) What it runs, in order.
                  - C(actions.command) (str) Program.
                  - C(actions.arguments) (str) Its arguments.
                  - C(actions.working_directory) (str) Folder that it starts in.
                  - C(actions.xml) (str) The action's own XML, for one without a form here.
                  - C(enabled) (bool, default true) The item counts; false keeps it there, without effect.
                  - C(description) (str, default ) Free text, for who reads the GPO.
                  - C(stop_on_error) (bool, default false) An error here stops the other items of this
                    kind.
                  - C(user_context) (bool, default false) Act as who is logged on, not as the system.
                  - C(remove_when_unapplied) (bool, default false) Take it back where the GPO no longer
                    applies.
                  - C(apply_once) (bool, default false) Apply once and never again.
                  - C(targeting) (list of dict) Conditions, all of which must hold.
                  - C(targeting.group) (str) Security group that the user or the computer is in.
                  - C(targeting.organizational_unit) (str) OU, as a path from the domain's root, that
                    the user or the computer is under.
                  - C(targeting.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.user) (str) Account that is logged on.
                  - C(targeting.ip_range) (list of str) First and last address of a range.
                  - C(targeting.site) (str) Active Directory site.
                  - C(targeting.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.group) (str) Security group that the user or the computer is
                    in.
                  - C(targeting.conditions.organizational_unit) (str) OU, as a path from the domain's
                    root, that the user or the computer is under.
                  - C(targeting.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where
                    it has a dot).
                  - C(targeting.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.conditions.group) (str) Security group that the user or the
                    computer is in.
                  - C(targeting.conditions.conditions.organizational_unit) (str) OU, as a path from the
                    domain's root, that the user or the computer is under.
                  - C(targeting.conditions.conditions.computer) (str) Name of the computer (NetBIOS, or
                    DNS where it has a dot).
                  - C(targeting.conditions.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.conditions.ip_range) (list of str) First and last address of
                    a range.
                  - C(targeting.conditions.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions.xml) (str) The filter's own XML, for one without
                    a form here.
                  - C(targeting.conditions.conditions.of) (str, one of user, computer) Whose membership
                    counts.
                  - C(targeting.conditions.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.conditions.not) (bool, default false) The condition must be
                    false.
                  - C(targeting.conditions.conditions.or) (bool, default false) Joined to the one before
                    by or, not by and.
                  - C(targeting.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.or) (bool, default false) Joined to the one before by or, not
                    by and.
                  - C(targeting.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.not) (bool, default false) The condition must be false.
                  - C(targeting.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(attributes) (dict) Attributes of the item that have no field here, in Windows' own
                    words.
                type: dict
              local_groups:
                description:
                  - Groups of the computer, by name (BUILTIN\Administrators for one that Windows brings).
                  - The keys are free; null takes an entry away.
                  - C(action) (str, one of create, replace, update, delete, default update) What to do
                    with it.
                  - C(new_name) (str, default ) New name (action update).
                  - C(comment) (str, default ) What it is for.
                  - C(current_user) (str, one of none, add, remove, default none) What to do with who
                    is logged on.
                  - C(remove_users) (bool, default false) Remove all user accounts first.
                  - C(remove_groups) (bool, default false) Remove all groups first.
                  - C(keep_current_user) (bool, default false) Leave who is logged on as he is.
                  - C(members) (map, one of add, remove) Accounts to add to the group or remove from it;
                    .\name is an account of the computer itself.
                  - C(enabled) (bool, default true) The item counts; false keeps it there, without effect.
                  - C(description) (str, default ) Free text, for who reads the GPO.
                  - C(stop_on_error) (bool, default false) An error here stops the other items of this
                    kind.
                  - C(user_context) (bool, default false) Act as who is logged on, not as the system.
                  - C(remove_when_unapplied) (bool, default false) Take it back where the GPO no longer
                    applies.
                  - C(apply_once) (bool, default false) Apply once and never again.
                  - C(targeting) (list of dict) Conditions, all of which must hold.
                  - C(targeting.group) (str) Security group that the user or the computer is in.
                  - C(targeting.organizational_unit) (str) OU, as a path from the domain's root, that
                    the user or the computer is under.
                  - C(targeting.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.user) (str) Account that is logged on.
                  - C(targeting.ip_range) (list of str) First and last address of a range.
                  - C(targeting.site) (str) Active Directory site.
                  - C(targeting.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.group) (str) Security group that the user or the computer is
                    in.
                  - C(targeting.conditions.organizational_unit) (str) OU, as a path from the domain's
                    root, that the user or the computer is under.
                  - C(targeting.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where
                    it has a dot).
                  - C(targeting.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.conditions.group) (str) Security group that the user or the
                    computer is in.
                  - C(targeting.conditions.conditions.organizational_unit) (str) OU, as a path from the
                    domain's root, that the user or the computer is under.
                  - C(targeting.conditions.conditions.computer) (str) Name of the computer (NetBIOS, or
                    DNS where it has a dot).
                  - C(targeting.conditions.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.conditions.ip_range) (list of str) First and last address of
                    a range.
                  - C(targeting.conditions.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions.xml) (str) The filter's own XML, for one without
                    a form here.
                  - C(targeting.conditions.conditions.of) (str, one of user, computer) Whose membership
                    counts.
                  - C(targeting.conditions.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.conditions.not) (bool, default false) The condition must be
                    false.
                  - C(targeting.conditions.conditions.or) (bool, default false) Joined to the one before
                    by or, not by and.
                  - C(targeting.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.or) (bool, default false) Joined to the one before by or, not
                    by and.
                  - C(targeting.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.not) (bool, default false) The condition must be false.
                  - C(targeting.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(attributes) (dict) Attributes of the item that have no field here, in Windows' own
                    words.
                type: dict
              local_users:
                description:
                  - Accounts of the computer, by name; never with a password, which could not be kept
                    secret.
                  - The keys are free; null takes an entry away.
                  - C(action) (str, one of create, replace, update, delete, default update) What to do
                    with it.
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
                  - C(stop_on_error) (bool, default false) An error here stops the other items of this
                    kind.
                  - C(user_context) (bool, default false) Act as who is logged on, not as the system.
                  - C(remove_when_unapplied) (bool, default false) Take it back where the GPO no longer
                    applies.
                  - C(apply_once) (bool, default false) Apply once and never again.
                  - C(targeting) (list of dict) Conditions, all of which must hold.
                  - C(targeting.group) (str) Security group that the user or the computer is in.
                  - C(targeting.organizational_unit) (str) OU, as a path from the domain's root, that
                    the user or the computer is under.
                  - C(targeting.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.user) (str) Account that is logged on.
                  - C(targeting.ip_range) (list of str) First and last address of a range.
                  - C(targeting.site) (str) Active Directory site.
                  - C(targeting.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.group) (str) Security group that the user or the computer is
                    in.
                  - C(targeting.conditions.organizational_unit) (str) OU, as a path from the domain's
                    root, that the user or the computer is under.
                  - C(targeting.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where
                    it has a dot).
                  - C(targeting.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.conditions.group) (str) Security group that the user or the
                    computer is in.
                  - C(targeting.conditions.conditions.organizational_unit) (str) OU, as a path from the
                    domain's root, that the user or the computer is under.
                  - C(targeting.conditions.conditions.computer) (str) Name of the computer (NetBIOS, or
                    DNS where it has a dot).
                  - C(targeting.conditions.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.conditions.ip_range) (list of str) First and last address of
                    a range.
                  - C(targeting.conditions.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions.xml) (str) The filter's own XML, for one without
                    a form here.
                  - C(targeting.conditions.conditions.of) (str, one of user, computer) Whose membership
                    counts.
                  - C(targeting.conditions.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.conditions.not) (bool, default false) The condition must be
                    false.
                  - C(targeting.conditions.conditions.or) (bool, default false) Joined to the one before
                    by or, not by and.
                  - C(targeting.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.or) (bool, default false) Joined to the one before by or, not
                    by and.
                  - C(targeting.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.not) (bool, default false) The condition must be false.
                  - C(targeting.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(attributes) (dict) Attributes of the item that have no field here, in Windows' own
                    words.
                type: dict
              registry:
                description:
                  - Registry values, by HKLM\Key!Value.
                  - The keys are free; null takes an entry away.
                  - C(action) (str, one of create, replace, update, delete, default update) What to do
                    with it.
                  - C(decimal) (bool, default false) The editor shows it in decimal.
                  - C(type) (str, one of sz, expand_sz, multi_sz, dword, qword, binary) Type of the value;
                    none for the key alone.
                  - C(data) (raw) A number for `dword` and `qword`, a list for `multi_sz`, else a text.
                    Not for `binary`.
                  - C(base64) (str) The bytes of `binary`, in base64.
                  - C(enabled) (bool, default true) The item counts; false keeps it there, without effect.
                  - C(description) (str, default ) Free text, for who reads the GPO.
                  - C(stop_on_error) (bool, default false) An error here stops the other items of this
                    kind.
                  - C(user_context) (bool, default false) Act as who is logged on, not as the system.
                  - C(remove_when_unapplied) (bool, default false) Take it back where the GPO no longer
                    applies.
                  - C(apply_once) (bool, default false) Apply once and never again.
                  - C(targeting) (list of dict) Conditions, all of which must hold.
                  - C(targeting.group) (str) Security group that the user or the computer is in.
                  - C(targeting.organizational_unit) (str) OU, as a path from the domain's root, that
                    the user or the computer is under.
                  - C(targeting.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.user) (str) Account that is logged on.
                  - C(targeting.ip_range) (list of str) First and last address of a range.
                  - C(targeting.site) (str) Active Directory site.
                  - C(targeting.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.group) (str) Security group that the user or the computer is
                    in.
                  - C(targeting.conditions.organizational_unit) (str) OU, as a path from the domain's
                    root, that the user or the computer is under.
                  - C(targeting.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where
                    it has a dot).
                  - C(targeting.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.conditions.group) (str) Security group that the user or the
                    computer is in.
                  - C(targeting.conditions.conditions.organizational_unit) (str) OU, as a path from the
                    domain's root, that the user or the computer is under.
                  - C(targeting.conditions.conditions.computer) (str) Name of the computer (NetBIOS, or
                    DNS where it has a dot).
                  - C(targeting.conditions.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.conditions.ip_range) (list of str) First and last address of
                    a range.
                  - C(targeting.conditions.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions.xml) (str) The filter's own XML, for one without
                    a form here.
                  - C(targeting.conditions.conditions.of) (str, one of user, computer) Whose membership
                    counts.
                  - C(targeting.conditions.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.conditions.not) (bool, default false) The condition must be
                    false.
                  - C(targeting.conditions.conditions.or) (bool, default false) Joined to the one before
                    by or, not by and.
                  - C(targeting.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.or) (bool, default false) Joined to the one before by or, not
                    by and.
                  - C(targeting.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.not) (bool, default false) The condition must be false.
                  - C(targeting.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(attributes) (dict) Attributes of the item that have no field here, in Windows' own
                    words.
                type: dict
              files:
                description:
                  - Files copied, by target path.
                  - The keys are free; null takes an entry away.
                  - C(action) (str, one of create, replace, update, delete, default update) What to do
                    with it.
                  - C(source) (str, default ) Where to copy from.
                  - C(read_only) (bool, default false) Read only.
                  - C(archive) (bool, default false) To archive.
                  - C(hidden) (bool, default false) Hidden.
                  - C(suppress) (bool) Pass over the error of one file.
                  - C(enabled) (bool, default true) The item counts; false keeps it there, without effect.
                  - C(description) (str, default ) Free text, for who reads the GPO.
                  - C(stop_on_error) (bool, default false) An error here stops the other items of this
                    kind.
                  - C(user_context) (bool, default false) Act as who is logged on, not as the system.
                  - C(remove_when_unapplied) (bool, default false) Take it back where the GPO no longer
                    applies.
                  - C(apply_once) (bool, default false) Apply once and never again.
                  - C(targeting) (list of dict) Conditions, all of which must hold.
                  - C(targeting.group) (str) Security group that the user or the computer is in.
                  - C(targeting.organizational_unit) (str) OU, as a path from the domain's root, that
                    the user or the computer is under.
                  - C(targeting.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.user) (str) Account that is logged on.
                  - C(targeting.ip_range) (list of str) First and last address of a range.
                  - C(targeting.site) (str) Active Directory site.
                  - C(targeting.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.group) (str) Security group that the user or the computer is
                    in.
                  - C(targeting.conditions.organizational_unit) (str) OU, as a path from the domain's
                    root, that the user or the computer is under.
                  - C(targeting.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where
                    it has a dot).
                  - C(targeting.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.conditions.group) (str) Security group that the user or the
                    computer is in.
                  - C(targeting.conditions.conditions.organizational_unit) (str) OU, as a path from the
                    domain's root, that the user or the computer is under.
                  - C(targeting.conditions.conditions.computer) (str) Name of the computer (NetBIOS, or
                    DNS where it has a dot).
                  - C(targeting.conditions.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.conditions.ip_range) (list of str) First and last address of
                    a range.
                  - C(targeting.conditions.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions.xml) (str) The filter's own XML, for one without
                    a form here.
                  - C(targeting.conditions.conditions.of) (str, one of user, computer) Whose membership
                    counts.
                  - C(targeting.conditions.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.conditions.not) (bool, default false) The condition must be
                    false.
                  - C(targeting.conditions.conditions.or) (bool, default false) Joined to the one before
                    by or, not by and.
                  - C(targeting.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.or) (bool, default false) Joined to the one before by or, not
                    by and.
                  - C(targeting.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.not) (bool, default false) The condition must be false.
                  - C(targeting.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(attributes) (dict) Attributes of the item that have no field here, in Windows' own
                    words.
                type: dict
              folders:
                description:
                  - Folders, by path.
                  - The keys are free; null takes an entry away.
                  - C(action) (str, one of create, replace, update, delete, default update) What to do
                    with it.
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
                  - C(stop_on_error) (bool, default false) An error here stops the other items of this
                    kind.
                  - C(user_context) (bool, default false) Act as who is logged on, not as the system.
                  - C(remove_when_unapplied) (bool, default false) Take it back where the GPO no longer
                    applies.
                  - C(apply_once) (bool, default false) Apply once and never again.
                  - C(targeting) (list of dict) Conditions, all of which must hold.
                  - C(targeting.group) (str) Security group that the user or the computer is in.
                  - C(targeting.organizational_unit) (str) OU, as a path from the domain's root, that
                    the user or the computer is under.
                  - C(targeting.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.user) (str) Account that is logged on.
                  - C(targeting.ip_range) (list of str) First and last address of a range.
                  - C(targeting.site) (str) Active Directory site.
                  - C(targeting.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.group) (str) Security group that the user or the computer is
                    in.
                  - C(targeting.conditions.organizational_unit) (str) OU, as a path from the domain's
                    root, that the user or the computer is under.
                  - C(targeting.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where
                    it has a dot).
                  - C(targeting.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.conditions.group) (str) Security group that the user or the
                    computer is in.
                  - C(targeting.conditions.conditions.organizational_unit) (str) OU, as a path from the
                    domain's root, that the user or the computer is under.
                  - C(targeting.conditions.conditions.computer) (str) Name of the computer (NetBIOS, or
                    DNS where it has a dot).
                  - C(targeting.conditions.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.conditions.ip_range) (list of str) First and last address of
                    a range.
                  - C(targeting.conditions.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions.xml) (str) The filter's own XML, for one without
                    a form here.
                  - C(targeting.conditions.conditions.of) (str, one of user, computer) Whose membership
                    counts.
                  - C(targeting.conditions.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.conditions.not) (bool, default false) The condition must be
                    false.
                  - C(targeting.conditions.conditions.or) (bool, default false) Joined to the one before
                    by or, not by and.
                  - C(targeting.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.or) (bool, default false) Joined to the one before by or, not
                    by and.
                  - C(targeting.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.not) (bool, default false) The condition must be false.
                  - C(targeting.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(attributes) (dict) Attributes of the item that have no field here, in Windows' own
                    words.
                type: dict
              environment:
                description:
                  - Environment variables, by name.
                  - The keys are free; null takes an entry away.
                  - C(action) (str, one of create, replace, update, delete, default update) What to do
                    with it.
                  - C(value) (str, default ) Value.
                  - C(user) (bool, default false) A variable of the user, not of the system.
                  - C(partial) (bool, default false) A segment of PATH, not the whole.
                  - C(enabled) (bool, default true) The item counts; false keeps it there, without effect.
                  - C(description) (str, default ) Free text, for who reads the GPO.
                  - C(stop_on_error) (bool, default false) An error here stops the other items of this
                    kind.
                  - C(user_context) (bool, default false) Act as who is logged on, not as the system.
                  - C(remove_when_unapplied) (bool, default false) Take it back where the GPO no longer
                    applies.
                  - C(apply_once) (bool, default false) Apply once and never again.
                  - C(targeting) (list of dict) Conditions, all of which must hold.
                  - C(targeting.group) (str) Security group that the user or the computer is in.
                  - C(targeting.organizational_unit) (str) OU, as a path from the domain's root, that
                    the user or the computer is under.
                  - C(targeting.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.user) (str) Account that is logged on.
                  - C(targeting.ip_range) (list of str) First and last address of a range.
                  - C(targeting.site) (str) Active Directory site.
                  - C(targeting.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.group) (str) Security group that the user or the computer is
                    in.
                  - C(targeting.conditions.organizational_unit) (str) OU, as a path from the domain's
                    root, that the user or the computer is under.
                  - C(targeting.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where
                    it has a dot).
                  - C(targeting.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.conditions.group) (str) Security group that the user or the
                    computer is in.
                  - C(targeting.conditions.conditions.organizational_unit) (str) OU, as a path from the
                    domain's root, that the user or the computer is under.
                  - C(targeting.conditions.conditions.computer) (str) Name of the computer (NetBIOS, or
                    DNS where it has a dot).
                  - C(targeting.conditions.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.conditions.ip_range) (list of str) First and last address of
                    a range.
                  - C(targeting.conditions.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions.xml) (str) The filter's own XML, for one without
                    a form here.
                  - C(targeting.conditions.conditions.of) (str, one of user, computer) Whose membership
                    counts.
                  - C(targeting.conditions.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.conditions.not) (bool, default false) The condition must be
                    false.
                  - C(targeting.conditions.conditions.or) (bool, default false) Joined to the one before
                    by or, not by and.
                  - C(targeting.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.or) (bool, default false) Joined to the one before by or, not
                    by and.
                  - C(targeting.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.not) (bool, default false) The condition must be false.
                  - C(targeting.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(attributes) (dict) Attributes of the item that have no field here, in Windows' own
                    words.
                type: dict
              power_plans:
                description:
                  - 'Power plans, by name. The policies of power are preferred: they cannot be changed
                    back.'
                  - The keys are free; null takes an entry away.
                  - C(action) (str, one of create, replace, update, delete, default update) What to do
                    with it.
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
                  - C(lid_ac) (str, one of nothing, sleep, hibernate, shut_down) When the lid closes (on
                    mains).
                  - C(lid_dc) (str, one of nothing, sleep, hibernate, shut_down) When the lid closes (on
                    battery).
                  - C(power_button_ac) (str, one of nothing, sleep, hibernate, shut_down) Power button
                    (on mains).
                  - C(power_button_dc) (str, one of nothing, sleep, hibernate, shut_down) Power button
                    (on battery).
                  - C(start_menu_ac) (str, one of nothing, sleep, hibernate, shut_down) Button of the
                    start menu (on mains).
                  - C(start_menu_dc) (str, one of nothing, sleep, hibernate, shut_down) Button of the
                    start menu (on battery).
                  - C(link_saving_ac) (bool) Save power on PCI Express (on mains).
                  - C(link_saving_dc) (bool) Save power on PCI Express (on battery).
                  - C(processor_min_ac) (int) Lowest state of the processor (on mains), in %.
                  - C(processor_min_dc) (int) Lowest state of the processor (on battery), in %.
                  - C(processor_max_ac) (int) Highest state of the processor (on mains), in %.
                  - C(processor_max_dc) (int) Highest state of the processor (on battery), in %.
                  - C(display_off_ac) (int) Turn the display off after (on mains), in seconds; 0 for never.
                  - C(display_off_dc) (int) Turn the display off after (on battery), in seconds; 0 for
                    never.
                  - C(adaptive_display_ac) (bool) Wait longer where the user comes back (on mains).
                  - C(adaptive_display_dc) (bool) Wait longer where the user comes back (on battery).
                  - C(critical_action_ac) (str, one of nothing, sleep, hibernate, shut_down) At the critical
                    level (on mains).
                  - C(critical_action_dc) (str, one of nothing, sleep, hibernate, shut_down) At the critical
                    level (on battery).
                  - C(low_level_ac) (int) Low level (on mains), in %.
                  - C(low_level_dc) (int) Low level (on battery), in %.
                  - C(critical_level_ac) (int) Critical level (on mains), in %.
                  - C(critical_level_dc) (int) Critical level (on battery), in %.
                  - C(low_warning_ac) (bool) Warn at the low level (on mains).
                  - C(low_warning_dc) (bool) Warn at the low level (on battery).
                  - C(low_action_ac) (str, one of nothing, sleep, hibernate, shut_down) At the low level
                    (on mains).
                  - C(low_action_dc) (str, one of nothing, sleep, hibernate, shut_down) At the low level
                    (on battery).
                  - C(enabled) (bool, default true) The item counts; false keeps it there, without effect.
                  - C(description) (str, default ) Free text, for who reads the GPO.
                  - C(stop_on_error) (bool, default false) An error here stops the other items of this
                    kind.
                  - C(user_context) (bool, default false) Act as who is logged on, not as the system.
                  - C(remove_when_unapplied) (bool, default false) Take it back where the GPO no longer
                    applies.
                  - C(apply_once) (bool, default false) Apply once and never again.
                  - C(targeting) (list of dict) Conditions, all of which must hold.
                  - C(targeting.group) (str) Security group that the user or the computer is in.
                  - C(targeting.organizational_unit) (str) OU, as a path from the domain's root, that
                    the user or the computer is under.
                  - C(targeting.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.user) (str) Account that is logged on.
                  - C(targeting.ip_range) (list of str) First and last address of a range.
                  - C(targeting.site) (str) Active Directory site.
                  - C(targeting.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.group) (str) Security group that the user or the computer is
                    in.
                  - C(targeting.conditions.organizational_unit) (str) OU, as a path from the domain's
                    root, that the user or the computer is under.
                  - C(targeting.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where
                    it has a dot).
                  - C(targeting.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.conditions.group) (str) Security group that the user or the
                    computer is in.
                  - C(targeting.conditions.conditions.organizational_unit) (str) OU, as a path from the
                    domain's root, that the user or the computer is under.
                  - C(targeting.conditions.conditions.computer) (str) Name of the computer (NetBIOS, or
                    DNS where it has a dot).
                  - C(targeting.conditions.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.conditions.ip_range) (list of str) First and last address of
                    a range.
                  - C(targeting.conditions.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions.xml) (str) The filter's own XML, for one without
                    a form here.
                  - C(targeting.conditions.conditions.of) (str, one of user, computer) Whose membership
                    counts.
                  - C(targeting.conditions.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.conditions.not) (bool, default false) The condition must be
                    false.
                  - C(targeting.conditions.conditions.or) (bool, default false) Joined to the one before
                    by or, not by and.
                  - C(targeting.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.or) (bool, default false) Joined to the one before by or, not
                    by and.
                  - C(targeting.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.not) (bool, default false) The condition must be false.
                  - C(targeting.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(attributes) (dict) Attributes of the item that have no field here, in Windows' own
                    words.
                type: dict
              services:
                description:
                  - Services, by their short name.
                  - The keys are free; null takes an entry away.
                  - C(startup) (str, one of unchanged, automatic, boot, disabled, manual, system, default
                    unchanged) Start-up.
                  - C(service_action) (str, one of unchanged, start, stop, restart, restart_if_required,
                    default unchanged) What to do with it now.
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
                  - C(stop_on_error) (bool, default false) An error here stops the other items of this
                    kind.
                  - C(user_context) (bool, default false) Act as who is logged on, not as the system.
                  - C(remove_when_unapplied) (bool, default false) Take it back where the GPO no longer
                    applies.
                  - C(apply_once) (bool, default false) Apply once and never again.
                  - C(targeting) (list of dict) Conditions, all of which must hold.
                  - C(targeting.group) (str) Security group that the user or the computer is in.
                  - C(targeting.organizational_unit) (str) OU, as a path from the domain's root, that
                    the user or the computer is under.
                  - C(targeting.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.user) (str) Account that is logged on.
                  - C(targeting.ip_range) (list of str) First and last address of a range.
                  - C(targeting.site) (str) Active Directory site.
                  - C(targeting.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.group) (str) Security group that the user or the computer is
                    in.
                  - C(targeting.conditions.organizational_unit) (str) OU, as a path from the domain's
                    root, that the user or the computer is under.
                  - C(targeting.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where
                    it has a dot).
                  - C(targeting.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.conditions.group) (str) Security group that the user or the
                    computer is in.
                  - C(targeting.conditions.conditions.organizational_unit) (str) OU, as a path from the
                    domain's root, that the user or the computer is under.
                  - C(targeting.conditions.conditions.computer) (str) Name of the computer (NetBIOS, or
                    DNS where it has a dot).
                  - C(targeting.conditions.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.conditions.ip_range) (list of str) First and last address of
                    a range.
                  - C(targeting.conditions.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions.xml) (str) The filter's own XML, for one without
                    a form here.
                  - C(targeting.conditions.conditions.of) (str, one of user, computer) Whose membership
                    counts.
                  - C(targeting.conditions.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.conditions.not) (bool, default false) The condition must be
                    false.
                  - C(targeting.conditions.conditions.or) (bool, default false) Joined to the one before
                    by or, not by and.
                  - C(targeting.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.or) (bool, default false) Joined to the one before by or, not
                    by and.
                  - C(targeting.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.not) (bool, default false) The condition must be false.
                  - C(targeting.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(attributes) (dict) Attributes of the item that have no field here, in Windows' own
                    words.
                type: dict
              shortcuts:
                description:
                  - Shortcuts, by path.
                  - The keys are free; null takes an entry away.
                  - C(action) (str, one of create, replace, update, delete, default update) What to do
                    with it.
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
                  - C(stop_on_error) (bool, default false) An error here stops the other items of this
                    kind.
                  - C(user_context) (bool, default false) Act as who is logged on, not as the system.
                  - C(remove_when_unapplied) (bool, default false) Take it back where the GPO no longer
                    applies.
                  - C(apply_once) (bool, default false) Apply once and never again.
                  - C(targeting) (list of dict) Conditions, all of which must hold.
                  - C(targeting.group) (str) Security group that the user or the computer is in.
                  - C(targeting.organizational_unit) (str) OU, as a path from the domain's root, that
                    the user or the computer is under.
                  - C(targeting.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.user) (str) Account that is logged on.
                  - C(targeting.ip_range) (list of str) First and last address of a range.
                  - C(targeting.site) (str) Active Directory site.
                  - C(targeting.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.group) (str) Security group that the user or the computer is
                    in.
                  - C(targeting.conditions.organizational_unit) (str) OU, as a path from the domain's
                    root, that the user or the computer is under.
                  - C(targeting.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where
                    it has a dot).
                  - C(targeting.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.conditions.group) (str) Security group that the user or the
                    computer is in.
                  - C(targeting.conditions.conditions.organizational_unit) (str) OU, as a path from the
                    domain's root, that the user or the computer is under.
                  - C(targeting.conditions.conditions.computer) (str) Name of the computer (NetBIOS, or
                    DNS where it has a dot).
                  - C(targeting.conditions.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.conditions.ip_range) (list of str) First and last address of
                    a range.
                  - C(targeting.conditions.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions.xml) (str) The filter's own XML, for one without
                    a form here.
                  - C(targeting.conditions.conditions.of) (str, one of user, computer) Whose membership
                    counts.
                  - C(targeting.conditions.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.conditions.not) (bool, default false) The condition must be
                    false.
                  - C(targeting.conditions.conditions.or) (bool, default false) Joined to the one before
                    by or, not by and.
                  - C(targeting.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.or) (bool, default false) Joined to the one before by or, not
                    by and.
                  - C(targeting.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.not) (bool, default false) The condition must be false.
                  - C(targeting.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(attributes) (dict) Attributes of the item that have no field here, in Windows' own
                    words.
                type: dict
          registry:
            description:
              - Registry values under `KEY!VALUE`, the key without its hive; for what no named policy
                says.
              - The keys are free; null takes an entry away.
              - C(type) (str, one of none, sz, expand_sz, binary, dword, multi_sz, qword) Registry type.
              - C(data) (raw) A number for `dword` and `qword`, a list for `multi_sz`, else a text. Not
                for `binary` and `none`.
              - C(base64) (str) The bytes of `binary` and `none`, in base64.
              - C(state) (str, one of deleted) `deleted` has the machine lose the value.
              - The system's own default is C({}).
            type: dict
          foreign:
            description:
              - 'What Piste cannot express otherwise, by path, as base64: read, shown and replayed, never
                written by hand.'
              - The keys are free; null takes an entry away.
            type: dict
      user:
        description:
          - What users apply, on whatever computer.
        type: dict
        suboptions:
          enabled:
            description:
              - Whether the side is processed at all.
              - The system's own default is C(true).
            type: bool
          policies:
            description:
              - Administrative-template settings by readable name (`power.sleep_after_ac`), each with
                its value; also those of the site's own ADMX files, as `FILE:policy` or by the path that
                the editor shows.
              - The keys are free; null takes an entry away.
              - The system's own default is C({}).
            type: dict
          preferences:
            description:
              - Group Policy Preferences, by kind and by what each item acts on. The order of processing
                is kept; new items come last.
            type: dict
            suboptions:
              drive_maps:
                description:
                  - Mapped drives, by letter.
                  - The keys are free; null takes an entry away.
                  - C(action) (str, one of create, replace, update, delete, default update) What to do
                    with it.
                  - C(path) (str, default ) Share, as a UNC path.
                  - C(label) (str, default ) Label shown.
                  - C(persistent) (bool, default false) Reconnect at each log-on.
                  - C(visibility) (str, one of unchanged, hide, show, default unchanged) Visibility of
                    this drive.
                  - C(other_drives) (str, one of unchanged, hide, show, default unchanged) Visibility
                    of all drives.
                  - C(enabled) (bool, default true) The item counts; false keeps it there, without effect.
                  - C(description) (str, default ) Free text, for who reads the GPO.
                  - C(stop_on_error) (bool, default false) An error here stops the other items of this
                    kind.
                  - C(user_context) (bool, default false) Act as who is logged on, not as the system.
                  - C(remove_when_unapplied) (bool, default false) Take it back where the GPO no longer
                    applies.
                  - C(apply_once) (bool, default false) Apply once and never again.
                  - C(targeting) (list of dict) Conditions, all of which must hold.
                  - C(targeting.group) (str) Security group that the user or the computer is in.
                  - C(targeting.organizational_unit) (str) OU, as a path from the domain's root, that
                    the user or the computer is under.
                  - C(targeting.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.user) (str) Account that is logged on.
                  - C(targeting.ip_range) (list of str) First and last address of a range.
                  - C(targeting.site) (str) Active Directory site.
                  - C(targeting.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.group) (str) Security group that the user or the computer is
                    in.
                  - C(targeting.conditions.organizational_unit) (str) OU, as a path from the domain's
                    root, that the user or the computer is under.
                  - C(targeting.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where
                    it has a dot).
                  - C(targeting.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.conditions.group) (str) Security group that the user or the
                    computer is in.
                  - C(targeting.conditions.conditions.organizational_unit) (str) OU, as a path from the
                    domain's root, that the user or the computer is under.
                  - C(targeting.conditions.conditions.computer) (str) Name of the computer (NetBIOS, or
                    DNS where it has a dot).
                  - C(targeting.conditions.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.conditions.ip_range) (list of str) First and last address of
                    a range.
                  - C(targeting.conditions.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions.xml) (str) The filter's own XML, for one without
                    a form here.
                  - C(targeting.conditions.conditions.of) (str, one of user, computer) Whose membership
                    counts.
                  - C(targeting.conditions.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.conditions.not) (bool, default false) The condition must be
                    false.
                  - C(targeting.conditions.conditions.or) (bool, default false) Joined to the one before
                    by or, not by and.
                  - C(targeting.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.or) (bool, default false) Joined to the one before by or, not
                    by and.
                  - C(targeting.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.not) (bool, default false) The condition must be false.
                  - C(targeting.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(attributes) (dict) Attributes of the item that have no field here, in Windows' own
                    words.
                type: dict
              shared_printers:
                description:
                  - Shared printers, by UNC path.
                  - The keys are free; null takes an entry away.
                  - C(action) (str, one of create, replace, update, delete, default update) What to do
                    with it.
                  - C(location) (str, default ) Where it is.
                  - C(comment) (str, default ) Comment.
                  - C(default) (bool, default false) Make it the default printer.
                  - C(unless_local) (bool, default false) Not as default where a local printer is there.
                  - C(delete_all) (bool, default false) Delete all shared printers (action delete).
                  - C(persistent) (bool, default false) Reconnect a local port at each log-on.
                  - C(delete_maps) (bool, default false) Delete what all local ports are mapped to (action
                    delete).
                  - C(port) (str, default ) Local port to map.
                  - C(enabled) (bool, default true) The item counts; false keeps it there, without effect.
                  - C(description) (str, default ) Free text, for who reads the GPO.
                  - C(stop_on_error) (bool, default false) An error here stops the other items of this
                    kind.
                  - C(user_context) (bool, default false) Act as who is logged on, not as the system.
                  - C(remove_when_unapplied) (bool, default false) Take it back where the GPO no longer
                    applies.
                  - C(apply_once) (bool, default false) Apply once and never again.
                  - C(targeting) (list of dict) Conditions, all of which must hold.
                  - C(targeting.group) (str) Security group that the user or the computer is in.
                  - C(targeting.organizational_unit) (str) OU, as a path from the domain's root, that
                    the user or the computer is under.
                  - C(targeting.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.user) (str) Account that is logged on.
                  - C(targeting.ip_range) (list of str) First and last address of a range.
                  - C(targeting.site) (str) Active Directory site.
                  - C(targeting.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.group) (str) Security group that the user or the computer is
                    in.
                  - C(targeting.conditions.organizational_unit) (str) OU, as a path from the domain's
                    root, that the user or the computer is under.
                  - C(targeting.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where
                    it has a dot).
                  - C(targeting.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.conditions.group) (str) Security group that the user or the
                    computer is in.
                  - C(targeting.conditions.conditions.organizational_unit) (str) OU, as a path from the
                    domain's root, that the user or the computer is under.
                  - C(targeting.conditions.conditions.computer) (str) Name of the computer (NetBIOS, or
                    DNS where it has a dot).
                  - C(targeting.conditions.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.conditions.ip_range) (list of str) First and last address of
                    a range.
                  - C(targeting.conditions.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions.xml) (str) The filter's own XML, for one without
                    a form here.
                  - C(targeting.conditions.conditions.of) (str, one of user, computer) Whose membership
                    counts.
                  - C(targeting.conditions.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.conditions.not) (bool, default false) The condition must be
                    false.
                  - C(targeting.conditions.conditions.or) (bool, default false) Joined to the one before
                    by or, not by and.
                  - C(targeting.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.or) (bool, default false) Joined to the one before by or, not
                    by and.
                  - C(targeting.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.not) (bool, default false) The condition must be false.
                  - C(targeting.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(attributes) (dict) Attributes of the item that have no field here, in Windows' own
                    words.
                type: dict
              tcp_printers:
                description:
                  - Printers on the network, by address.
                  - The keys are free; null takes an entry away.
                  - C(action) (str, one of create, replace, update, delete, default update) What to do
                    with it.
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
                  - C(stop_on_error) (bool, default false) An error here stops the other items of this
                    kind.
                  - C(user_context) (bool, default false) Act as who is logged on, not as the system.
                  - C(remove_when_unapplied) (bool, default false) Take it back where the GPO no longer
                    applies.
                  - C(apply_once) (bool, default false) Apply once and never again.
                  - C(targeting) (list of dict) Conditions, all of which must hold.
                  - C(targeting.group) (str) Security group that the user or the computer is in.
                  - C(targeting.organizational_unit) (str) OU, as a path from the domain's root, that
                    the user or the computer is under.
                  - C(targeting.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.user) (str) Account that is logged on.
                  - C(targeting.ip_range) (list of str) First and last address of a range.
                  - C(targeting.site) (str) Active Directory site.
                  - C(targeting.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.group) (str) Security group that the user or the computer is
                    in.
                  - C(targeting.conditions.organizational_unit) (str) OU, as a path from the domain's
                    root, that the user or the computer is under.
                  - C(targeting.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where
                    it has a dot).
                  - C(targeting.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.conditions.group) (str) Security group that the user or the
                    computer is in.
                  - C(targeting.conditions.conditions.organizational_unit) (str) OU, as a path from the
                    domain's root, that the user or the computer is under.
                  - C(targeting.conditions.conditions.computer) (str) Name of the computer (NetBIOS, or
                    DNS where it has a dot).
                  - C(targeting.conditions.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.conditions.ip_range) (list of str) First and last address of
                    a range.
                  - C(targeting.conditions.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions.xml) (str) The filter's own XML, for one without
                    a form here.
                  - C(targeting.conditions.conditions.of) (str, one of user, computer) Whose membership
                    counts.
                  - C(targeting.conditions.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.conditions.not) (bool, default false) The condition must be
                    false.
                  - C(targeting.conditions.conditions.or) (bool, default false) Joined to the one before
                    by or, not by and.
                  - C(targeting.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.or) (bool, default false) Joined to the one before by or, not
                    by and.
                  - C(targeting.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.not) (bool, default false) The condition must be false.
                  - C(targeting.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(attributes) (dict) Attributes of the item that have no field here, in Windows' own
                    words.
                type: dict
              scheduled_tasks:
                description:
                  - Scheduled tasks, by name.
                  - The keys are free; null takes an entry away.
                  - C(action) (str, one of create, replace, update, delete, default update) What to do
                    with it.
                  - C(run_as) (str, default NT AUTHORITY\System) Account that it runs as; one of the system's,
                    or %LogonDomain%\%LogonUser%.
                  - C(logon_type) (str, one of service, interactive, group, account, default service)
                    How that account logs on.
                  - C(author) (str, default Piste) Who made it.
                  - C(comment) (str, default ) What it is for.
                  - C(run_level) (str, one of least, highest, default least) Rights that it runs with.
                  - C(idle_duration) (str, default PT10M) How long the computer must have been idle.
                  - C(idle_wait) (str, default PT1H) How long to wait for it to be idle.
                  - C(stop_on_idle_end) (bool, default true) Stop when it is no longer idle.
                  - C(restart_on_idle) (bool, default false) Start again when it is idle again.
                  - C(instances) (str, one of ignore, parallel, queue, stop, default ignore) What to do
                    where one is running already.
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
                  - C(triggers.type) (str, one of once, daily, weekly, monthly, startup, logon, idle,
                    registration, session) When it starts.
                  - C(triggers.start) (str) First time, local (2026-01-31T20:00:00).
                  - C(triggers.end) (str) Last time.
                  - C(triggers.enabled) (bool, default true) The trigger counts.
                  - C(triggers.every) (int) Every so many days or weeks.
                  - C(triggers.days) (list of str) Days of the week; for monthly, numbers of the month
                    or Last.
                  - C(triggers.months) (list of str) Months of a monthly trigger.
                  - C(triggers.repeat_every) (str) Repetition within the day (ISO 8601).
                  - C(triggers.repeat_for) (str) How long it repeats (ISO 8601).
                  - C(triggers.random_delay) (str) Random delay at most (ISO 8601).
                  - C(triggers.delay) (str) Delay (ISO 8601).
                  - C(triggers.user) (str) Account whose log-on or session counts.
                  - 'C(triggers.state) (str) Change of session: SessionLock, SessionUnlock, RemoteConnect
                    …'
                  - C(triggers.xml) (str) The trigger's own XML, for one without a form here.
                  - C(actions) (list of dict) What it runs, in order.
                  - C(actions.command) (str) Program.
                  - C(actions.arguments) (str) Its arguments.
                  - C(actions.working_directory) (str) Folder that it starts in.
                  - C(actions.xml) (str) The action's own XML, for one without a form here.
                  - C(enabled) (bool, default true) The item counts; false keeps it there, without effect.
                  - C(description) (str, default ) Free text, for who reads the GPO.
                  - C(stop_on_error) (bool, default false) An error here stops the other items of this
                    kind.
                  - C(user_context) (bool, default false) Act as who is logged on, not as the system.
                  - C(remove_when_unapplied) (bool, default false) Take it back where the GPO no longer
                    applies.
                  - C(apply_once) (bool, default false) Apply once and never again.
                  - C(targeting) (list of dict) Conditions, all of which must hold.
                  - C(targeting.group) (str) Security group that the user or the computer is in.
                  - C(targeting.organizational_unit) (str) OU, as a path from the domain's root, that
                    the user or the computer is under.
                  - C(targeting.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.user) (str) Account that is logged on.
                  - C(targeting.ip_range) (list of str) First and last address of a range.
                  - C(targeting.site) (str) Active Directory site.
                  - C(targeting.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.group) (str) Security group that the user or the computer is
                    in.
                  - C(targeting.conditions.organizational_unit) (str) OU, as a path from the domain's
                    root, that the user or the computer is under.
                  - C(targeting.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where
                    it has a dot).
                  - C(targeting.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.conditions.group) (str) Security group that the user or the
                    computer is in.
                  - C(targeting.conditions.conditions.organizational_unit) (str) OU, as a path from the
                    domain's root, that the user or the computer is under.
                  - C(targeting.conditions.conditions.computer) (str) Name of the computer (NetBIOS, or
                    DNS where it has a dot).
                  - C(targeting.conditions.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.conditions.ip_range) (list of str) First and last address of
                    a range.
                  - C(targeting.conditions.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions.xml) (str) The filter's own XML, for one without
                    a form here.
                  - C(targeting.conditions.conditions.of) (str, one of user, computer) Whose membership
                    counts.
                  - C(targeting.conditions.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.conditions.not) (bool, default false) The condition must be
                    false.
                  - C(targeting.conditions.conditions.or) (bool, default false) Joined to the one before
                    by or, not by and.
                  - C(targeting.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.or) (bool, default false) Joined to the one before by or, not
                    by and.
                  - C(targeting.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.not) (bool, default false) The condition must be false.
                  - C(targeting.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(attributes) (dict) Attributes of the item that have no field here, in Windows' own
                    words.
                type: dict
              immediate_tasks:
                description:
                  - Tasks that run once, at the next refresh, by name.
                  - The keys are free; null takes an entry away.
                  - C(action) (str, one of create, replace, update, delete, default update) What to do
                    with it.
                  - C(run_as) (str, default NT AUTHORITY\System) Account that it runs as; one of the system's,
                    or %LogonDomain%\%LogonUser%.
                  - C(logon_type) (str, one of service, interactive, group, account, default service)
                    How that account logs on.
                  - C(author) (str, default Piste) Who made it.
                  - C(comment) (str, default ) What it is for.
                  - C(run_level) (str, one of least, highest, default least) Rights that it runs with.
                  - C(idle_duration) (str, default PT10M) How long the computer must have been idle.
                  - C(idle_wait) (str, default PT1H) How long to wait for it to be idle.
                  - C(stop_on_idle_end) (bool, default true) Stop when it is no longer idle.
                  - C(restart_on_idle) (bool, default false) Start again when it is idle again.
                  - C(instances) (str, one of ignore, parallel, queue, stop, default ignore) What to do
                    where one is running already.
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
                  - C(triggers.type) (str, one of once, daily, weekly, monthly, startup, logon, idle,
                    registration, session) When it starts.
                  - C(triggers.start) (str) First time, local (2026-01-31T20:00:00).
                  - C(triggers.end) (str) Last time.
                  - C(triggers.enabled) (bool, default true) The trigger counts.
                  - C(triggers.every) (int) Every so many days or weeks.
                  - C(triggers.days) (list of str) Days of the week; for monthly, numbers of the month
                    or Last.
                  - C(triggers.months) (list of str) Months of a monthly trigger.
                  - C(triggers.repeat_every) (str) Repetition within the day (ISO 8601).
                  - C(triggers.repeat_for) (str) How long it repeats (ISO 8601).
                  - C(triggers.random_delay) (str) Random delay at most (ISO 8601).
                  - C(triggers.delay) (str) Delay (ISO 8601).
                  - C(triggers.user) (str) Account whose log-on or session counts.
                  - 'C(triggers.state) (str) Change of session: SessionLock, SessionUnlock, RemoteConnect
                    …'
                  - C(triggers.xml) (str) The trigger's own XML, for one without a form here.
                  - C(actions) (list of dict) What it runs, in order.
                  - C(actions.command) (str) Program.
                  - C(actions.arguments) (str) Its arguments.
                  - C(actions.working_directory) (str) Folder that it starts in.
                  - C(actions.xml) (str) The action's own XML, for one without a form here.
                  - C(enabled) (bool, default true) The item counts; false keeps it there, without effect.
                  - C(description) (str, default ) Free text, for who reads the GPO.
                  - C(stop_on_error) (bool, default false) An error here stops the other items of this
                    kind.
                  - C(user_context) (bool, default false) Act as who is logged on, not as the system.
                  - C(remove_when_unapplied) (bool, default false) Take it back where the GPO no longer
                    applies.
                  - C(apply_once) (bool, default false) Apply once and never again.
                  - C(targeting) (list of dict) Conditions, all of which must hold.
                  - C(targeting.group) (str) Security group that the user or the computer is in.
                  - C(targeting.organizational_unit) (str) OU, as a path from the domain's root, that
                    the user or the computer is under.
                  - C(targeting.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.user) (str) Account that is logged on.
                  - C(targeting.ip_range) (list of str) First and last address of a range.
                  - C(targeting.site) (str) Active Directory site.
                  - C(targeting.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.group) (str) Security group that the user or the computer is
                    in.
                  - C(targeting.conditions.organizational_unit) (str) OU, as a path from the domain's
                    root, that the user or the computer is under.
                  - C(targeting.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where
                    it has a dot).
                  - C(targeting.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.conditions.group) (str) Security group that the user or the
                    computer is in.
                  - C(targeting.conditions.conditions.organizational_unit) (str) OU, as a path from the
                    domain's root, that the user or the computer is under.
                  - C(targeting.conditions.conditions.computer) (str) Name of the computer (NetBIOS, or
                    DNS where it has a dot).
                  - C(targeting.conditions.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.conditions.ip_range) (list of str) First and last address of
                    a range.
                  - C(targeting.conditions.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions.xml) (str) The filter's own XML, for one without
                    a form here.
                  - C(targeting.conditions.conditions.of) (str, one of user, computer) Whose membership
                    counts.
                  - C(targeting.conditions.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.conditions.not) (bool, default false) The condition must be
                    false.
                  - C(targeting.conditions.conditions.or) (bool, default false) Joined to the one before
                    by or, not by and.
                  - C(targeting.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.or) (bool, default false) Joined to the one before by or, not
                    by and.
                  - C(targeting.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.not) (bool, default false) The condition must be false.
                  - C(targeting.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(attributes) (dict) Attributes of the item that have no field here, in Windows' own
                    words.
                type: dict
              local_groups:
                description:
                  - Groups of the computer, by name (BUILTIN\Administrators for one that Windows brings).
                  - The keys are free; null takes an entry away.
                  - C(action) (str, one of create, replace, update, delete, default update) What to do
                    with it.
                  - C(new_name) (str, default ) New name (action update).
                  - C(comment) (str, default ) What it is for.
                  - C(current_user) (str, one of none, add, remove, default none) What to do with who
                    is logged on.
                  - C(remove_users) (bool, default false) Remove all user accounts first.
                  - C(remove_groups) (bool, default false) Remove all groups first.
                  - C(keep_current_user) (bool, default false) Leave who is logged on as he is.
                  - C(members) (map, one of add, remove) Accounts to add to the group or remove from it;
                    .\name is an account of the computer itself.
                  - C(enabled) (bool, default true) The item counts; false keeps it there, without effect.
                  - C(description) (str, default ) Free text, for who reads the GPO.
                  - C(stop_on_error) (bool, default false) An error here stops the other items of this
                    kind.
                  - C(user_context) (bool, default false) Act as who is logged on, not as the system.
                  - C(remove_when_unapplied) (bool, default false) Take it back where the GPO no longer
                    applies.
                  - C(apply_once) (bool, default false) Apply once and never again.
                  - C(targeting) (list of dict) Conditions, all of which must hold.
                  - C(targeting.group) (str) Security group that the user or the computer is in.
                  - C(targeting.organizational_unit) (str) OU, as a path from the domain's root, that
                    the user or the computer is under.
                  - C(targeting.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.user) (str) Account that is logged on.
                  - C(targeting.ip_range) (list of str) First and last address of a range.
                  - C(targeting.site) (str) Active Directory site.
                  - C(targeting.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.group) (str) Security group that the user or the computer is
                    in.
                  - C(targeting.conditions.organizational_unit) (str) OU, as a path from the domain's
                    root, that the user or the computer is under.
                  - C(targeting.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where
                    it has a dot).
                  - C(targeting.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.conditions.group) (str) Security group that the user or the
                    computer is in.
                  - C(targeting.conditions.conditions.organizational_unit) (str) OU, as a path from the
                    domain's root, that the user or the computer is under.
                  - C(targeting.conditions.conditions.computer) (str) Name of the computer (NetBIOS, or
                    DNS where it has a dot).
                  - C(targeting.conditions.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.conditions.ip_range) (list of str) First and last address of
                    a range.
                  - C(targeting.conditions.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions.xml) (str) The filter's own XML, for one without
                    a form here.
                  - C(targeting.conditions.conditions.of) (str, one of user, computer) Whose membership
                    counts.
                  - C(targeting.conditions.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.conditions.not) (bool, default false) The condition must be
                    false.
                  - C(targeting.conditions.conditions.or) (bool, default false) Joined to the one before
                    by or, not by and.
                  - C(targeting.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.or) (bool, default false) Joined to the one before by or, not
                    by and.
                  - C(targeting.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.not) (bool, default false) The condition must be false.
                  - C(targeting.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(attributes) (dict) Attributes of the item that have no field here, in Windows' own
                    words.
                type: dict
              local_users:
                description:
                  - Accounts of the computer, by name; never with a password, which could not be kept
                    secret.
                  - The keys are free; null takes an entry away.
                  - C(action) (str, one of create, replace, update, delete, default update) What to do
                    with it.
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
                  - C(stop_on_error) (bool, default false) An error here stops the other items of this
                    kind.
                  - C(user_context) (bool, default false) Act as who is logged on, not as the system.
                  - C(remove_when_unapplied) (bool, default false) Take it back where the GPO no longer
                    applies.
                  - C(apply_once) (bool, default false) Apply once and never again.
                  - C(targeting) (list of dict) Conditions, all of which must hold.
                  - C(targeting.group) (str) Security group that the user or the computer is in.
                  - C(targeting.organizational_unit) (str) OU, as a path from the domain's root, that
                    the user or the computer is under.
                  - C(targeting.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.user) (str) Account that is logged on.
                  - C(targeting.ip_range) (list of str) First and last address of a range.
                  - C(targeting.site) (str) Active Directory site.
                  - C(targeting.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.group) (str) Security group that the user or the computer is
                    in.
                  - C(targeting.conditions.organizational_unit) (str) OU, as a path from the domain's
                    root, that the user or the computer is under.
                  - C(targeting.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where
                    it has a dot).
                  - C(targeting.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.conditions.group) (str) Security group that the user or the
                    computer is in.
                  - C(targeting.conditions.conditions.organizational_unit) (str) OU, as a path from the
                    domain's root, that the user or the computer is under.
                  - C(targeting.conditions.conditions.computer) (str) Name of the computer (NetBIOS, or
                    DNS where it has a dot).
                  - C(targeting.conditions.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.conditions.ip_range) (list of str) First and last address of
                    a range.
                  - C(targeting.conditions.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions.xml) (str) The filter's own XML, for one without
                    a form here.
                  - C(targeting.conditions.conditions.of) (str, one of user, computer) Whose membership
                    counts.
                  - C(targeting.conditions.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.conditions.not) (bool, default false) The condition must be
                    false.
                  - C(targeting.conditions.conditions.or) (bool, default false) Joined to the one before
                    by or, not by and.
                  - C(targeting.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.or) (bool, default false) Joined to the one before by or, not
                    by and.
                  - C(targeting.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.not) (bool, default false) The condition must be false.
                  - C(targeting.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(attributes) (dict) Attributes of the item that have no field here, in Windows' own
                    words.
                type: dict
              registry:
                description:
                  - Registry values, by HKLM\Key!Value.
                  - The keys are free; null takes an entry away.
                  - C(action) (str, one of create, replace, update, delete, default update) What to do
                    with it.
                  - C(decimal) (bool, default false) The editor shows it in decimal.
                  - C(type) (str, one of sz, expand_sz, multi_sz, dword, qword, binary) Type of the value;
                    none for the key alone.
                  - C(data) (raw) A number for `dword` and `qword`, a list for `multi_sz`, else a text.
                    Not for `binary`.
                  - C(base64) (str) The bytes of `binary`, in base64.
                  - C(enabled) (bool, default true) The item counts; false keeps it there, without effect.
                  - C(description) (str, default ) Free text, for who reads the GPO.
                  - C(stop_on_error) (bool, default false) An error here stops the other items of this
                    kind.
                  - C(user_context) (bool, default false) Act as who is logged on, not as the system.
                  - C(remove_when_unapplied) (bool, default false) Take it back where the GPO no longer
                    applies.
                  - C(apply_once) (bool, default false) Apply once and never again.
                  - C(targeting) (list of dict) Conditions, all of which must hold.
                  - C(targeting.group) (str) Security group that the user or the computer is in.
                  - C(targeting.organizational_unit) (str) OU, as a path from the domain's root, that
                    the user or the computer is under.
                  - C(targeting.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.user) (str) Account that is logged on.
                  - C(targeting.ip_range) (list of str) First and last address of a range.
                  - C(targeting.site) (str) Active Directory site.
                  - C(targeting.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.group) (str) Security group that the user or the computer is
                    in.
                  - C(targeting.conditions.organizational_unit) (str) OU, as a path from the domain's
                    root, that the user or the computer is under.
                  - C(targeting.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where
                    it has a dot).
                  - C(targeting.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.conditions.group) (str) Security group that the user or the
                    computer is in.
                  - C(targeting.conditions.conditions.organizational_unit) (str) OU, as a path from the
                    domain's root, that the user or the computer is under.
                  - C(targeting.conditions.conditions.computer) (str) Name of the computer (NetBIOS, or
                    DNS where it has a dot).
                  - C(targeting.conditions.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.conditions.ip_range) (list of str) First and last address of
                    a range.
                  - C(targeting.conditions.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions.xml) (str) The filter's own XML, for one without
                    a form here.
                  - C(targeting.conditions.conditions.of) (str, one of user, computer) Whose membership
                    counts.
                  - C(targeting.conditions.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.conditions.not) (bool, default false) The condition must be
                    false.
                  - C(targeting.conditions.conditions.or) (bool, default false) Joined to the one before
                    by or, not by and.
                  - C(targeting.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.or) (bool, default false) Joined to the one before by or, not
                    by and.
                  - C(targeting.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.not) (bool, default false) The condition must be false.
                  - C(targeting.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(attributes) (dict) Attributes of the item that have no field here, in Windows' own
                    words.
                type: dict
              files:
                description:
                  - Files copied, by target path.
                  - The keys are free; null takes an entry away.
                  - C(action) (str, one of create, replace, update, delete, default update) What to do
                    with it.
                  - C(source) (str, default ) Where to copy from.
                  - C(read_only) (bool, default false) Read only.
                  - C(archive) (bool, default false) To archive.
                  - C(hidden) (bool, default false) Hidden.
                  - C(suppress) (bool) Pass over the error of one file.
                  - C(enabled) (bool, default true) The item counts; false keeps it there, without effect.
                  - C(description) (str, default ) Free text, for who reads the GPO.
                  - C(stop_on_error) (bool, default false) An error here stops the other items of this
                    kind.
                  - C(user_context) (bool, default false) Act as who is logged on, not as the system.
                  - C(remove_when_unapplied) (bool, default false) Take it back where the GPO no longer
                    applies.
                  - C(apply_once) (bool, default false) Apply once and never again.
                  - C(targeting) (list of dict) Conditions, all of which must hold.
                  - C(targeting.group) (str) Security group that the user or the computer is in.
                  - C(targeting.organizational_unit) (str) OU, as a path from the domain's root, that
                    the user or the computer is under.
                  - C(targeting.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.user) (str) Account that is logged on.
                  - C(targeting.ip_range) (list of str) First and last address of a range.
                  - C(targeting.site) (str) Active Directory site.
                  - C(targeting.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.group) (str) Security group that the user or the computer is
                    in.
                  - C(targeting.conditions.organizational_unit) (str) OU, as a path from the domain's
                    root, that the user or the computer is under.
                  - C(targeting.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where
                    it has a dot).
                  - C(targeting.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.conditions.group) (str) Security group that the user or the
                    computer is in.
                  - C(targeting.conditions.conditions.organizational_unit) (str) OU, as a path from the
                    domain's root, that the user or the computer is under.
                  - C(targeting.conditions.conditions.computer) (str) Name of the computer (NetBIOS, or
                    DNS where it has a dot).
                  - C(targeting.conditions.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.conditions.ip_range) (list of str) First and last address of
                    a range.
                  - C(targeting.conditions.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions.xml) (str) The filter's own XML, for one without
                    a form here.
                  - C(targeting.conditions.conditions.of) (str, one of user, computer) Whose membership
                    counts.
                  - C(targeting.conditions.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.conditions.not) (bool, default false) The condition must be
                    false.
                  - C(targeting.conditions.conditions.or) (bool, default false) Joined to the one before
                    by or, not by and.
                  - C(targeting.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.or) (bool, default false) Joined to the one before by or, not
                    by and.
                  - C(targeting.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.not) (bool, default false) The condition must be false.
                  - C(targeting.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(attributes) (dict) Attributes of the item that have no field here, in Windows' own
                    words.
                type: dict
              folders:
                description:
                  - Folders, by path.
                  - The keys are free; null takes an entry away.
                  - C(action) (str, one of create, replace, update, delete, default update) What to do
                    with it.
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
                  - C(stop_on_error) (bool, default false) An error here stops the other items of this
                    kind.
                  - C(user_context) (bool, default false) Act as who is logged on, not as the system.
                  - C(remove_when_unapplied) (bool, default false) Take it back where the GPO no longer
                    applies.
                  - C(apply_once) (bool, default false) Apply once and never again.
                  - C(targeting) (list of dict) Conditions, all of which must hold.
                  - C(targeting.group) (str) Security group that the user or the computer is in.
                  - C(targeting.organizational_unit) (str) OU, as a path from the domain's root, that
                    the user or the computer is under.
                  - C(targeting.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.user) (str) Account that is logged on.
                  - C(targeting.ip_range) (list of str) First and last address of a range.
                  - C(targeting.site) (str) Active Directory site.
                  - C(targeting.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.group) (str) Security group that the user or the computer is
                    in.
                  - C(targeting.conditions.organizational_unit) (str) OU, as a path from the domain's
                    root, that the user or the computer is under.
                  - C(targeting.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where
                    it has a dot).
                  - C(targeting.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.conditions.group) (str) Security group that the user or the
                    computer is in.
                  - C(targeting.conditions.conditions.organizational_unit) (str) OU, as a path from the
                    domain's root, that the user or the computer is under.
                  - C(targeting.conditions.conditions.computer) (str) Name of the computer (NetBIOS, or
                    DNS where it has a dot).
                  - C(targeting.conditions.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.conditions.ip_range) (list of str) First and last address of
                    a range.
                  - C(targeting.conditions.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions.xml) (str) The filter's own XML, for one without
                    a form here.
                  - C(targeting.conditions.conditions.of) (str, one of user, computer) Whose membership
                    counts.
                  - C(targeting.conditions.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.conditions.not) (bool, default false) The condition must be
                    false.
                  - C(targeting.conditions.conditions.or) (bool, default false) Joined to the one before
                    by or, not by and.
                  - C(targeting.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.or) (bool, default false) Joined to the one before by or, not
                    by and.
                  - C(targeting.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.not) (bool, default false) The condition must be false.
                  - C(targeting.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(attributes) (dict) Attributes of the item that have no field here, in Windows' own
                    words.
                type: dict
              environment:
                description:
                  - Environment variables, by name.
                  - The keys are free; null takes an entry away.
                  - C(action) (str, one of create, replace, update, delete, default update) What to do
                    with it.
                  - C(value) (str, default ) Value.
                  - C(user) (bool, default false) A variable of the user, not of the system.
                  - C(partial) (bool, default false) A segment of PATH, not the whole.
                  - C(enabled) (bool, default true) The item counts; false keeps it there, without effect.
                  - C(description) (str, default ) Free text, for who reads the GPO.
                  - C(stop_on_error) (bool, default false) An error here stops the other items of this
                    kind.
                  - C(user_context) (bool, default false) Act as who is logged on, not as the system.
                  - C(remove_when_unapplied) (bool, default false) Take it back where the GPO no longer
                    applies.
                  - C(apply_once) (bool, default false) Apply once and never again.
                  - C(targeting) (list of dict) Conditions, all of which must hold.
                  - C(targeting.group) (str) Security group that the user or the computer is in.
                  - C(targeting.organizational_unit) (str) OU, as a path from the domain's root, that
                    the user or the computer is under.
                  - C(targeting.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.user) (str) Account that is logged on.
                  - C(targeting.ip_range) (list of str) First and last address of a range.
                  - C(targeting.site) (str) Active Directory site.
                  - C(targeting.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.group) (str) Security group that the user or the computer is
                    in.
                  - C(targeting.conditions.organizational_unit) (str) OU, as a path from the domain's
                    root, that the user or the computer is under.
                  - C(targeting.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where
                    it has a dot).
                  - C(targeting.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.conditions.group) (str) Security group that the user or the
                    computer is in.
                  - C(targeting.conditions.conditions.organizational_unit) (str) OU, as a path from the
                    domain's root, that the user or the computer is under.
                  - C(targeting.conditions.conditions.computer) (str) Name of the computer (NetBIOS, or
                    DNS where it has a dot).
                  - C(targeting.conditions.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.conditions.ip_range) (list of str) First and last address of
                    a range.
                  - C(targeting.conditions.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions.xml) (str) The filter's own XML, for one without
                    a form here.
                  - C(targeting.conditions.conditions.of) (str, one of user, computer) Whose membership
                    counts.
                  - C(targeting.conditions.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.conditions.not) (bool, default false) The condition must be
                    false.
                  - C(targeting.conditions.conditions.or) (bool, default false) Joined to the one before
                    by or, not by and.
                  - C(targeting.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.or) (bool, default false) Joined to the one before by or, not
                    by and.
                  - C(targeting.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.not) (bool, default false) The condition must be false.
                  - C(targeting.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(attributes) (dict) Attributes of the item that have no field here, in Windows' own
                    words.
                type: dict
              power_plans:
                description:
                  - 'Power plans, by name. The policies of power are preferred: they cannot be changed
                    back.'
                  - The keys are free; null takes an entry away.
                  - C(action) (str, one of create, replace, update, delete, default update) What to do
                    with it.
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
                  - C(lid_ac) (str, one of nothing, sleep, hibernate, shut_down) When the lid closes (on
                    mains).
                  - C(lid_dc) (str, one of nothing, sleep, hibernate, shut_down) When the lid closes (on
                    battery).
                  - C(power_button_ac) (str, one of nothing, sleep, hibernate, shut_down) Power button
                    (on mains).
                  - C(power_button_dc) (str, one of nothing, sleep, hibernate, shut_down) Power button
                    (on battery).
                  - C(start_menu_ac) (str, one of nothing, sleep, hibernate, shut_down) Button of the
                    start menu (on mains).
                  - C(start_menu_dc) (str, one of nothing, sleep, hibernate, shut_down) Button of the
                    start menu (on battery).
                  - C(link_saving_ac) (bool) Save power on PCI Express (on mains).
                  - C(link_saving_dc) (bool) Save power on PCI Express (on battery).
                  - C(processor_min_ac) (int) Lowest state of the processor (on mains), in %.
                  - C(processor_min_dc) (int) Lowest state of the processor (on battery), in %.
                  - C(processor_max_ac) (int) Highest state of the processor (on mains), in %.
                  - C(processor_max_dc) (int) Highest state of the processor (on battery), in %.
                  - C(display_off_ac) (int) Turn the display off after (on mains), in seconds; 0 for never.
                  - C(display_off_dc) (int) Turn the display off after (on battery), in seconds; 0 for
                    never.
                  - C(adaptive_display_ac) (bool) Wait longer where the user comes back (on mains).
                  - C(adaptive_display_dc) (bool) Wait longer where the user comes back (on battery).
                  - C(critical_action_ac) (str, one of nothing, sleep, hibernate, shut_down) At the critical
                    level (on mains).
                  - C(critical_action_dc) (str, one of nothing, sleep, hibernate, shut_down) At the critical
                    level (on battery).
                  - C(low_level_ac) (int) Low level (on mains), in %.
                  - C(low_level_dc) (int) Low level (on battery), in %.
                  - C(critical_level_ac) (int) Critical level (on mains), in %.
                  - C(critical_level_dc) (int) Critical level (on battery), in %.
                  - C(low_warning_ac) (bool) Warn at the low level (on mains).
                  - C(low_warning_dc) (bool) Warn at the low level (on battery).
                  - C(low_action_ac) (str, one of nothing, sleep, hibernate, shut_down) At the low level
                    (on mains).
                  - C(low_action_dc) (str, one of nothing, sleep, hibernate, shut_down) At the low level
                    (on battery).
                  - C(enabled) (bool, default true) The item counts; false keeps it there, without effect.
                  - C(description) (str, default ) Free text, for who reads the GPO.
                  - C(stop_on_error) (bool, default false) An error here stops the other items of this
                    kind.
                  - C(user_context) (bool, default false) Act as who is logged on, not as the system.
                  - C(remove_when_unapplied) (bool, default false) Take it back where the GPO no longer
                    applies.
                  - C(apply_once) (bool, default false) Apply once and never again.
                  - C(targeting) (list of dict) Conditions, all of which must hold.
                  - C(targeting.group) (str) Security group that the user or the computer is in.
                  - C(targeting.organizational_unit) (str) OU, as a path from the domain's root, that
                    the user or the computer is under.
                  - C(targeting.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.user) (str) Account that is logged on.
                  - C(targeting.ip_range) (list of str) First and last address of a range.
                  - C(targeting.site) (str) Active Directory site.
                  - C(targeting.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.group) (str) Security group that the user or the computer is
                    in.
                  - C(targeting.conditions.organizational_unit) (str) OU, as a path from the domain's
                    root, that the user or the computer is under.
                  - C(targeting.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where
                    it has a dot).
                  - C(targeting.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.conditions.group) (str) Security group that the user or the
                    computer is in.
                  - C(targeting.conditions.conditions.organizational_unit) (str) OU, as a path from the
                    domain's root, that the user or the computer is under.
                  - C(targeting.conditions.conditions.computer) (str) Name of the computer (NetBIOS, or
                    DNS where it has a dot).
                  - C(targeting.conditions.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.conditions.ip_range) (list of str) First and last address of
                    a range.
                  - C(targeting.conditions.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions.xml) (str) The filter's own XML, for one without
                    a form here.
                  - C(targeting.conditions.conditions.of) (str, one of user, computer) Whose membership
                    counts.
                  - C(targeting.conditions.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.conditions.not) (bool, default false) The condition must be
                    false.
                  - C(targeting.conditions.conditions.or) (bool, default false) Joined to the one before
                    by or, not by and.
                  - C(targeting.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.or) (bool, default false) Joined to the one before by or, not
                    by and.
                  - C(targeting.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.not) (bool, default false) The condition must be false.
                  - C(targeting.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(attributes) (dict) Attributes of the item that have no field here, in Windows' own
                    words.
                type: dict
              shortcuts:
                description:
                  - Shortcuts, by path.
                  - The keys are free; null takes an entry away.
                  - C(action) (str, one of create, replace, update, delete, default update) What to do
                    with it.
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
                  - C(stop_on_error) (bool, default false) An error here stops the other items of this
                    kind.
                  - C(user_context) (bool, default false) Act as who is logged on, not as the system.
                  - C(remove_when_unapplied) (bool, default false) Take it back where the GPO no longer
                    applies.
                  - C(apply_once) (bool, default false) Apply once and never again.
                  - C(targeting) (list of dict) Conditions, all of which must hold.
                  - C(targeting.group) (str) Security group that the user or the computer is in.
                  - C(targeting.organizational_unit) (str) OU, as a path from the domain's root, that
                    the user or the computer is under.
                  - C(targeting.computer) (str) Name of the computer (NetBIOS, or DNS where it has a dot).
                  - C(targeting.user) (str) Account that is logged on.
                  - C(targeting.ip_range) (list of str) First and last address of a range.
                  - C(targeting.site) (str) Active Directory site.
                  - C(targeting.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.group) (str) Security group that the user or the computer is
                    in.
                  - C(targeting.conditions.organizational_unit) (str) OU, as a path from the domain's
                    root, that the user or the computer is under.
                  - C(targeting.conditions.computer) (str) Name of the computer (NetBIOS, or DNS where
                    it has a dot).
                  - C(targeting.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.ip_range) (list of str) First and last address of a range.
                  - C(targeting.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions) (list of dict) Conditions in parentheses.
                  - C(targeting.conditions.conditions.group) (str) Security group that the user or the
                    computer is in.
                  - C(targeting.conditions.conditions.organizational_unit) (str) OU, as a path from the
                    domain's root, that the user or the computer is under.
                  - C(targeting.conditions.conditions.computer) (str) Name of the computer (NetBIOS, or
                    DNS where it has a dot).
                  - C(targeting.conditions.conditions.user) (str) Account that is logged on.
                  - C(targeting.conditions.conditions.ip_range) (list of str) First and last address of
                    a range.
                  - C(targeting.conditions.conditions.site) (str) Active Directory site.
                  - C(targeting.conditions.conditions.xml) (str) The filter's own XML, for one without
                    a form here.
                  - C(targeting.conditions.conditions.of) (str, one of user, computer) Whose membership
                    counts.
                  - C(targeting.conditions.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.conditions.not) (bool, default false) The condition must be
                    false.
                  - C(targeting.conditions.conditions.or) (bool, default false) Joined to the one before
                    by or, not by and.
                  - C(targeting.conditions.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.conditions.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.conditions.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.conditions.not) (bool, default false) The condition must be false.
                  - C(targeting.conditions.or) (bool, default false) Joined to the one before by or, not
                    by and.
                  - C(targeting.xml) (str) The filter's own XML, for one without a form here.
                  - C(targeting.of) (str, one of user, computer) Whose membership counts.
                  - C(targeting.direct) (bool) Only directly in the OU, not below.
                  - C(targeting.not) (bool, default false) The condition must be false.
                  - C(targeting.or) (bool, default false) Joined to the one before by or, not by and.
                  - C(attributes) (dict) Attributes of the item that have no field here, in Windows' own
                    words.
                type: dict
          registry:
            description:
              - Registry values under `KEY!VALUE`, the key without its hive; for what no named policy
                says.
              - The keys are free; null takes an entry away.
              - C(type) (str, one of none, sz, expand_sz, binary, dword, multi_sz, qword) Registry type.
              - C(data) (raw) A number for `dword` and `qword`, a list for `multi_sz`, else a text. Not
                for `binary` and `none`.
              - C(base64) (str) The bytes of `binary` and `none`, in base64.
              - C(state) (str, one of deleted) `deleted` has the machine lose the value.
              - The system's own default is C({}).
            type: dict
          foreign:
            description:
              - 'What Piste cannot express otherwise, by path, as base64: read, shown and replayed, never
                written by hand.'
              - The keys are free; null takes an entry away.
            type: dict
      filtering:
        description:
          - 'Groups, users or computers that apply the GPO, by name. All may still read it: a computer
            reads what its users apply.'
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
      defects:
        description:
          - What a live GPO is found to lack; never declared, always repaired.
        type: list
        elements: str
      exclusive:
        description:
          - Whether the declared sections hold what is declared and nothing else. Otherwise what they
            hold besides stays, and is reported.
        type: bool
  state:
    description:
      - C(merged) changes only what is declared; C(replaced) also puts the other keys of declared objects
        back to their defaults; C(overridden) also removes the owner's undeclared objects; C(deleted)
        removes the declared objects; C(gathered) reads and changes nothing.
    type: str
    choices:
      - merged
      - replaced
      - overridden
      - deleted
      - gathered
    default: merged
  owner:
    description:
      - Site, or C(commune), to which the objects belong; it appears in plans and in secrets' paths.
    type: str
  absent:
    description:
      - Names of objects that must not be there, whatever the state.
    type: list
    elements: str
    default: []
  confirm:
    description:
      - 'Guarded changes that are wanted, by the words that a refusal lists: C(uplink) for all of a kind,
        C(uplink:QZZZ-0005-0001/25) for one.'
    type: list
    elements: str
    default: []
  plan:
    description:
      - 'Saved plan to keep to: any other operation stops the task before it writes.'
    type: path
  max_removals:
    description:
      - Removals allowed without the word C(removals).
    type: int
    default: 5
  secrets:
    description:
      - Values of the secrets, by path.
    type: dict
    default: {}
  secrets_lock:
    description:
      - File of the fingerprints of what was written and cannot be read back. Without it, such a value
        counts as unchanged.
    type: path
attributes:
  check_mode:
    support: full
    description: Plans and writes nothing; the operations are those of the run.
  diff_mode:
    support: full
    description: Shows each object that changes, before and after, as YAML.
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
  description: What changed (or would), in order, one entry an object.
  returned: always
  type: list
  elements: dict
  sample:
    - system: ad
      owner: commune
      kind: gpo
      key: Sobriété - Veille des postes
      label: Sobriété - Veille des postes
      action: update
      fields: [computer]
      before: 1f0c6c7ef8a2d931
      after: 8b7df143d91c716e
summary:
  description: The same, one readable line each.
  returned: always
  type: list
  elements: str
withheld:
  description: What was not done for want of a confirmation.
  returned: always
  type: list
  elements: str
gathered:
  description: What is there, in the form of C(config).
  returned: when I(state=gathered)
  type: list
  elements: dict
calls:
  description: Requests sent, C(reads) and C(writes).
  returned: always
  type: dict
"""

from piste.dispatch import main  # noqa: E402

if __name__ == "__main__":
    main("ad_gpos")
