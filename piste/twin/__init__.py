"""The twin of the town: its network with real packets on one machine, as the systems hold it."""
