"""Scopes of the DHCP servers: the addresses that each still has to lend."""
