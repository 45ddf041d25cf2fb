"""A run: the tasks of a domain, the way in from Ansible, saved plans, records."""
