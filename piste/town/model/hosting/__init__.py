"""The hosting: the cluster, its machines and their parts."""
