"""Make a new domain in the tree of a controller.

The system's Python runs it, since it has Samba's modules. It reads a JSON object from standard input: `arguments` of
`samba-tool domain provision`, `accounts` (name → password), `computers`, `radius_servers`, `dhcp_servers`, `piste` (the
account of Piste), `restored` and `restorer` (the accounts of restore tests), `registrar` (the account by which the DHCP
servers register names), `base_dn`, `domain`, `addresses` of the servers with a name in the zone, and `authority`:
`name`, `host`, `certificate` and `revocations` (DER, in base64) of the authority of the domain. No command line has a
password.
"""

import base64
import json
import subprocess
import sys

import ldb
from samba import provision
from samba.auth import system_session
from samba.dcerpc import dnsp, security
from samba.ndr import ndr_pack, ndr_unpack
from samba.netcmd.main import samba_tool
from samba.param import LoadParm
from samba.samdb import SamDB

CONFIGURATION = "/run/dc/etc/smb.conf"
DATABASE = "/run/dc/private/sam.ldb"
# The templates of RADIUS servers and of computers, as AD CS keeps them; the lab's servers use their OIDs.
SERVER_USE, CLIENT_USE = "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"
TEMPLATES = (
    {
        "cn": "VLB-RADIUS",
        "displayName": "Serveurs RADIUS",
        "msPKI-Cert-Template-OID": "1.3.6.1.4.1.311.21.8.93350.2026.1",
        "pKIExtendedKeyUsage": [SERVER_USE, CLIENT_USE],
        "msPKI-Certificate-Name-Flag": "134217728",
        "msPKI-Enrollment-Flag": "32",
    },
    {
        "cn": "VLB-Poste",
        "displayName": "Postes de la ville",
        "msPKI-Cert-Template-OID": "1.3.6.1.4.1.311.21.8.93350.2026.2",
        "pKIExtendedKeyUsage": [CLIENT_USE],
        "msPKI-Certificate-Name-Flag": "134217728",
        "msPKI-Enrollment-Flag": "32",
    },
)
# Rights and classes, as [MS-ADTS] and [MS-ADA2] name them.
REANIMATE = "45ec5156-db7e-47bb-b53f-dbeb2d03c40f"
MEMBER = "bf9679c0-0de6-11d0-a285-00aa003049e2"
ENROLL = "0e10c968-78fb-11d2-90d4-00c04f79dc55"
AUTOENROLL = "a05b8cc2-17bc-4802-a710-e7c15ab866a2"
UNIT = "bf967aa5-0de6-11d0-a285-00aa003049e2"
GROUP = "bf967a9c-0de6-11d0-a285-00aa003049e2"
USER = "bf967aba-0de6-11d0-a285-00aa003049e2"
ACCOUNT_CONTROL = "bf967a68-0de6-11d0-a285-00aa003049e2"
GP_LINK = "f30e3bbe-9ff0-11d1-b603-0000f80367c1"
GP_OPTIONS = "f30e3bbf-9ff0-11d1-b603-0000f80367c1"
ZONE = "e0fa1e8b-9b45-11d0-afdd-00c04fd930c9"
NAME = "e0fa1e8c-9b45-11d0-afdd-00c04fd930c9"
SITE = "bf967ab3-0de6-11d0-a285-00aa003049e2"
SITE_LINK = "d50c2cde-8951-11d1-aebc-0000f80367c1"
SUBNET = "b7b13124-b82e-11d0-afee-0000f80367c1"
ZONES = "CN=MicrosoftDNS,DC=DomainDnsZones"
SITES = "CN=Sites,CN=Configuration"
SUBNETS = "CN=Subnets,CN=Sites,CN=Configuration"
SITE_LINKS = "CN=IP,CN=Inter-Site Transports,CN=Sites,CN=Configuration"


WHERE = (f"--URL={DATABASE}", f"--configfile={CONFIGURATION}")
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
    """Return a setup of the database of ids whose ids fit into any namespace."""

    def made(*arguments, **options):
        database = setup(*arguments, **options)
        database.modify_ldif(NUMBERS)
        return database

    return made


def grant(dn, *entries):
    for entry in entries:
        call("dsacl", "set", f"--objectdn={dn}", f"--sddl={entry}", *WHERE)


