"""The attributes of a domain that becomes another: who writes each, what an object needs.

`become.py` takes them; names of attributes are in lower case, but for those that it writes.
"""

ALIKE = frozenset({
    "cn", "dc", "distinguishedname", "memberof", "name", "objectcategory", "objectclass", "objectguid", "objectsid",
    "ou",
})  # fmt: skip
"""Attributes that follow from an object and its place."""
SYSTEM = ALIKE | {
    "allowedattributeseffective", "allowedchildclasseseffective", "currenttime", "dscorepropagationdata",
    "fsmoroleowner", "instancetype", "isdeleted", "isrecycled", "lastknownparent", "msds-enabledfeaturebl",
    "msds-krbtgtlinkbl", "msds-principalname", "msds-revealedusers", "ncname", "samaccounttype", "serverreference",
    "serverreferencebl", "systemflags", "tokengroups", "usnchanged", "usncreated", "whenchanged",
}  # fmt: skip
"""Attributes that a domain writes by itself."""
MOMENTS = frozenset({"lastlogontimestamp", "pwdlastset", "whencreated"})
"""Attributes that a domain writes by itself, and takes from who asks for it."""
PASSWORD, AS_GIVEN = "pwdLastSet", "local_oid:1.3.6.1.4.1.7165.4.3.20:0"
"""The moment of a password, and the control of Samba that writes it and nothing else (`dsdb/samdb/samdb.h`)."""
LATER = frozenset({"member", "managedby", "siteobject"})
"""Attributes that name objects, which must be there first."""
IDENTITY = frozenset({"samaccountname", "iscriticalsystemobject"})
"""Attributes that an object of the new domain keeps."""
NEEDED = {
    "dHCPClass": {"dhcpUniqueKey": "0", "dhcpType": "1", "dhcpFlags": "0", "dhcpIdentification": "DHCP Server object"},
    "certificationAuthority": {"authorityRevocationList": b"\0", "certificateRevocationList": b"\0"},
    "msFVE-RecoveryInformation": {"msFVE-RecoveryGuid": bytes(16), "msFVE-RecoveryPassword": "laboratoire"},
    "msDS-GroupManagedServiceAccount": {"msDS-ManagedPasswordInterval": "30"},
    "groupPolicyContainer": {"gPCFunctionalityVersion": "2", "showInAdvancedViewOnly": "TRUE"},
}
"""Attributes that each object of a class has, where its answers do not say them."""
ABOVE = {"nTFRSMember": "nTFRSReplicaSet"}
"""The class of the place of an object, where it is no container, by its own."""
REPLACED = frozenset({"dnsNode", "dHCPClass"})
"""Classes whose objects the new domain loses, where a captured search should have shown them."""
