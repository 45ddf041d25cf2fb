"""Plans: a run of a playbook, the plan it gives, its application, its undo, and the conditions of writing."""
