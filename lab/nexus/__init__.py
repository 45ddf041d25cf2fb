"""Nexus switches, simulated: a configuration tree behind SSH."""