def sid_of(database, name, base):
    answer = database.search(base, expression=f"(sAMAccountName={name})", attrs=["objectSid"])
    return database.schema_format_value("objectSid", answer[0]["objectSid"][0]).decode()


def delegate(database, name, base):
    """Give an account the rights of Piste: OUs, groups, links, GPOs, disabling of accounts.

    Samba's defaults differ from those of Windows, where Group Policy Creator Owners (PA) may create in CN=Policies and
    CN=SOM.
    """
    database.add_remove_group_members("Group Policy Creator Owners", [name])
    sid = sid_of(database, name, base)
    grant(f"CN=Policies,CN=System,{base}", "(A;CI;CC;;;PA)")
    grant(f"CN=SOM,CN=WMIPolicy,CN=System,{base}", "(A;CI;CCLCRPWPSDRC;;;PA)")
    grant(
        base,
        f"(OA;CI;CCDC;{UNIT};;{sid})",
        f"(OA;CIIO;RPWPSDDTWD;;{UNIT};{sid})",
        f"(OA;CIIO;CCDC;{GROUP};{UNIT};{sid})",
        # Only groups that it created, and not CN=Users: a writer of any group can make himself an administrator.
        f"(OA;CIIO;RPWPSDWD;;{GROUP};CO)",
        f"(OA;;RPWP;{GP_LINK};;{sid})",
        f"(OA;;RPWP;{GP_OPTIONS};;{sid})",
        f"(OA;CIIO;RPWP;{ACCOUNT_CONTROL};{USER};{sid})",
    )


def delegate_names(sid, registrar, base):
    """Give an account the names, the subnets and the sites that it makes; it may remove no zone.

    The account of the DHCP servers registers names in the zone of the domain.
    """
    grant(
        f"{ZONES},{base}",
        f"(OA;;CC;{ZONE};;{sid})",
        f"(OA;CIIO;CC;{NAME};{ZONE};{sid})",
        f"(OA;CIIO;RPWP;;{NAME};{sid})",
    )
    # The mend that doctor asks for: by default any account creates names.
    zone = f"DC={'.'.join(part[3:] for part in base.split(','))},{ZONES},{base}"
    call("dsacl", "delete", f"--objectdn={zone}", "--sddl=(A;;CC;;;AU)", *WHERE)
    grant(zone, f"(OA;;CC;{NAME};;DC)", f"(OA;;CC;{NAME};;{registrar})")
    grant(f"{SUBNETS},{base}", f"(OA;;CCDC;{SUBNET};;{sid})", f"(OA;CIIO;RPWPSD;;{SUBNET};{sid})")
    # Of sites only its own: a writer of the controllers' site could link a policy to it.
    grant(f"{SITES},{base}", f"(OA;;CC;{SITE};;{sid})", f"(OA;CIIO;CCDCRPWPSDDT;;{SITE};CO)")
    grant(f"{SITE_LINKS},{base}", f"(OA;;CC;{SITE_LINK};;{sid})", f"(OA;CIIO;RPWPSD;;{SITE_LINK};CO)")


def delegate_restores(database, restored, restorer, base):
    """Give an account the right to delete and to reanimate a test account, and what is its own.

    Only administrators list deleted objects by default, on Windows too.
    """
    where = f"CN=Users,{base}"
    account, sid = f"CN={restored},{where}", sid_of(database, restorer, base)
    database.modify_ldif(f"dn: {account}\nchangetype: modify\nreplace: description\ndescription: Compte d’essai\n")
    grant(base, f"(OA;;CR;{REANIMATE};;{sid})")
    grant(where, f"(OA;;CCDC;{USER};;{sid})")
    grant(account, f"(A;;RPWPSD;;;{sid})")
    for name in ("Essai-Lecture", "Essai-Ecriture"):
        database.newgroup(name)
        database.add_remove_group_members(name, [restored])
        grant(f"CN={name},{where}", f"(OA;;RPWP;{MEMBER};;{sid})")
    deleted, domain = f"CN=Deleted Objects,{base}", security.dom_sid(database.get_domain_sid())
    kept = database.search(deleted, scope=0, attrs=["nTSecurityDescriptor"], controls=["show_deleted:1"])[0]
    descriptor = ndr_unpack(security.descriptor, kept["nTSecurityDescriptor"][0])
    descriptor.dacl_add(security.descriptor.from_sddl(f"D:(A;;LCRP;;;{sid})", domain).dacl.aces[0])
    change = ldb.Message(ldb.Dn(database, deleted))
    change["s"] = ldb.MessageElement(ndr_pack(descriptor), ldb.FLAG_MOD_REPLACE, "nTSecurityDescriptor")
    database.modify(change, ["show_deleted:1", "sd_flags:1:4"])


