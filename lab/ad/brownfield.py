"""Fill a domain with the legacy of contractors.

The system's Python runs it, since it has Samba's modules, in the tree of a stopped controller. It reads a JSON object
from standard input: `base_dn` and `domain`. Deterministic: the same GUIDs in every lab.
"""

import json
import os
import shutil
import struct
import sys

from samba.auth import system_session
from samba.netcmd.main import samba_tool
from samba.param import LoadParm
from samba.samdb import SamDB

CONFIGURATION = "/run/dc/etc/smb.conf"
DATABASE = "/run/dc/private/sam.ldb"
ADM = "[{35378EAC-683F-11D2-A89A-00C04FBBCFA2}{D02B1F72-3407-48AE-BA88-E8213C6761F1}]"
PRINTERS = (
    "[{00000000-0000-0000-0000-000000000000}{A8C42CEA-CDB8-4388-97F4-5831F933DA84}]"
    "[{BC75B1ED-5833-4858-9BB8-CBF0B166DF9D}{A8C42CEA-CDB8-4388-97F4-5831F933DA84}]"
)
UNITS = ("OU=Mairie", "OU=Postes,OU=Mairie", "OU=ECOLES", "OU=PC portables,OU=ECOLES", "OU=_ANCIEN ne pas supprimer")
GROUPS = {"GG_Mairie": "OU=Mairie", "GG-ecoles": "OU=ECOLES", "Imprimantes couleur": "CN=Users"}

PRINTERS_XML = """<?xml version="1.0" encoding="utf-8"?>
<Printers clsid="{1F577D12-3D1B-471e-A1B7-060317597B9C}">\
<SharedPrinter clsid="{9A5E9697-9095-436d-A0EE-4D128FDFBCE5}" name="copieur-2" status="copieur-2" image="2" \
changed="2021-03-02 09:12:44" uid="{0F3B2A51-3A55-4C0E-8E67-6A8D5C2B1E01}" bypassErrors="1">\
<Properties action="U" comment="" path="\\\\hdv-ancien\\copieur-2" location="" default="1" skipLocal="0" \
deleteAll="0" persistent="0" deleteMaps="0" port=""/>\
<Filters><FilterComputer bool="AND" not="0" type="NETBIOS" name="PC-TEST-*"/></Filters></SharedPrinter></Printers>
"""
KIOSK_XML = """<?xml version="1.0" encoding="utf-8"?>
<Kiosk clsid="{6A1B6E0C-7C7F-4E61-9B25-3F2A7C1D0E11}"><Screen name="accueil"/></Kiosk>
"""


def guid(number):
    return f"{{0B0B0B0B-0000-4000-8000-{number:012}}}"


def registry(*entries):
    """Return a Registry.pol of (key, value, number or text)."""
    content = b"PReg" + struct.pack("<I", 1)
    for key, value, data in entries:
        text = isinstance(data, str)
        raw = f"{data}\0".encode("utf-16-le") if text else struct.pack("<I", data)
        parts = (f"{key}\0", f"{value}\0", struct.pack("<I", 1 if text else 4), struct.pack("<I", len(raw)), raw)
        joined = b";\0".join(part.encode("utf-16-le") if isinstance(part, str) else part for part in parts)
        content += b"[\0" + joined + b"]\0"
    return content


