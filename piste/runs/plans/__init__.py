"""Plans: the run of a playbook, its saved plan, its undo, and the conditions of writing."""
