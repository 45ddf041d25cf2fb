"""A tenant of Microsoft 365 of the lab: Graph, Defender, the endpoint of tokens."""
