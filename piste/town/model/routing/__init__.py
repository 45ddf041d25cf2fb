"""Routing: gateways, the core and the firewall, the transit between them, their routes."""
