"""Addresses and VLANs: the plan of the town, the segments of each site."""
