"""Make a new domain in the tree of a controller. Run by the system's Python, which has Samba's modules.

Reads from standard input a JSON object: `arguments` of `samba-tool domain provision`, `accounts` (name → password),
`computers`, `radius_servers`, `piste` (the account that Piste signs in with), `base_dn`, `domain`, and `addresses` of
the servers that have registered their name there. Passwords never stand in a command line.
"""

import json
import subprocess
import sys

from samba import provision
from samba.auth import system_session
from samba.dcerpc import dnsp
from samba.ndr import ndr_pack
from samba.netcmd.main import samba_tool
from samba.param import LoadParm
from samba.samdb import SamDB

CONFIGURATION = "/run/dc/etc/smb.conf"
DATABASE = "/run/dc/private/sam.ldb"
# The template of the certificates of RADIUS servers, as AD CS keeps it; those of the lab's servers bear its identifier.
TEMPLATE = {
    "cn": "VLB-RADIUS",
    "displayName": "Serveurs RADIUS",
    "msPKI-Cert-Template-OID": "1.3.6.1.4.1.311.21.8.93350.2026.1",
}
UNIT = "bf967aa5-0de6-11d0-a285-00aa003049e2"
GROUP = "bf967a9c-0de6-11d0-a285-00aa003049e2"
USER = "bf967aba-0de6-11d0-a285-00aa003049e2"
ACCOUNT_CONTROL = "bf967a68-0de6-11d0-a285-00aa003049e2"
GP_LINK = "f30e3bbe-9ff0-11d1-b603-0000f80367c1"
GP_OPTIONS = "f30e3bbf-9ff0-11d1-b603-0000f80367c1"


# Samba numbers a domain's accounts from 3 000 000 on; an ordinary user's namespace holds 65 536 numbers.
NUMBERS = """dn: CN=CONFIG
changetype: modify
replace: lowerBound
lowerBound: 10000
-
replace: upperBound
upperBound: 60000
"""


def call(*arguments):
    if samba_tool(*arguments):
        sys.exit(f"samba-tool {' '.join(arguments[:2])} a échoué")


def low_numbers(setup):
    """Return what makes the database of numbers, so that these fit into any namespace."""

    def made(*arguments, **options):
        database = setup(*arguments, **options)
        database.modify_ldif(NUMBERS)
        return database

    return made


def grant(dn, *entries):
    where = (f"--URL={DATABASE}", f"--configfile={CONFIGURATION}")
    for entry in entries:
        call("dsacl", "set", f"--objectdn={dn}", f"--sddl={entry}", *where)


def delegate(database, name, base):
    """Give an account what Piste needs and no more: OUs, groups and links, what a GPO creator may do, and to disable
    accounts.

    Samba's own defaults differ from those of Windows: there, Group Policy Creator Owners (PA) may create in CN=Policies
    and CN=SOM.
    """
    database.add_remove_group_members("Group Policy Creator Owners", [name])
    sid = database.schema_format_value(
        "objectSid",
        database.search(base, expression=f"(sAMAccountName={name})", attrs=["objectSid"])[0]["objectSid"][0],
    ).decode()
    grant(f"CN=Policies,CN=System,{base}", "(A;CI;CC;;;PA)")
    grant(f"CN=SOM,CN=WMIPolicy,CN=System,{base}", "(A;CI;CCLCRPWPSDRC;;;PA)")
    grant(
        base,
        f"(OA;CI;CCDC;{UNIT};;{sid})",
        f"(OA;CIIO;RPWPSDDTWD;;{UNIT};{sid})",
        f"(OA;CIIO;CCDC;{GROUP};{UNIT};{sid})",
        # What it created, and not CN=Users: whoever writes to any group makes himself an administrator.
        f"(OA;CIIO;RPWPSDWD;;{GROUP};CO)",
        f"(OA;;RPWP;{GP_LINK};;{sid})",
        f"(OA;;RPWP;{GP_OPTIONS};;{sid})",
        f"(OA;CIIO;RPWP;{ACCOUNT_CONTROL};{USER};{sid})",
    )


def address(text):
    """Return the record of an address, as a server that registers itself leaves it."""
    record = dnsp.DnssrvRpcRecord()
    record.wType, record.rank, record.dwTtlSeconds, record.data = dnsp.DNS_TYPE_A, dnsp.DNS_RANK_ZONE, 900, text
    return ndr_pack(record)


def main():
    given = json.load(sys.stdin)
    provision.setup_idmapdb = low_numbers(provision.setup_idmapdb)
    call("domain", "provision", *given["arguments"])
    parameters = LoadParm()
    parameters.load(CONFIGURATION)
    database = SamDB(url=DATABASE, session_info=system_session(parameters), lp=parameters)
    for name, password in given["accounts"].items():
        database.newuser(name, password)
    for name in (*given["computers"], *given["radius_servers"]):
        database.newcomputer(name)
    database.add_remove_group_members("RAS and IAS Servers", [f"{name}$" for name in given["radius_servers"]])
    for name in ("Administrator", *given["accounts"]):
        database.setexpiry(f"(sAMAccountName={name})", 0, no_expiry_req=True)
    zone = f"DC={given['domain']},CN=MicrosoftDNS,DC=DomainDnsZones,{given['base_dn']}"
    for name, held in given["addresses"].items():
        database.add({"dn": f"DC={name},{zone}", "objectClass": ["top", "dnsNode"], "dnsRecord": address(held)})
    delegate(database, given["piste"], given["base_dn"])
    place = f"CN=Certificate Templates,CN=Public Key Services,CN=Services,CN=Configuration,{given['base_dn']}"
    database.add({"dn": f"CN={TEMPLATE['cn']},{place}", "objectClass": "pKICertificateTemplate", **TEMPLATE})
    # Normally the work of the update tasks, which the lab does not run; GSSAPI needs these names.
    subprocess.run(["samba_spnupdate", "-s", CONFIGURATION], check=True)


main()