def address(text):
    """Return the DNS record of an address, as a server registers it."""
    record = dnsp.DnssrvRpcRecord()
    record.wType, record.rank, record.dwTtlSeconds, record.data = dnsp.DNS_TYPE_A, dnsp.DNS_RANK_ZONE, 900, text
    return ndr_pack(record)


def authorise(database, name, ip, base):
    """Authorise a DHCP server as `Add-DhcpServerInDC` does.

    `dhcpServers` is that of MS-DHCPE 7.3, `dhcpIdentification` that of published programs that look for it; the other
    attributes are from [memory].
    """
    database.add({
        "dn": f"CN={name},CN=NetServices,CN=Services,CN=Configuration,{base}",
        "objectClass": "dHCPClass",
        "dhcpUniqueKey": "0",
        "dhcpType": "1",
        "dhcpFlags": "0",
        "dhcpIdentification": "DHCP Server object",
        "dhcpServers": f"i{ip}$rcn={name}$f0x00000000$s{name}$",
    })


def certify(database, authority, base):
    """Publish an authority and its templates as AD CS does at its installation."""
    place = f"CN=Public Key Services,CN=Services,CN=Configuration,{base}"
    name, certificate = authority["name"], base64.b64decode(authority["certificate"])
    templates = f"CN=Certificate Templates,{place}"
    for template in TEMPLATES:
        strength = {"msPKI-RA-Signature": "0", "msPKI-Minimal-Key-Size": "2048"}
        dn = f"CN={template['cn']},{templates}"
        database.add({"dn": dn, "objectClass": "pKICertificateTemplate", **strength, **template})
        who = "RS" if template["cn"] == "VLB-RADIUS" else "DC"
        grant(dn, f"(OA;;CR;{ENROLL};;{who})", f"(OA;;CR;{AUTOENROLL};;{who})")
    lists = {"authorityRevocationList": b"\0", "certificateRevocationList": b"\0"}
    known = {"objectClass": "certificationAuthority", "cACertificate": certificate, **lists}
    database.add({
        "dn": f"CN={name},CN=Enrollment Services,{place}",
        "objectClass": "pKIEnrollmentService",
        "dNSHostName": authority["host"],
        "cACertificate": certificate,
        "cACertificateDN": f"CN={name}",
        "certificateTemplates": [template["cn"] for template in TEMPLATES],
        "flags": "10",
    })
    for parent in ("AIA", "Certification Authorities"):
        database.add({"dn": f"CN={name},CN={parent},{place}", **known})
    database.add({"dn": f"CN=NTAuthCertificates,{place}", **known})
    host = authority["host"].partition(".")[0]
    database.add({"dn": f"CN={host},CN=CDP,{place}", "objectClass": "container"})
    database.add({
        "dn": f"CN={name},CN={host},CN=CDP,{place}",
        "objectClass": "cRLDistributionPoint",
        "certificateRevocationList": base64.b64decode(authority["revocations"]),
    })


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
    for name, ip in given["addresses"].items():
        database.add({"dn": f"DC={name},{zone}", "objectClass": ["top", "dnsNode"], "dnsRecord": address(ip)})
    delegate(database, given["piste"], given["base_dn"])
    piste, registrar = (sid_of(database, given[who], given["base_dn"]) for who in ("piste", "registrar"))
    delegate_names(piste, registrar, given["base_dn"])
    delegate_restores(database, given["restored"], given["restorer"], given["base_dn"])
    for name in given["dhcp_servers"]:
        authorise(database, f"{name}.{given['domain']}", given["addresses"].get(name, ""), given["base_dn"])
    certify(database, given["authority"], given["base_dn"])
    # GSSAPI needs these names; the update tasks that write them do not run in the lab.
    subprocess.run(["samba_spnupdate", "-s", CONFIGURATION], check=True)


main()
