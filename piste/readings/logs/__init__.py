"""The logs of the town: the collector's tree; its days read, sealed, exported, deleted."""
