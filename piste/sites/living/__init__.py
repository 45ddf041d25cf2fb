"""Life of a site against its declaration: devices, ports, firewall, machines, versions."""
