"""Names: zones, records, and the subnets of the sites of Active Directory."""
