"""DHCP servers of Windows: scopes with their options and reservations, and their relation."""
