"""A simulated GLPI 11: both its APIs, the entry of its inventory agents."""
