#!/usr/bin/python
# SPDX-License-Identifier: EUPL-1.2
"""Read a subject of a system"""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: piste_read
short_description: Read a subject of a system
description:
  - Reads what the subject says, from the system that holds it, and gives it as data. Changes nothing in any mode.
  - The subject decides which other options are due and which are allowed; what is missing or unknown is refused before the
    system is asked.
  - The results are those of the subject, which their descriptions name.
  - 'C(meraki_access_lists): read the access lists of a Meraki network. Reads what the switches of a network let pass between
    VLANs, in order, without the final rule of the system.'
  - 'C(meraki_air): read the air of a Meraki organization. Reads channel, width and power of each radio, its use and the signal
    of its clients over a day, the lowest bit rate of its profile, how SSIDs admit, and how many access ports are under an
    access policy. The signal comes in a read an access point; what had no client is null.'
  - 'C(meraki_answers): ask a Meraki organization what settles the beliefs about it. Reads a sample of its networks and switches.'
  - 'C(meraki_authors): name who changed objects of a Meraki organization, and when. Reads its change log once; an author
    is named where an entry names the object and its live value, and nobody is guessed.'
  - 'C(meraki_cables): list the cables that the switches of a Meraki organization hear. Gives what each port hears of its
    neighbour by LLDP and CDP.'
  - 'C(meraki_checks): check the access to a Meraki organization. Checks that the Dashboard answers over verified TLS, that
    it accepts the key, that the key sees the organization and may write, and that the rate is the vendor''s. Gives the end
    of its certificate and the difference between the clocks. A fault is a finding, never a failure.'
  - 'C(meraki_clients): locate a client of a Meraki organization. Gives the switch and port, or the access point and SSID,
    where the Dashboard saw a MAC address, or an IPv4 address in a network, over 30 days. Keeps no name and no user.'
  - 'C(meraki_energy): give the power that the switches of a Meraki organization draw. The Dashboard measures every figure;
    nothing is estimated or extrapolated. The Dashboard gives the fifty switches that draw most, and no more; C(coverage)
    says how many there are. The energy that ports feed (PoE) is given for a period of 31 days at most.'
  - 'C(meraki_living): read what lives in a Meraki organization. Gives status and last report of devices, their firmware,
    link, speed and faults of switch ports, SSIDs on the air, clients.'
  - 'C(meraki_places): list the networks of a Meraki organization and the devices at work in each. Gives what can be adopted,
    by name.'
  - 'C(meraki_port_traffic): read the traffic of ports of switches of a Meraki organization. Reads the kilobytes that ports
    sent and received, by day (UTC), in one paged read. The Dashboard goes back 31 days; an older day is absent, and so is
    the present day, which is not over.'
  - 'C(meraki_routers): read the core and what else routes in a Meraki network. Reads the interfaces and static routes of
    the core of the town, and of the switches and stacks of a network that have some. A silence is a router that was not read,
    never a failure.'
  - 'C(meraki_usage): read the use of access points and access ports of a Meraki organization by hour. Reads whole weeks,
    from Monday to Monday in the town''s time, by hour of the week. The ports of all switches come in a paged read a day,
    the clients of access points in a read an access point. An hour that was not measured is null, never zero. The Dashboard
    goes back 31 days.'
  - 'C(smc_answers): ask an SMC what settles the beliefs about it. Reads lists of elements, and a sample of objects.'
  - 'C(smc_authors): name who modified elements of an SMC last, and when. Reads the history of each, a hundred at most; what
    is no element of its own, as a rule, has no author.'
  - 'C(smc_checks): check the access to a Forcepoint SMC. Checks that the SMC answers over verified TLS, offers the pinned
    version of the API and opens a session. Gives the end of its certificate, the difference between the clocks and what waits
    to be installed. A fault is a finding, never a failure.'
  - 'C(smc_living): read what lives on the firewall. Gives state, policy, last installation and version of each node of the
    engines, changes that wait, state of tunnels.'
  - 'C(smc_routers): read an engine of Forcepoint as a router. Reads the interfaces, static routes and antispoofing of the
    engine that carries gateways of the town. A silence is a router that was not read, never a failure.'
  - 'C(prism_answers): ask Prism Central what settles the beliefs about it. Reads the first page of some collections.'
  - 'C(prism_authors): name who modified objects of Prism Central last, and when. Reads its newest audits once, a thousand
    at most; an audit says which object, not which field, and an object of which none tells has no author.'
  - 'C(prism_capacity): give the load of a cluster, its power and what sleep saves. Gives machines per node, processors and
    memory allotted and used, what is left after the loss of a node, and watts per node: measured where the nodes give them,
    else modelled by the declared factors. Gives each machine its share of the power and its marginal power. The share also
    counts what nodes draw with nobody on them, which no machine that sleeps gives back, so that the marginal figure alone
    is claimed as a saving.'
  - 'C(prism_checks): check the access to Prism Central. A fault is a finding, never a failure. Checks that it answers and
    that the cluster is visible. Gives its versions and the account.'
  - 'C(prism_clusters): give the clusters of Prism Central, their capacity and their power. Gives the nodes of each cluster,
    what their machines are given, what is left for machines after the loss of the largest node, and the power of each node
    that measures it.'
  - 'C(prism_living): read what lives on a Nutanix cluster. Gives the power state and the node of machines, the state of nodes,
    the versions that run there.'
  - 'C(prism_recovery_points): read the copies that a Nutanix cluster keeps. Gives the recovery points of Prism Central as
    copies of the protected sets, a reading a store. A copy on the cluster of its original is lost with it; it is no second
    medium.'
  - 'C(nexus_accounts): list the accounts of the Nexus switches. Reads names, roles and ends in the running configuration
    of each; a switch that does not answer is unknown.'
  - 'C(nexus_answers): ask the Nexus switches what settles the beliefs about them. Reads the configuration and three tables
    of each.'
  - 'C(nexus_checks): check the access to the Nexus switches. A fault is a finding, never a failure. Checks, for each declared
    switch, that it answers, its host key, the account, its version, that its configuration reads, and that the account may
    not write.'
  - 'C(nexus_configurations): read the running configuration of the Nexus switches, without its secrets. Passwords, keys and
    communities are masked before the text leaves the module.'
  - 'C(nexus_living): read what lives on the Nexus switches. Gives the version and the ports of each switch, in a session
    each. A switch that does not answer, or whose answer is not understood, is unknown.'
  - 'C(nexus_orphans): name how the Nexus switches depart from the declaration. VLANs, trunks, port-channels and gateways
    of the running configuration, against the declared ones; what nobody declares is named too. Reads over SSH, by C(show)
    commands alone.'
  - 'C(nexus_tests): try what the Nexus switches carry. Compares configuration, active VLANs and working port-channels to
    the declaration. A switch that does not answer is unknown.'
  - 'C(ad_authorities): judge the certificate authorities that the directory publishes. Reads what AD CS publishes in the
    configuration of the forest. These are authorities, templates, NTAuth, revocation lists. Judges what would refuse computers
    once 802.1X is imposed, and templates by which anybody may take the name of another. Does nothing where no declared authority
    is in the directory.'
  - 'C(ad_authors): say when objects of a directory changed. Reads their metadata in one search; the directory does not say
    who changed them.'
  - 'C(ad_checks): check the access to an Active Directory domain. Checks that a controller answers over verified TLS and
    accepts the account, and that the account may create policies (in the directory and in SYSVOL) and WMI filters. Gives
    the PDC emulator, the end of its certificate, the difference between the clocks and the functional levels. A fault is
    a finding, never a failure.'
  - 'C(ad_computers): list the computer accounts of an Active Directory domain. Gives the name, the unit, the system and the
    day of the last sign-in of each computer. No account of a person is read.'
  - 'C(ad_points): judge the weak points of a directory, by LDAP alone. Gives, for each control point of the French agency
    (C(vuln_*), with its level) and some others, how many objects are at fault, and some names. Seventeen reads; no secret
    is ever asked for. A point that does not show to the account is unread, with its reason.'
  - 'C(dns_checks): check the DNS of an Active Directory domain. Reads the zones that the directory keeps, and judges who
    may create names there, the names that computers look for by themselves, dynamic updates and aging. Gives the conditional
    forwarders. A fault is a finding, never a failure.'
  - 'C(files_answers): name the systems of the file servers, as their accounts say them. The directory alone is asked.'
  - 'C(windows_answers): ask a directory what settles the beliefs about Windows. Reads the recycle bin, the authorised DHCP
    servers, the names of services, and the systems of the controllers and of some servers.'
  - 'C(dhcp_checks): check the DHCP servers of the town. Checks that each server answers, has the role, runs its service and
    has free addresses, that the first two have the same scopes, and that the directory authorises these servers and no other.
    A fault is a finding, never a failure.'
  - 'C(dhcp_exports): read the export that Windows DHCP servers make of themselves. Runs C(Export-DhcpServer) into a private
    folder of the server, reads the file back and removes it, over WinRM. Elements named after a secret are emptied before
    the text leaves the module. Leases are left out unless asked.'
  - 'C(dhcp_uses): read the use of DHCP scopes. Reads, on each server, which scopes of some prefixes are active, and how many
    of their addresses are free or lent. A silence is a server that was not read, never a failure.'
  - 'C(dns_server_orphans): name how the DNS servers depart from the declaration. The forwarders of each server, which its
    registry keeps, against the declared ones, over WinRM. Their order means nothing.'
  - 'C(nps_checks): check the NPS servers of a pair. Checks that each server answers, has the role, runs its service and is
    registered in the directory, that no change of it was interrupted, and that the servers hold the same. Gives the end of
    the certificates of its policies. A fault is a finding, never a failure.'
  - 'C(win_certificates): read the declared certificates that Windows servers keep. Reads over WinRM the store of the machine
    of each server that a declared certificate names, and judges that certificate. Private keys stay where they are; only
    their presence is read. A server that does not answer is unknown.'
  - 'C(win_print_accounting): count what a print server printed, by queue and day. Reads the event log of the print service
    after a record, and counts jobs, pages and colour by queue and day. The counting is done on the server; no name of a person,
    of a document or of a computer leaves it. The log gives neither the sides of a job nor its paper, and its copies only
    where the server renders it.'
  - 'C(winrm_checks): check the access to Windows servers by WinRM. Checks that each server answers over verified TLS and
    accepts the account, that the account is an administrator there, and that the print server can be set. Gives the end of
    its certificate and the difference between the clocks. A fault is a finding, never a failure.'
  - 'C(dns_tests): ask the domain''s name servers for the names that a site needs. Asks each name server for the domain controllers
    of the domain, and for the address of each server that the site needs, by real DNS queries. A fault is a finding, never
    a failure.'
  - 'C(radius_tests): test the 802.1X of a site by real exchanges with its RADIUS servers. Tries on each server who must be
    admitted, and into which VLAN, and who must be refused: a computer''s certificate, a password of the directory, a wrong
    password, a revoked certificate, devices admitted by their MAC address, devices no longer admitted, a client that the
    server does not know. A fault is a finding, never a failure. Nothing is written on any system; a run in which all is well
    is recorded in a file, which a site needs before 802.1X is imposed.'
  - 'C(zabbix_answers): ask Zabbix what settles the beliefs about it. Reads the macros of its hosts once.'
  - 'C(zabbix_authors): name who changed objects of Zabbix, and when. Reads its audit log once; an author is named where an
    entry names the object and its live value, and nobody is guessed.'
  - 'C(zabbix_checks): check the access to Zabbix. A fault is a finding, never a failure. Checks that it answers in the branch
    that Piste knows, its account, its role, and the versions of the templates in use.'
  - 'C(zabbix_coverage): measure the coverage of the supervision (F11). Compares the declared assets with the hosts of Zabbix
    that are enabled and have fresh data; M(piste_site) comes before.'
  - 'C(zabbix_handover): read the hand-over of the supervision. Gives the files with which a successor makes an empty Zabbix
    the same, without Piste.'
  - 'C(zabbix_links): read the measures of links of Zabbix. Reads availability, latency and loss of the hosts C(lien-NAME)
    over a period. The measures come from the trends, and from the raw values where a trend does not say enough.'
  - 'C(zabbix_living): read the life of the hosts of Zabbix. Reads which hosts are enabled, the age of what says that they
    are there, and their open problems.'
  - 'C(glpi_answers): ask GLPI what settles the beliefs about it. Reads the first page of some lists.'
  - 'C(glpi_checks): check the access to GLPI. A fault is a finding, never a failure. Checks that it answers, that the account
    is accepted and may read, which version of the API answers.'
  - 'C(glpi_renewals): read in GLPI the tickets that ask for the renewal of certificates. A ticket is known by the number
    declared beside the certificate, else by the title of its request. Neither content nor person is kept.'
  - 'C(glpi_tickets): count the tickets of GLPI by month. Volumes, delays and satisfaction; neither content nor person is
    kept. The satisfaction is unknown without the legacy API.'
  - 'C(veeam_answers): ask Veeam Backup & Replication what settles the beliefs about it. Reads some lists whole.'
  - 'C(veeam_checks): check that Veeam Backup & Replication can be read. Checks that the server answers, its certificate,
    the account, the revision of its API, what the account may read, and that each declared store has its repositories.'
  - 'C(veeam_copies): read the copies in the repositories of Veeam Backup & Replication. Reads repositories, jobs, sessions,
    backups and restore points by the REST API, and gives the copies of the protected sets in each store that Veeam feeds.
    A copy is a restore point; a job that says success without one is named. A store whose repository does not answer, is
    off line or is absent is unknown. Changes nothing in any mode, restores nothing.'
  - 'C(microsoft_checks): check that the application may read Microsoft 365, and nothing more. Signs in by the certificate
    of the application, and compares the rights that its token carries with the least that read all parts: those that lack,
    those that are too many.'
  - 'C(microsoft_machines): read the machines that Defender for Endpoint knows. Gives each machine that is on board, with
    the state of its agent and the day on which it was last seen.'
  - 'C(microsoft_tenant): read the tenant of Microsoft 365, part by part. Reads roles and those who hold them, second factors,
    conditional access, default permissions, guests, sharing, licences and groups by Microsoft Graph. A part that a right
    or a licence closes is unknown, with the reason. The client carries no write. Persons are counted; administrators alone
    are named.'
  - 'C(restic_copies): read the copies that a repository of restic has. Lists the snapshots of each set, whose tag is the
    name of the set. A repository that does not answer is unknown, with the reason, and never empty.'
  - 'C(certificate_scan): read the certificates that the declared endpoints serve. Reads the certificate of each declared
    endpoint in a TLS handshake, and sends nothing after it. A chain that does not verify is read all the same, and is a finding.
    Judges its end, names, chain, key, issuer and life by the declaration. An endpoint that does not answer is unknown.'
  - 'C(computer_measures): collect the measures that computers write of themselves. Lists the share of the measures once,
    over encrypted SMB 3, and reads the files that are new or have changed. Every file is data that nobody vouches for. A
    file is refused, and named, where it is oversized, not in the form, from the future, older than the last, of a computer
    that the inventory does not know, of another''s serial number, or owned by another account than that of its computer.
    A refused file never hides the last good report. Keeps in C(folder) the last good report of each computer and a summary
    by day, for the time that is declared; no measure is in the result. Nothing is written on the share. In check mode nothing
    is kept.'
  - 'C(storage_scan): scan the targeted file shares for cold and duplicate data. Reads names, sizes and dates of the targeted
    shares over encrypted SMB 3, and compares by digests the contents of files of equal size alone. Nothing is written on
    a share, no link is followed, an excluded folder is not even listed. Gives counts by folder of the first levels; no name
    of a file leaves the scan, but in the lists that C(lists) asks for. A scan that its time or a silence stops goes on at
    the next run. What was not read is named, and its share is unknown.'
  - 'C(ups_tests): try the uninterruptible power supplies of a place. Reads each declared supply on a server of Network UPS
    Tools, without an account, and judges mains, load, charge, runtime and the age of the battery. What does not answer is
    unknown.'
