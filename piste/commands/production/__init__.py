"""The inventory of production: answers, files, vault, accounts."""
