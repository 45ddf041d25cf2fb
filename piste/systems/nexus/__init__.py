"""Cisco Nexus switches, read over SSH and judged against the declaration; never written."""
