"""Microsoft 365: its tenant and the machines of Defender are read, nothing is written."""
