"""The hosting: the cluster, its machines and what they are made of."""
