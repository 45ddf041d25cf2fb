"""The twin of the town: its network with real packets on a single machine."""
