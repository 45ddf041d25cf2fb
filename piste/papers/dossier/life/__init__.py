"""The papers of the life of the assets, as documents."""
