"""Leases: the scopes of the DHCP servers, their options and reservations."""
