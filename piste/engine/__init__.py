"""The engine: table, plan, walk, transport; it knows no vendor, no town and no Ansible."""
