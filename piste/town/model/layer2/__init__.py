"""Links between switches: stacks, aggregates, VLANs, spanning tree, priorities."""