class Contractor:
    """Somebody with administrative tools and little time."""

    def __init__(self, base, domain):
        self.base, self.domain = base, domain
        parameters = LoadParm()
        parameters.load(CONFIGURATION)
        self.database = SamDB(url=DATABASE, session_info=system_session(parameters), lp=parameters)
        self.policies = f"/run/dc/state/sysvol/{domain}/Policies"

    def tool(self, *arguments):
        if samba_tool(*arguments, f"--configfile={CONFIGURATION}"):
            sys.exit(f"samba-tool {' '.join(arguments[:2])} a échoué")

    def dn(self, number):
        return f"CN={guid(number)},CN=Policies,CN=System,{self.base}"

    def gpo(self, number, name, machine=0, user=0, extensions="", in_file=None, files=None):
        """Make a GPO as GPMC does; `in_file`: another version in the file of SYSVOL."""
        version = user << 16 | machine
        entry = {
            "dn": self.dn(number),
            "objectClass": "groupPolicyContainer",
            "displayName": name,
            "flags": "0",
            "gPCFunctionalityVersion": "2",
            "gPCFileSysPath": f"\\\\{self.domain}\\sysvol\\{self.domain}\\Policies\\{guid(number)}",
            "versionNumber": str(version),
            "showInAdvancedViewOnly": "TRUE",
        }
        self.database.add({**entry, **({"gPCMachineExtensionNames": extensions} if extensions else {})})
        for side in ("Machine", "User"):
            self.database.add({"dn": f"CN={side},{self.dn(number)}", "objectClass": "container"})
        content = {"GPT.INI": f"[General]\r\nVersion={version if in_file is None else in_file}\r\n".encode()}
        for path, data in {**content, **(files or {})}.items():
            target = f"{self.policies}/{guid(number)}/{path}"
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, "wb") as stream:
                stream.write(data)
        for side in ("Machine", "User"):
            os.makedirs(f"{self.policies}/{guid(number)}/{side}", exist_ok=True)

    def link(self, unit, *links):
        value = "".join(
            f"[LDAP://{self.dn(number).replace('CN=Policies', 'cn=policies')};{how}]" for number, how in links
        )
        message = f"dn: {unit},{self.base}\nchangetype: modify\nreplace: gPLink\ngPLink: {value}\n"
        self.database.modify_ldif(message)

    def work(self):
        for unit in UNITS:
            self.database.create_ou(f"{unit},{self.base}")
        for name, unit in GROUPS.items():
            self.database.newgroup(name, groupou=unit)
        self.database.add_remove_group_members("GG_Mairie", ["agent.test"])
        system = "Software\\Policies\\Microsoft\\Windows\\System"
        screen = "Software\\Policies\\Microsoft\\Windows\\Control Panel\\Desktop"
        foreign = (
            ("Software\\Policies\\Mozilla\\Firefox", "DisableTelemetry", 1),
            ("Software\\Prestataire\\Agent", "Serveur", "hdv-ancien.exemple"),
            (system, "HiberbootEnabled", 0),
        )
        self.gpo(1, "Parc - base", 4, 0, ADM, files={"Machine/Registry.pol": registry(*foreign)})
        self.gpo(2, "Proxy", 1, 0, ADM, files={"Machine/Registry.pol": registry((system, "Proxy", "10.0.0.1:3128"))})
        self.gpo(3, "Proxy", 2, 0, ADM, files={"Machine/Registry.pol": registry((system, "Proxy", "10.0.0.2:3128"))})
        self.gpo(4, "TEST prestataire (à supprimer ?)")
        self.gpo(
            5,
            "Imprimantes",
            2,
            0,
            PRINTERS,
            files={
                "Machine/Preferences/Printers/Printers.xml": PRINTERS_XML.replace("\n", "\r\n").encode(),
                "Machine/Preferences/Kiosk/Kiosk.xml": KIOSK_XML.replace("\n", "\r\n").encode(),
            },
        )
        self.gpo(6, "Veille écran", 3, 1, ADM, 3, {"Machine/Registry.pol": registry((screen, "ScreenSaveActive", "1"))})
        self.gpo(7, "Sécurité postes")
        self.gpo(8, "Moitié faite")
        self.link("OU=Mairie", (6, 1), (2, 0), (1, 2))
        self.link("OU=ECOLES", (99, 0), (5, 0), (3, 0))
        self.link("OU=Postes,OU=Mairie", (7, 0))
        self.database.modify_ldif(f"dn: OU=ECOLES,{self.base}\nchangetype: modify\nreplace: gPOptions\ngPOptions: 1\n")
        self.tool("ntacl", "sysvolreset")
        # The damage comes last: a GPO without its folder, a folder without its GPO, an ACL open to everybody.
        shutil.rmtree(f"{self.policies}/{guid(8)}")
        shutil.copytree(f"{self.policies}/{guid(4)}", f"{self.policies}/{guid(98)}")
        everybody = "O:DAG:DAD:P(A;OICI;0x001f01ff;;;WD)(A;OICI;0x001f01ff;;;DA)"
        self.tool("ntacl", "set", everybody, f"{self.policies}/{guid(7)}")


def main():
    given = json.load(sys.stdin)
    Contractor(given["base_dn"], given["domain"]).work()


main()
