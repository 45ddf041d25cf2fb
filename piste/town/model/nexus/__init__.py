"""Nexus switches of the server room: links, VLANs, gateways that they must not have."""