author: Ville du Bourget
options:
  subject:
    description: What to read.
    type: str
    required: true
    choices: [meraki_access_lists, meraki_air, meraki_answers, meraki_authors, meraki_cables, meraki_checks, meraki_clients,
      meraki_energy, meraki_living, meraki_places, meraki_port_traffic, meraki_routers, meraki_usage, smc_answers, smc_authors,
      smc_checks, smc_living, smc_routers, prism_answers, prism_authors, prism_capacity, prism_checks, prism_clusters, prism_living,
      prism_recovery_points, nexus_accounts, nexus_answers, nexus_checks, nexus_configurations, nexus_living, nexus_orphans,
      nexus_tests, ad_authorities, ad_authors, ad_checks, ad_computers, ad_points, dns_checks, files_answers, windows_answers,
      dhcp_checks, dhcp_exports, dhcp_uses, dns_server_orphans, nps_checks, win_certificates, win_print_accounting, winrm_checks,
      dns_tests, radius_tests, zabbix_answers, zabbix_authors, zabbix_checks, zabbix_coverage, zabbix_handover, zabbix_links,
      zabbix_living, glpi_answers, glpi_checks, glpi_renewals, glpi_tickets, veeam_answers, veeam_checks, veeam_copies, microsoft_checks,
      microsoft_machines, microsoft_tenant, restic_copies, certificate_scan, computer_measures, storage_scan, ups_tests]
  dashboard:
    required: false
  network:
    description: 'C(meraki_access_lists), C(meraki_routers): Network to which the objects belong, by its name. C(meraki_clients):
      Network in which the address is looked for, by its name.'
    type: str
  objects:
    description: What a drift shows, an operation each.
    type: list
    elements: dict
    suboptions:
      kind:
        description: Kind of the object.
        type: str
        required: true
      key:
        description: Name of the object.
        type: str
        required: true
      action:
        description: 'What would take the change back: C(create), C(update), C(delete), C(reset).'
        type: str
        required: true
      fields:
        description: Fields that differ.
        type: list
        elements: str
        default: []
      before:
        description: Content of the object as it is.
        type: dict
        default: {}
      after:
        description: Content of the object as it is declared.
        type: dict
        default: {}
      within:
        description: 'Container of the objects of its owner: a network, by its name.'
        type: str
        default: ''
  days:
    description: 'C(meraki_authors) (int), C(smc_authors) (int), C(prism_authors) (int), C(ad_authors) (int), C(zabbix_authors)
      (int): How far back the log is read. C(veeam_copies) (int): Days of restore points to read.'
    type: raw
  core:
    description: The core of the town.
    type: dict
    suboptions:
      network:
        description: Network of the core.
        type: str
        required: true
      carrier:
        description: Its stack by name, or its switch by serial number.
        type: str
        required: true
      models:
        description: Models that route and that Piste does not know, each with its C(interfaces) and C(static_routes) at most,
          and whether it has a C(dhcp_server).
        type: dict
  links:
    description: Ports of the core whose other end nothing declares, C(SERIAL/PORT).
    type: list
    elements: str
  waves:
    description: Networks whose switches an upgrade concerns.
    type: list
    elements: str
  mac:
    description: MAC address of the client.
    type: str
  ip:
    description: IPv4 address of the client, where its MAC address is not given; with I(network).
    type: str
  start:
    description: 'C(meraki_energy) (str): When the period begins, C(2026-11-01T00:00:00Z); with I(end). C(meraki_port_traffic)
      (int): Midnight (UTC) when the period begins, seconds since 1970. C(zabbix_links) (int): When the period begins, in
      seconds since 1970.'
    type: raw
  end:
    description: 'C(meraki_energy) (str): When it ends, 186 days later at most. C(meraki_port_traffic) (int), C(zabbix_links)
      (int): When it ends.'
    type: raw
  hours:
    description: 'C(meraki_energy) (float): How many hours before now, where no period is given. C(prism_capacity) (dict):
      Schedules, calendar and machines, as the filter C(prism_intent) gives them from the declaration.'
    type: raw
  ports:
    description: Ports, C(serial/port).
    type: list
    elements: str
  places:
    description: Access points and ports of each site.
    type: list
    elements: dict
    suboptions:
      site:
        description: Name of the site.
        type: str
        required: true
      access_points:
        description: Serial numbers of its access points.
        type: list
        required: true
        elements: str
      radio:
        description: Ports that feed them, C(serial/port).
        type: list
        required: true
        elements: str
      access:
        description: Its other ports that end at a device.
        type: list
        required: true
        elements: str
  timezone:
    description: Time zone of the town.
    type: str
  weeks:
    description: Whole weeks to read, the last ones; four at most.
    type: int
    default: 1
  known:
    description: Weeks not to read again, C(2026-W47).
    type: list
    elements: str
    default: []
  smc:
    required: false
  carrier:
    description: What carries the town's VLANs, where something does.
    type: dict
    suboptions:
      engine:
        description: Name of the engine.
        type: str
      interface:
        description: Number of its physical interface.
        type: int
  logs:
    description: Name of the log server of the engine, where the town declares it.
    type: str
  web:
    description: Categories of sites that rules name, C(type/name) each.
    type: list
    elements: str
  engine:
    description: The engine that routes.
    type: dict
    suboptions:
      name:
        description: Its name.
        type: str
        required: true
      kind:
        description: A single engine or a cluster.
        type: str
        required: true
        choices: [single, cluster]
  prism:
    required: false
  cluster:
    description: 'C(prism_capacity), C(prism_checks): Cluster to which the objects belong, by its name. C(prism_clusters):
      Name of the cluster; all those that hold machines without it.'
    type: str
  cvm_memory:
    description: Memory that the controller of each node takes, C(32 GiB).
    type: str
  waits:
    description: Longest waits that a session stands, and the C(hours) whose busiest is read; nothing is read without it.
    type: dict
  energy:
    description: Factors by which power and emissions are estimated, as the declaration gives them.
    type: dict
  power:
    description: Whether to ask each node for what it uses and the power that it draws.
    type: bool
    default: false
  declared:
    description: 'C(prism_recovery_points) (dict): Protection of the town: its stores and its sets. C(nexus_accounts) (dict),
      C(nexus_answers) (dict), C(nexus_checks) (dict), C(nexus_configurations) (dict), C(nexus_living) (dict), C(nexus_orphans)
      (dict), C(nexus_tests) (dict): What the declaration says of the switches, C(ansible_facts.piste_site.nexus) of the town.
      C(ad_authorities) (dict), C(win_certificates) (dict), C(glpi_renewals) (dict), C(certificate_scan) (dict): Certificates
      of the town and the rules that judge them, as C(piste_site) gives them. C(veeam_checks) (dict), C(veeam_copies) (dict):
      Protection of the town, as C(piste_site) gives it (C(protection)). C(computer_measures) (dict): Share of the measures,
      its rules and the computers of the inventory, as C(piste_site) gives them (C(computer_measures)). C(storage_scan) (dict):
      Targeted shares and their rules, as C(piste_site) gives them (C(storage)). C(ups_tests) (list): Supplies as C(piste_site)
      gives them (C(premises.ups)).'
    type: raw
  nexus:
    description: Account that reads the Nexus switches over SSH, and the key of each.
    type: dict
    suboptions:
      username:
        description: Account, with the right to read the configuration and no other.
        type: str
        default: ''
      password:
        description: Its password, secret.
        type: str
        default: ''
      host_keys:
        description: Public key of each switch, by name, as OpenSSH writes it (C(ssh-rsa AAAA...)). A key that is not here,
          or is not this key, is refused.
        type: dict
        default: {}
      elsewhere:
        description: By name, another C(address) and C(port) than the declared address and 22.
        type: dict
        default: {}
      timeout:
        description: Seconds to wait for an answer.
        type: float
        default: 30
  switches:
    description: Names of the switches to read; by default, all that are declared.
    type: list
    elements: str
  domain:
    required: false
  templates:
    description: Names of the templates that servers of RADIUS need.
    type: list
    elements: str
  brief:
    description: Give what conforms in a single finding.
    type: bool
    default: false
  winrm:
    required: false
  servers:
    description: 'C(dns_checks) (list), C(dns_server_orphans) (list): Names of the DNS servers, which are controllers of the
      domain. C(files_answers) (list), C(windows_answers) (list): Names of the servers whose version counts. C(dhcp_checks)
      (list): Names of the DHCP servers, the first of a relation first. C(dhcp_exports) (list), C(dhcp_uses) (list): Names
      of the DHCP servers. C(nps_checks) (list): Identical servers, in the order of writes: a server is written once the server
      before it is verified. C(winrm_checks) (list): Names of the servers reached by WinRM. C(dns_tests) (list): Names of
      the domain''s name servers, among C(names). C(radius_tests) (list): RADIUS servers of the site, as derived: C(name)
      of the certificate without the domain, C(host), C(auth_port).'
    type: raw
  forwarders:
    description: Declared addresses to which each sends what it does not know; any where left out.
    type: list
    elements: str
  update_account:
    description: 'C(dns_checks): Declared account by which the DHCP servers register names; any by default. C(dhcp_checks):
      Declared account of the DNS updates of the servers; any by default.'
    type: str
  failover:
    description: Declared terms of the relation of the first two; none by default.
    type: dict
  leases:
    description: Also export the leases of clients, which name people's computers.
    type: bool
    default: false
  subnets:
    description: Prefixes of the scopes; all by default.
    type: list
    elements: str
  names:
    description: 'C(win_certificates) (list), C(certificate_scan) (list): Names of the certificates to read; all of them where
      it is absent. C(dns_tests) (dict): Addresses that must be found, by name, without the domain. C(storage_scan) (list):
      Names of the targeted shares to scan; all of them where it is absent.'
    type: raw
  server:
    description: Name of the print server.
    type: str
  queues:
    description: Declared queues; others count without name, unless shared.
    type: list
    elements: str
  after:
    description: Record of the log after which to count; 0 counts the whole log.
    type: int
    default: 0
  after_at:
    description: Moment of this record; another one says that the log was cleared.
    type: str
  print_server:
    description: Name of the print server, if any.
    type: str
  elsewhere:
    description: By name, another C(address) and C(port) of a name server than that of C(names) and 53.
    type: dict
    default: {}
  dns_domain:
    description: 'C(dns_tests): Domain of the names. C(radius_tests): Domain of the servers.'
    type: str
  records:
    description: 'Records that must be found: C(zone), C(name), C(type), C(values).'
    type: list
    elements: dict
    default: []
  site:
    description: Name of the site.
    type: str
  access:
    description: Derived access to the site's network.
    type: dict
  probe:
    description: Way in which this machine asks. C(source), its address that the servers know as a client; C(stranger), its
      address that they do not know; C(ca_file), their authority; C(servers), by name, another address and port; C(accounts),
      by name, C(identity), C(policy) that must admit it, C(revoked), and as references of secrets C(password), or C(certificate)
      and C(key) (PEM).
    type: dict
  secret:
    description: Path of the secret that this machine shares with the servers.
    type: str
  secrets:
    description: 'C(radius_tests): Values of the environment''s secrets, by path. C(restic_copies): Values of the secret references,
      by path.'
    type: dict
  unready:
    description: 'Reason why a success is not recorded: what is wrong with the authority, as C(ad_authorities) says it.'
    type: str
    default: ''
  record:
    description: Folder of the records of success, a file for each site.
    type: path
  zabbix:
    required: false
  supervision:
    description: What the town declares of its supervision.
    type: dict
    default: {}
  kept:
    description: What the town keeps of its templates as found, by name.
    type: dict
    default: {}
  glpi:
    required: false
  legacy:
    description: 'C(glpi_checks): Whether the town allows the legacy API. C(glpi_tickets): Whether the town allows the legacy
      API, which has the satisfaction.'
    type: bool
    default: false
  first:
    description: First month, C(2026-10).
    type: str
  last:
    description: Last month; the first where not given.
    type: str
  veeam:
    description: Where Veeam Backup & Replication listens, and as whom to speak to it.
    type: dict
    suboptions:
      base_url:
        description: Its address, C(https://veeam.example:9419).
        type: str
        required: true
      api_version:
        description: Revision of the API, in each request.
        type: str
        choices: [1.1-rev0, 1.1-rev1, 1.1-rev2, 1.2-rev0, 1.2-rev1, 1.3-rev0, 1.3-rev1, 1.3-rev2]
        default: 1.2-rev1
      username:
        description: Account, which reads and has no other right.
        type: str
      password:
        description: Password of the account, secret.
        type: str
        default: ''
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
      repositories:
        description: By store of the declaration, the names of its repositories; by default the repository of its name.
        type: dict
      objects:
        description: By name of an object of Veeam, the protected set, where the names differ.
        type: dict
  sizes:
    description: 'Read the size of restore points too: a read more a backup.'
    type: bool
    default: true
  microsoft:
    description: Where Microsoft 365 answers, and as which application to speak to it.
    type: dict
    suboptions:
      base_url:
        description: Address of Microsoft Graph, C(https://graph.microsoft.com).
        type: str
        required: true
      login_url:
        description: Address that gives tokens; C(https://login.microsoftonline.com) by default.
        type: str
      security_url:
        description: Address of Defender for Endpoint; C(https://api.securitycenter.microsoft.com) by default.
        type: str
      defender:
        description: Whether the town has Defender for Endpoint.
        type: bool
        default: true
      tenant:
        description: Identifier of the tenant.
        type: str
      application:
        description: Identifier of the application.
        type: str
      certificate:
        description: Certificate of the application, in PEM.
        type: str
      private_key:
        description: RSA key of that certificate, in PEM, secret.
        type: str
        default: ''
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
  restic:
    description: 'Repositories of restic, by the name of the store that each is: C(repository); C(password), path of its secret;
      C(environment), paths of the secrets of the variables that its store wants; C(source), folder where the share is mounted
      here, to compare with it.'
    type: dict
    default: {}
  store:
    description: Name of the store, as the declaration has it.
    type: str
  sets:
    description: Names of the sets, each the tag of its snapshots.
    type: list
    elements: str
  tls:
    description: Authorities and addresses of the endpoints.
    type: dict
    suboptions:
      ca_file:
        description: Authorities of the town, where the machine does not trust them.
        type: path
      elsewhere:
        description: By certificate, another C(address) and C(port) than the declared endpoint.
        type: dict
      only_elsewhere:
        description: 'Read no endpoint at its declared place: a laboratory must not reach the real services.'
        type: bool
        default: false
      timeout:
        description: Seconds to wait for the end of a handshake.
        type: float
        default: 8.0
  smb:
    description: Account that reads the shares, and where they are.
    type: dict
    suboptions:
      username:
        description: 'Account, which reads and has no other right: C(DOMAINE\\nom), C(nom@domaine).'
        type: str
      password:
        description: Its password, secret.
        type: str
        default: ''
      authentication:
        description: How it signs in.
        type: str
        choices: [ntlm, kerberos]
        default: ntlm
      keytab:
        description: Keytab of the account, in place of C(password) with Kerberos.
        type: path
      kdc:
        description: Name or address of the domain's key distribution centre, where DNS does not give it.
        type: str
      domain:
        description: DNS domain that completes the declared names of servers.
        type: str
      encrypt:
        description: Refuse a server that does not encrypt (SMB 3).
        type: bool
        default: true
      elsewhere:
        description: By server, another C(address) and C(port) than the declared server.
        type: dict
      only_elsewhere:
        description: 'Read no server at its declared place: a laboratory must not reach the real servers.'
        type: bool
        default: false
      timeout:
        description: Seconds to wait for an answer.
        type: float
        default: 60.0
  environment:
    description: 'Environment that keeps the measures: what did not change since is not read again.'
    type: str
  index:
    description: Private folder of the scans that have not ended; a run goes on with them.
    type: path
  lists:
    description: Folder for a list of files by share, cold or duplicate, with their names; none where it is absent.
    type: path
  nut:
    description: Server of Network UPS Tools that knows the supplies.
    type: dict
    suboptions:
      address:
        description: Its name or address.
        type: str
        required: true
      port:
        description: Its TCP port.
        type: int
        default: 3493
      ca_file:
        description: 'Its authority: TLS is then due. A server with TLS needs it.'
        type: path
      names:
        description: Name of a supply for NUT, where it is not the declared name.
        type: dict
      timeout:
        description: Seconds to wait for an answer.
        type: float
        default: 10.0
notes:
  - C(meraki_access_lists) asks the Meraki Dashboard. It takes I(dashboard), I(network).
  - C(meraki_air) asks the Meraki Dashboard. It takes I(dashboard).
  - C(meraki_answers) asks the Meraki Dashboard. It takes I(dashboard).
  - C(meraki_authors) asks the Meraki Dashboard. It takes I(dashboard), I(objects); it may take I(days).
  - C(meraki_cables) asks the Meraki Dashboard. It takes I(dashboard).
  - C(meraki_checks) asks the Meraki Dashboard. It takes I(dashboard); it may take I(core), I(links), I(waves).
  - C(meraki_clients) asks the Meraki Dashboard. It takes I(dashboard); it may take I(mac), I(ip), I(network).
  - C(meraki_energy) asks the Meraki Dashboard. It takes I(dashboard); it may take I(start), I(end), I(hours).
  - C(meraki_living) asks the Meraki Dashboard. It takes I(dashboard).
  - C(meraki_places) asks the Meraki Dashboard. It takes I(dashboard).
  - C(meraki_port_traffic) asks the Meraki Dashboard. It takes I(dashboard), I(ports), I(start), I(end).
  - C(meraki_routers) asks the Meraki Dashboard. It takes I(dashboard), I(network), I(core).
  - C(meraki_usage) asks the Meraki Dashboard. It takes I(dashboard), I(places), I(timezone); it may take I(weeks), I(known).
  - C(smc_answers) asks the SMC. It takes I(smc).
  - C(smc_authors) asks the SMC. It takes I(smc), I(objects); it may take I(days).
  - C(smc_checks) asks the SMC. It takes I(smc); it may take I(carrier), I(logs), I(web).
  - C(smc_living) asks the SMC. It takes I(smc).
  - C(smc_routers) asks the SMC. It takes I(smc), I(engine).
  - C(prism_answers) asks Prism Central. It takes I(prism).
  - C(prism_authors) asks Prism Central. It takes I(prism), I(objects); it may take I(days).
  - C(prism_capacity) asks Prism Central. It takes I(prism), I(cluster), I(cvm_memory), I(hours), I(energy); it may take I(apart),
    I(waits).
  - C(prism_checks) asks Prism Central. It takes I(prism), I(cluster); it may take I(apart).
  - C(prism_clusters) asks Prism Central. It takes I(prism); it may take I(cluster), I(cvm_memory), I(power).
  - C(prism_living) asks Prism Central. It takes I(prism).
  - C(prism_recovery_points) asks Prism Central. It takes I(prism), I(declared).
  - C(nexus_accounts) asks the Nexus switches. It takes I(nexus), I(declared); it may take I(switches).
  - C(nexus_answers) asks the Nexus switches. It takes I(nexus), I(declared).
  - C(nexus_checks) asks the Nexus switches. It takes I(nexus), I(declared); it may take I(switches).
  - C(nexus_configurations) asks the Nexus switches. It takes I(nexus), I(declared); it may take I(switches).
  - C(nexus_living) asks the Nexus switches. It takes I(nexus), I(declared); it may take I(switches).
  - C(nexus_orphans) asks the Nexus switches. It takes I(nexus), I(declared); it may take I(switches).
  - C(nexus_tests) asks the Nexus switches. It takes I(nexus), I(declared); it may take I(switches).
  - C(ad_authorities) asks the directory. It takes I(domain), I(declared); it may take I(templates), I(brief).
  - C(ad_authors) asks the directory. It takes I(domain), I(objects); it may take I(days).
  - C(ad_checks) asks the directory. It takes I(domain).
  - C(ad_computers) asks the directory. It takes I(domain).
  - C(ad_points) asks the directory. It takes I(domain).
  - C(dns_checks) asks the directory. It takes I(domain); it may take I(winrm), I(servers), I(forwarders), I(update_account).
  - C(files_answers) asks the directory. It takes I(domain); it may take I(servers).
  - C(windows_answers) asks the directory. It takes I(domain); it may take I(servers).
  - C(dhcp_checks) asks Windows servers. It takes I(winrm), I(domain), I(servers); it may take I(failover), I(update_account).
  - C(dhcp_exports) asks Windows servers. It takes I(winrm), I(servers); it may take I(leases).
  - C(dhcp_uses) asks Windows servers. It takes I(winrm), I(servers); it may take I(subnets).
  - C(dns_server_orphans) asks Windows servers. It takes I(winrm); it may take I(servers), I(forwarders).
  - C(nps_checks) asks Windows servers. It takes I(winrm), I(domain), I(servers).
  - C(win_certificates) asks Windows servers. It takes I(winrm), I(declared); it may take I(names).
  - C(win_print_accounting) asks Windows servers. It takes I(winrm), I(server); it may take I(queues), I(after), I(after_at).
  - C(winrm_checks) asks Windows servers. It takes I(winrm), I(servers); it may take I(print_server).
  - C(dns_tests) asks the name servers. It takes I(servers), I(dns_domain), I(names); it may take I(elsewhere), I(records).
  - C(radius_tests) asks the RADIUS servers. It takes I(site), I(access), I(servers), I(dns_domain), I(probe), I(secret),
    I(secrets); it may take I(unready), I(record).
  - C(zabbix_answers) asks Zabbix. It takes I(zabbix).
  - C(zabbix_authors) asks Zabbix. It takes I(zabbix), I(objects); it may take I(days).
  - C(zabbix_checks) asks Zabbix. It takes I(zabbix); it may take I(supervision), I(kept).
  - C(zabbix_coverage) asks Zabbix. It takes I(zabbix).
  - C(zabbix_handover) asks Zabbix. It takes I(zabbix).
  - C(zabbix_links) asks Zabbix. It takes I(zabbix), I(start), I(end).
  - C(zabbix_living) asks Zabbix. It takes I(zabbix).
  - C(glpi_answers) asks GLPI. It takes I(glpi).
  - C(glpi_checks) asks GLPI. It takes I(glpi); it may take I(legacy).
  - C(glpi_renewals) asks GLPI. It takes I(glpi), I(declared).
  - C(glpi_tickets) asks GLPI. It takes I(glpi), I(first); it may take I(last), I(legacy).
  - C(veeam_answers) asks Veeam. It takes I(veeam).
  - C(veeam_checks) asks Veeam. It takes I(veeam), I(declared).
  - C(veeam_copies) asks Veeam. It takes I(veeam), I(declared); it may take I(days), I(sizes).
  - C(microsoft_checks) asks Microsoft 365. It takes I(microsoft).
  - C(microsoft_machines) asks Microsoft 365. It takes I(microsoft).
  - C(microsoft_tenant) asks Microsoft 365. It takes I(microsoft).
  - C(restic_copies) asks the repositories of restic. It takes I(store), I(sets); it may take I(restic), I(secrets).
  - C(certificate_scan) asks the endpoints of certificates. It takes I(declared); it may take I(tls), I(names).
  - C(computer_measures) asks the shares. It takes I(declared), I(smb), I(domain), I(environment).
  - C(storage_scan) asks the shares. It takes I(declared), I(smb), I(index); it may take I(names), I(lists).
  - C(ups_tests) asks the server of the power supplies. It takes I(nut), I(declared).
extends_documentation_fragment: [attributes.reads, options.meraki, options.smc, options.prism, options.foreign, options.zabbix,
  options.glpi, options.domain, options.winrm]
"""

EXAMPLES = r"""
- name: Lire les listes d’accès de l’école
  piste_read:
    subject: meraki_access_lists
    dashboard: "{{ piste_meraki }}"
    network: VLB ecole-jaures

- name: Relever les ondes de la ville
  piste_read:
    subject: meraki_air
    dashboard: "{{ piste_meraki }}"

- name: Demander au Dashboard ce qui confirme les croyances
  piste_read:
    subject: meraki_answers
    dashboard: "{{ piste_meraki }}"

- name: Relever qui a changé un port
  piste_read:
    subject: meraki_authors
    dashboard: "{{ piste_meraki }}"
    objects:
      - {kind: switch_port, key: QZZZ-0005-0002/8, action: update, fields: [vlan], before: {vlan: 1}, within: VLB ecole-jaures}

- name: Relever le câblage que les commutateurs entendent
  piste_read:
    subject: meraki_cables
    dashboard: "{{ piste_meraki }}"

- name: Contrôler l’accès au Dashboard
  piste_read:
    subject: meraki_checks
    dashboard: "{{ piste_meraki }}"

- name: Demander où est une imprimante
  piste_read:
    subject: meraki_clients
    dashboard: "{{ piste_meraki }}"
    mac: 02:93:05:00:00:81

- name: Relever l’énergie des commutateurs du mois
  piste_read:
    subject: meraki_energy
    dashboard: "{{ piste_meraki }}"
    start: "2026-11-01T00:00:00Z"
    end: "2026-12-01T00:00:00Z"

- name: Relever ce qui vit du réseau
  piste_read:
    subject: meraki_living
    dashboard: "{{ piste_meraki }}"

- name: Relever les réseaux et les équipements de l’organisation
  piste_read:
    subject: meraki_places
    dashboard: "{{ piste_meraki }}"

- name: Lire le débit d’un port
  piste_read:
    subject: meraki_port_traffic
    dashboard: "{{ piste_meraki }}"
    ports: [QZZZ-0000-0001/5]
    start: 1759276800
    end: 1761955200

- name: Lire ce qui route
  piste_read:
    subject: meraki_routers
    dashboard: "{{ piste_meraki }}"
    network: VLB ecole-jaures
    core: {network: VLB hotel-de-ville, carrier: coeur-hdv}

- name: Relever l’usage du réseau de la dernière semaine
  piste_read:
    subject: meraki_usage
    dashboard: "{{ piste_meraki }}"
    timezone: Europe/Paris
    places:
      - site: ecole-jaures
        access_points: [QZZZ-0005-0041]
        radio: [QZZZ-0005-0001/1]
        access: [QZZZ-0005-0001/5]

- name: Demander au SMC ce qui confirme les croyances
  piste_read:
    subject: smc_answers
    smc: "{{ piste_smc }}"

- name: Relever qui a modifié un élément du pare-feu en dernier
  piste_read:
    subject: smc_authors
    smc: "{{ piste_smc }}"
    objects:
      - {kind: element, key: host/hdv-dc1, action: update, fields: [address], before: {address: 192.0.2.77}}

- name: Contrôler l’accès au SMC
  piste_read:
    subject: smc_checks
    smc: "{{ piste_smc }}"

- name: Relever ce qui vit du pare-feu
  piste_read:
    subject: smc_living
    smc: "{{ piste_smc }}"

- name: Lire ce que route le pare-feu
  piste_read:
    subject: smc_routers
    smc: "{{ piste_smc }}"
    engine: {name: fw-hdv, kind: cluster}

- name: Demander à Prism Central ce qui confirme les croyances
  piste_read:
    subject: prism_answers
    prism: "{{ piste_prism }}"

- name: Relever qui a changé une machine
  piste_read:
    subject: prism_authors
    prism: "{{ piste_prism }}"
    objects:
      - {kind: vm, key: hdv-fic1, action: update, fields: [memory]}

- name: Relever la capacité et l’énergie de la grappe
  piste_read:
    subject: prism_capacity
    prism: "{{ piste_prism }}"
    cluster: ntnx-hdv
    apart: {tool: Citrix, names: ["CTX-*"]}
    cvm_memory: 32 GiB
    hours: "{{ (ansible_facts['piste_site'] | prism_intent).hours }}"
    energy: "{{ energy }}"

- name: Contrôler l’accès à Prism Central
  piste_read:
    subject: prism_checks
    prism: "{{ piste_prism }}"
    cluster: ntnx-hdv

- name: Relever la grappe, et ce qu’elle consomme
  piste_read:
    subject: prism_clusters
    prism: "{{ piste_prism }}"
    cluster: ntnx-hdv
    cvm_memory: 32 GiB
    power: true

- name: Relever ce qui vit de l’hébergement
  piste_read:
    subject: prism_living
    prism: "{{ piste_prism }}"

- name: Relever les points de restauration
  piste_read:
    subject: prism_recovery_points
    prism: "{{ piste_prism }}"
    declared: "{{ ansible_facts['piste_site'].protection }}"

- name: Lister les comptes des Nexus
  piste_read:
    subject: nexus_accounts
    nexus: "{{ piste_nexus }}"
    declared: "{{ ansible_facts['piste_site'].nexus }}"

- name: Demander aux Nexus ce qui confirme les croyances
  piste_read:
    subject: nexus_answers
    nexus: "{{ piste_nexus }}"
    declared: "{{ ansible_facts['piste_site'].nexus }}"

- name: Contrôler l’accès aux Nexus
  piste_read:
    subject: nexus_checks
    nexus: "{{ piste_nexus }}"
    declared: "{{ ansible_facts['piste_site'].nexus }}"

- name: Lire les configurations
  piste_read:
    subject: nexus_configurations
    nexus: "{{ piste_nexus }}"
    declared: "{{ ansible_facts['piste_site'].nexus }}"

- name: Relever ce qui vit des Nexus
  piste_read:
    subject: nexus_living
    nexus: "{{ piste_nexus }}"
    declared: "{{ ansible_facts['piste_site'].nexus }}"

- name: Relever en quoi les Nexus s’écartent de la déclaration
  piste_read:
    subject: nexus_orphans
    nexus: "{{ piste_nexus }}"
    declared: "{{ ansible_facts['piste_site'].nexus }}"

- name: Essayer les Nexus
  piste_read:
    subject: nexus_tests
    nexus: "{{ piste_nexus }}"
    declared: "{{ ansible_facts['piste_site'].nexus }}"

- name: Juger l’autorité de l’annuaire
  piste_read:
    subject: ad_authorities
    domain: "{{ piste_ad }}"
    declared: "{{ ansible_facts['piste_site'].certificates }}"
    templates: [Serveurs RADIUS]

- name: Relever quand un groupe a changé
  piste_read:
    subject: ad_authors
    domain: "{{ piste_ad }}"
    objects:
      - {kind: group, key: GP-Ecole-Jaures, action: update, fields: [description], before: {description: Ancien}}

- name: Contrôler l’accès au domaine
  piste_read:
    subject: ad_checks
    domain: "{{ piste_ad }}"

- name: Relever les comptes d’ordinateurs
  piste_read:
    subject: ad_computers
    domain: "{{ piste_ad }}"

- name: Juger les points de l’annuaire
  piste_read:
    subject: ad_points
    domain: "{{ piste_ad }}"

- name: Contrôler le DNS du domaine
  piste_read:
    subject: dns_checks
    domain: "{{ piste_ad }}"

- name: Demander à l’annuaire la version des serveurs de fichiers
  piste_read:
    subject: files_answers
    domain: "{{ piste_ad }}"
    servers: [hdv-fic1]

- name: Demander à l’annuaire ce qui confirme les croyances sur Windows
  piste_read:
    subject: windows_answers
    domain: "{{ piste_ad }}"
    servers: [hdv-nps1, hdv-imp1]

- name: Contrôler les serveurs DHCP
  piste_read:
    subject: dhcp_checks
    winrm: "{{ piste_winrm }}"
    domain: "{{ piste_ad }}"
    servers: [hdv-dc1, hdv-dc2]
    failover: {mode: load_balance, share: 50}

- name: Lire l’export de chaque serveur
  piste_read:
    subject: dhcp_exports
    winrm: "{{ piste_winrm }}"
    servers: [hdv-dc1, hdv-dc2]

- name: Lire l’occupation des étendues de l’école
  piste_read:
    subject: dhcp_uses
    winrm: "{{ piste_winrm }}"
    servers: [hdv-dc1, hdv-dc2]
    subnets: [10.93.41.0/24]

- name: Relever en quoi les serveurs DNS s’écartent de la déclaration
  piste_read:
    subject: dns_server_orphans
    winrm: "{{ piste_winrm }}"
    servers: [hdv-dc1, hdv-dc2]
    forwarders: [198.51.100.253]

- name: Contrôler les serveurs NPS
  piste_read:
    subject: nps_checks
    winrm: "{{ piste_winrm }}"
    domain: "{{ piste_ad }}"
    servers: [hdv-nps1, hdv-nps2]

- name: Lire les certificats des magasins de Windows
  piste_read:
    subject: win_certificates
    winrm: "{{ piste_winrm }}"
    declared: "{{ ansible_facts['piste_site'].certificates }}"

- name: Compter ce que les files ont imprimé
  piste_read:
    subject: win_print_accounting
    winrm: "{{ piste_winrm }}"
    server: hdv-imp1
    queues: [imp-jau-01, imp-jau-02]

- name: Contrôler l’accès aux serveurs Windows
  piste_read:
    subject: winrm_checks
    winrm: "{{ piste_winrm }}"
    servers: [hdv-nps1, hdv-nps2]
    print_server: hdv-imp1

- name: Résoudre les serveurs dont l’école a besoin
  piste_read:
    subject: dns_tests
    servers: [hdv-dc1, hdv-dc2]
    dns_domain: ad.lebourget.example
    names: "{{ ansible_facts['piste_site'].relies_on }}"

- name: Essayer le 802.1X du CCAS
  piste_read:
    subject: radius_tests
    site: ccas
    access: "{{ ansible_facts['piste_site'].access }}"
    servers: "{{ ansible_facts['piste_site'].radius.servers }}"
    dns_domain: ad.lebourget.example
    probe:
      source: 10.93.2.31
      ca_file: /etc/piste/autorite-radius.pem
      accounts:
        agent-essai: {identity: agent.test, policy: agents-mot-de-passe, password: {secret: eap/agent/password}}
    secret: radius/sonde
    secrets: "{{ piste_secrets }}"
    record: inventories/production/eap_tests

- name: Demander à Zabbix ce qui confirme les croyances
  piste_read:
    subject: zabbix_answers
    zabbix: "{{ piste_zabbix }}"

- name: Relever qui a changé un hôte
  piste_read:
    subject: zabbix_authors
    zabbix: "{{ piste_zabbix }}"
    objects:
      - {kind: host, key: sw-jau-01, action: update, fields: [enabled], before: {enabled: false}}

- name: Contrôler l’accès à Zabbix
  piste_read:
    subject: zabbix_checks
    zabbix: "{{ piste_zabbix }}"
    supervision: "{{ supervision }}"

- name: Mesurer la couverture de la supervision
  piste_read:
    subject: zabbix_coverage
    zabbix: "{{ piste_zabbix }}"

- name: Préparer la remise
  piste_read:
    subject: zabbix_handover
    zabbix: "{{ piste_zabbix }}"

- name: Lire les mesures des liaisons
  piste_read:
    subject: zabbix_links
    zabbix: "{{ piste_zabbix }}"
    start: 1759269600
    end: 1761951600

- name: Lire ce qui vit
  piste_read:
    subject: zabbix_living
    zabbix: "{{ piste_zabbix }}"

- name: Demander à GLPI ce qui confirme les croyances
  piste_read:
    subject: glpi_answers
    glpi: "{{ piste_glpi }}"

- name: Contrôler l’accès à GLPI
  piste_read:
    subject: glpi_checks
    glpi: "{{ piste_glpi }}"

- name: Lire les tickets de renouvellement
  piste_read:
    subject: glpi_renewals
    glpi: "{{ piste_glpi }}"
    declared: "{{ ansible_facts['piste_site'].certificates }}"

- name: Compter les tickets d’octobre
  piste_read:
    subject: glpi_tickets
    glpi: "{{ piste_glpi }}"
    first: 2026-10

- name: Demander à Veeam ce qui confirme les croyances
  piste_read:
    subject: veeam_answers
    veeam: "{{ piste_veeam }}"

- name: Contrôler l’accès à Veeam
  piste_read:
    subject: veeam_checks
    veeam: "{{ piste_veeam }}"
    declared: "{{ ansible_facts['piste_site'].protection }}"

- name: Lire les copies de Veeam
  piste_read:
    subject: veeam_copies
    veeam: "{{ piste_veeam }}"
    declared: "{{ ansible_facts['piste_site'].protection }}"

- name: Contrôler les droits de l’application qui lit Microsoft 365
  piste_read:
    subject: microsoft_checks
    microsoft: "{{ piste_microsoft | default({'base_url': ''}) }}"

- name: Lire les machines que Defender connaît
  piste_read:
    subject: microsoft_machines
    microsoft: "{{ piste_microsoft | default({'base_url': ''}) }}"

- name: Lire le locataire Microsoft 365
  piste_read:
    subject: microsoft_tenant
    microsoft: "{{ piste_microsoft | default({'base_url': ''}) }}"

- name: Lire les copies du dépôt restic
  piste_read:
    subject: restic_copies
    store: depot-restic
    sets: [partages]
  register: restic_read

- name: Lire les certificats servis en TLS
  piste_read:
    subject: certificate_scan
    declared: "{{ ansible_facts['piste_site'].certificates }}"
    tls: {ca_file: /etc/ssl/ville.pem}

- name: Relever les mesures des postes
  piste_read:
    subject: computer_measures
    declared: "{{ ansible_facts['piste_site'].computer_measures }}"
    smb: "{{ piste_smb }}"
    domain: "{{ piste_ad }}"
    environment: "{{ piste_environment }}"

- name: Relever les partages visés
  piste_read:
    subject: storage_scan
    declared: "{{ ansible_facts['piste_site'].storage }}"
    smb: "{{ piste_smb }}"
    index: "{{ piste_storage_index }}"

- name: Essayer les onduleurs
  piste_read:
    subject: ups_tests
    nut: {address: hdv-sup1.ad.lebourget.example}
    declared: "{{ ansible_facts['piste_site'].premises.ups }}"
"""

RETURN = r"""
access_lists:
  description: 'C(meraki_access_lists): The rules, in the form of C(meraki_network_settings).'
  returned: with these subjects
  type: list
  elements: dict
agents:
  description: 'C(microsoft_machines): The agents, a machine each; C(state) is healthy, degraded, off or unknown.'
  returned: with these subjects
  type: list
  elements: dict
air:
  description: 'C(meraki_air): The air, by part; C(unread) gives the reason for each part that was not read.'
  returned: with these subjects
  type: dict
  sample:
    {read_at: '2026-12-01T16:57:00+00:00', radios: {QZZZ-0005-0041: {'5': {channel: 44, width: 40, power: 17}}}, uses: {
        QZZZ-0005-0041: {'5': {total: 15.0, other: 5.0}}}, signals: {QZZZ-0005-0041: {snr: 35, rssi: -60, why: ''}}, profiles: {
        QZZZ-0005-0041: {name: Basic Indoor Profile, min_bitrate: {'2.4': 11.0, '5': 12.0}}}, ssids: {VLB ecole-jaures: {
          VLB-Agents: psk}}, ports: {QZZZ-0005-0001: {access: 20, dot1x: 0}}, unread: {}}
authors:
  description: 'C(meraki_authors), C(smc_authors), C(ad_authors), C(prism_authors), C(zabbix_authors): The authors of each object, in the order of the objects, the last first.'
  returned: with these subjects
  type: list
  sample: [[{who: A. Martin <a.martin@example.fr>, when: '2026-12-01T09:12:00+00:00', how: via API}]]
verdicts:
  description: 'C(meraki_answers), C(smc_answers), C(prism_answers), C(zabbix_answers), C(glpi_answers), C(veeam_answers), C(nexus_answers), C(windows_answers), C(files_answers): What the answers show of each belief, with the evidence.'
  returned: with these subjects
  type: dict
  sample:
    meraki.default_rule: {state: confirmed, evidence: Default rule}
unanswered:
  description: 'C(meraki_answers), C(smc_answers), C(prism_answers), C(zabbix_answers), C(glpi_answers), C(veeam_answers), C(nexus_answers), C(windows_answers), C(files_answers): The reason of each question without an answer.'
  returned: with these subjects
  type: dict
version:
  description: 'C(meraki_answers), C(smc_answers), C(prism_answers), C(zabbix_answers), C(glpi_answers), C(veeam_answers), C(nexus_answers), C(windows_answers), C(files_answers): Version of the system, or of its API.'
  returned: with these subjects
  type: str
calls:
  description: What the task asked of the system, C(reads) and C(writes).
  returned: where a system was asked
  type: dict
cables:
  description: 'C(meraki_cables): One entry an end that hears the other, with the port at each end.'
  returned: with these subjects
  type: list
  elements: dict
  sample:
    [{serial: QZZZ-0005-0002, port: '9', to: QZZZ-0005-0001, to_port: '26'}]
located:
  description: 'C(meraki_clients): One entry a place, the newest first; empty where no network saw the client.'
  returned: with these subjects
  type: list
  elements: dict
  sample:
    [{network: VLB ecole-jaures, serial: QZZZ-0005-0002, port: '7', ssid: null, vlan: '151', online: true,
      seen_at: '2026-12-01T08:00:00+00:00', mac: '02:93:05:00:00:81', ip: 10.93.41.10}]
findings:
  description:
    - 'C(meraki_checks), C(smc_checks), C(prism_checks), C(ad_authorities), C(ad_checks), C(dns_checks), C(dhcp_checks), C(nps_checks),
      C(zabbix_checks), C(glpi_checks): One entry a check, in order.'
    - 'C(nexus_checks): One entry a check, in order, switch by switch.'
    - 'C(win_print_accounting): A log that is off, too small, or that stops when it is full.'
    - 'C(winrm_checks): One entry a check and server, in order.'
    - 'C(dns_tests): Two entries a server, in order.'
    - 'C(radius_tests): One entry a test and a server, in order.'
    - 'C(veeam_checks), C(microsoft_checks): What was checked; C(state) is ok, wrong or unknown.'
  returned: with these subjects
  type: list
  elements: dict
  sample:
    [{id: meraki.rights, state: ok, what: la clé peut lire et écrire dans l’organisation (droit full), todo: ''}]
switches:
  description: 'C(meraki_energy): Measured switches, the largest draw first. C(poe_kwh) is null where the Dashboard does not
    give it.'
  returned: with these subjects
  type: list
  elements: dict
  sample:
    [{name: sw-jau-01, serial: QZZZ-0005-0001, mac: '02:93:00:00:05:01', network: VLB ecole-jaures, model: MS220-24, kwh: 12.96,
        poe_kwh: 0.0}]
period:
  description: 'C(meraki_energy): The period, in UTC, and its length.'
  returned: with these subjects
  type: dict
  sample:
    {start: '2026-11-01T00:00:00Z', end: '2026-12-01T00:00:00Z', hours: 720.0}
coverage:
  description:
    - 'C(meraki_energy): Number of switches measured, of switches in the organization, and the most that the Dashboard gives.'
    - 'C(zabbix_coverage): Assets in service that are to be watched, each with its state and the reason.'
  returned: with these subjects
  type: raw
report:
  description:
    - 'C(meraki_energy): The figures, a line a fact, as people read them.'
    - 'C(prism_capacity): The report, a line a fact, as people read it.'
  returned: with these subjects
  type: list
  elements: str
accounts:
  description: 'C(nexus_accounts): Accounts by switch, with their roles; C(unread) is the reason of a switch that was not read.'
  returned: with these subjects
  type: dict
  sample: {nx-hdv-1: [{name: admin, other_names: [], whole: true, person: true, reads: false, active: true, mfa: null, used_at: null,
        key_from: null, ends: null, roles: [network-admin]}]}
living:
  description:
    - 'C(meraki_living), C(smc_living), C(prism_living): What lives, by part; C(unread) gives the reason for each part that
      the system refused.'
    - 'C(nexus_living): Version and ports by switch; C(unread) gives the reason for each switch, and under C(NAME/ports) for
      its ports.'
    - 'C(nexus_tests): What lives on each switch, as C(nexus_living) gives it.'
    - 'C(zabbix_living): Moment of the reading, hosts by name, open problems by host, and what was not read.'
  returned: with these subjects
  type: dict
  sample:
    {read_at: '2026-11-24T16:57:00+00:00', devices: {QZZZ-0005-0001: {name: sw-jau-01, model: MS220-24, status: online,
          reported_at: '2026-11-24T16:56:12+00:00', firmware: switch-17-1, supplies: []}}, ports: {QZZZ-0005-0001: {'25': {
            status: Connected, uplink: false, speed_mbps: 1000, duplex: full, errors: [], warnings: [], fed: false}}},
      radios: {QZZZ-0005-0041: [VLB-Agents, VLB-Pedagogique]}, clients: {QZZZ-0005-0041: 12}, unread: {}}
orphans:
  description: 'C(nexus_orphans), C(dns_server_orphans): One entry a departure; C(said) is there where it is no orphan.'
  returned: with these subjects
  type: list
  elements: dict
  sample:
    [{kind: nexus, key: ne-hdv-1, why: VLAN 666 que personne ne déclare}]
places:
  description: 'C(meraki_places): One entry a network, with the serial numbers of its devices and the model of each.'
  returned: with these subjects
  type: list
  elements: dict
  sample:
    [{kind: network, key: ECOLE JAURES ne pas toucher, devices: [QZZZ-0005-0001, QZZZ-0005-0041], models: {QZZZ-0005-0001: MS220-24,
          QZZZ-0005-0041: MR46}}]
traffic:
  description: 'C(meraki_port_traffic): Kilobytes and seconds by day, by port; a port that was not measured is absent.'
  returned: with these subjects
  type: dict
parts:
  description: 'C(microsoft_tenant): The rows of each part that was read.'
  returned: with these subjects
  type: dict
  sample: {consent: [{enabled: true, notifies: true, reminds: true, days: 30}]}
read_at:
  description:
    - 'C(meraki_port_traffic), C(meraki_usage): When the Dashboard was read.'
    - 'C(dhcp_uses): When the servers were read.'
    - 'C(meraki_answers), C(smc_answers), C(prism_answers), C(zabbix_answers), C(glpi_answers), C(veeam_answers), C(nexus_answers), C(windows_answers), C(files_answers): When the system was asked, by its own clock.'
    - 'C(zabbix_links): When Zabbix was read.'
    - 'C(microsoft_machines), C(microsoft_tenant): When Microsoft was asked, by its own clock.'
  returned: with these subjects
  type: str
routers:
  description:
    - 'C(meraki_routers), C(smc_routers): The routers, as plain data for a trace; C(unread) says why a router is unknown.'
    - 'C(nexus_tests): The switches that route something, as plain data for a trace.'
  returned: with these subjects
  type: list
  elements: dict
weeks:
  description: 'C(meraki_usage): Weeks that were read, with clients, traffic and energy by hour, and what was not read.'
  returned: with these subjects
  type: list
  elements: dict
timezone:
  description: 'C(meraki_usage): Time zone of the hours.'
  returned: with these subjects
  type: str
capacity:
  description: 'C(prism_capacity): The report of the cluster.'
  returned: with these subjects
  type: dict
  sample:
    {cluster: ntnx-hdv, date: '2026-11-24T12:00', totals: {count: 22, machines_per_node: 7.33, memory_left_gib: 90, holds_the_loss_of_a_node: true,
        watts: 774}, saving: {claimed: marginal, kwh_per_year: 69.4, kwh_per_year_shared: 331.5}}
csv:
  description:
    - 'C(prism_capacity): The tables of nodes and of machines as CSV.'
    - 'C(glpi_tickets): The same as a table.'
  returned: with these subjects
  type: raw
gathered:
  description:
    - 'C(prism_clusters): A dictionary a cluster.'
    - 'C(ad_computers): One entry a computer account, by name.'
  returned: with these subjects
  type: list
  elements: dict
  sample:
    [{name: ntnx-hdv, version: '7.5', redundancy_factor: 2, nodes: [{name: ntnx-hdv-a, model: NX-1065-G8, serial: EX-ntnx-001,
            cores: 16, threads: 32, memory_gib: 128, memory_for_machines_gib: 96, state: NORMAL, machines: {count: 8,
              running: 8, vcpus: 15, memory_gib: 34}, cpu_used: 0.19, memory_used_gib: 58, watts: 258}], machines: {count: 22,
          running: 22, vcpus: 44, memory_gib: 102}, after_the_loss_of_a_node: {memory_gib: 192, free_gib: 90}}]
readings:
  description:
    - 'C(prism_recovery_points): A reading a store; C(unknown) gives the reason why a store could not be read.'
    - 'C(veeam_copies): One entry a store that Veeam feeds; C(unknown) is the reason where it could not be read.'
    - 'C(storage_scan): One entry a share, in the order of the declaration. C(state) is complete, partial, unfinished or silent.'
  returned: with these subjects
  type: list
  elements: dict
  sample:
    [{store: prism, read_at: '2026-11-28T02:30:00Z', unknown: null, copies: [{set: hdv-sql1, store: prism, taken_at: '2026-11-28T02:00:00Z',
            size_bytes: 6442450944, id: 0b93a6e0-5b1e-4f0e-9f8e-93000000a5c0/0b93a6e0-5b1e-4f0e-9f8e-93000000a5c1, immutable_until: null,
            state: complete}]}]
configurations:
  description: 'C(nexus_configurations): The text of each configuration, by the name of its switch.'
  returned: with these subjects
  type: dict
trials:
  description:
    - 'C(nexus_tests): One entry a trial, in order, switch by switch.'
    - 'C(ad_authorities), C(win_certificates): One entry a certificate, as C(certificate_scan) gives them.'
    - 'C(dns_tests), C(radius_tests): The tests, each with its C(title), C(expected) and C(observed).'
    - 'C(certificate_scan): One entry a certificate, in the order of the declaration.'
    - 'C(ups_tests): One entry a supply, in the order of the declaration.'
  returned: with these subjects
  type: list
  elements: dict
  sample:
    [{id: nexus.nx-hdv-1.vlans, state: ok, what: 'nx-hdv-1, VLAN en service : 2 VLAN en service', todo: '', title: 'nx-hdv-1,
          VLAN en service', expected: 2 VLAN en service, observed: 2 VLAN en service}]
unready:
  description: 'C(ad_authorities): What forbids to impose 802.1X; empty where nothing does.'
  returned: with these subjects
  type: str
certificates:
  description:
    - 'C(ad_authorities): Certificates of the declared authorities, as C(certificate_scan) gives them.'
    - 'C(win_certificates), C(certificate_scan): What was read, by certificate, and C(unread), the reason for each that was
      not.'
    - 'C(glpi_renewals): C(tickets), with C(open) (number of the open ticket by certificate), C(closed) (certificates whose
      declared ticket is over) and C(unread), which is empty.'
  returned: with these subjects
  type: dict
  sample:
    {read_at: '2026-11-24T16:57:00+00:00', unread: {}, facts: {assistance: {common_name: assistance.ad.lebourget.example,
          not_after: '2027-02-23T10:00:00+00:00', trusted: true}}}
exports:
  description: 'C(dhcp_exports): The text of each export, by the name of its server.'
  returned: with these subjects
  type: dict
lenders:
  description: 'C(dhcp_uses): By server, its C(scopes), each with C(active), C(free) and C(in_use); C(unread) says why it
    is unknown.'
  returned: with these subjects
  type: list
  elements: dict
accounting:
  description: 'C(win_print_accounting): The state of the log, C(last) record counted, and C(days), one entry a queue and
    day.'
  returned: with these subjects
  type: dict
  sample:
    {server: hdv-imp1, enabled: true, after: 0, last: 1204, complete: true, days: [{day: '2026-11-02', queue: imp-jau-01,
          jobs: 12, pages: 40, copied: 12, mono: 9, color: 3}]}
record:
  description: 'C(radius_tests): File of the record, empty where none was written.'
  returned: with these subjects
  type: str
figures:
  description: 'C(zabbix_coverage): By class, then for all (C(*)), how many are watched, counted, and unknown.'
  returned: with these subjects
  type: dict
files:
  description:
    - 'C(zabbix_handover): Contents of the files, by name.'
    - 'C(computer_measures): Names in the share.'
  returned: with these subjects
  type: raw
links:
  description: 'C(zabbix_links): Counts and sums of the measures, by the name of the link.'
  returned: with these subjects
  type: dict
months:
  description: 'C(glpi_tickets): One entry a month.'
  returned: with these subjects
  type: list
  elements: dict
unread:
  description:
    - 'C(glpi_tickets): What could not be read.'
    - 'C(microsoft_tenant): The reason of each part that was not read.'
  returned: with these subjects
  type: raw
warnings:
  description:
    - 'C(veeam_copies): Jobs that failed, or that say success without a restore point; repositories and objects that nobody
      declares.'
    - 'C(computer_measures): What was not read, and the first refused files.'
    - 'C(storage_scan): Shares whose scan did not begin, and the reason.'
  returned: with these subjects
  type: list
  elements: str
reading:
  description: 'C(restic_copies): The reading of the store, as C(piste backups) keeps it.'
  returned: with these subjects
  type: dict
  sample:
    {store: depot-restic, read_at: '2026-11-28T08:00:00Z', copies: [], unknown: null}
state:
  description: 'C(computer_measures): C(complete), C(partial) where a part of the listing was not read, or C(silent) where
    the share did not answer.'
  returned: with these subjects
  type: str
read:
  description: 'C(computer_measures): Files that were new or had changed, and were read.'
  returned: with these subjects
  type: int
directory:
  description: 'C(ad_points): The points by id; C(unread) gives the reason for each point that was not read.'
  returned: with these subjects
  type: dict
  sample:
    {read_at: '2026-12-01T16:57:00+00:00', points: {vuln_krbtgt-l2: {wrong: true, faults: 1, of: 1, names: [krbtgt]}},
      unread: {}}
measured:
  description: 'C(computer_measures): Computers that have a kept report.'
  returned: with these subjects
  type: int
refused:
  description: 'C(computer_measures): Refused files, at most 200, each with its reason and the moment of its first refusal.'
  returned: with these subjects
  type: list
  elements: dict
owners:
  description: 'C(computer_measures): Why owners were not checked; empty where they were.'
  returned: with these subjects
  type: str
rights:
  description: 'C(computer_measures): Faults of the access list of the share, in French; null where it was not read.'
  returned: with these subjects
  type: list
  elements: str
supplies:
  description: 'C(ups_tests): Variables of NUT, by supply, of those that answered.'
  returned: with these subjects
  type: dict
  sample:
    {ups-hdv-1: {ups.status: OL, battery.charge: '100'}}
"""

if __name__ == "__main__":
    from piste.runs.dispatch import main

    main("piste_read")
