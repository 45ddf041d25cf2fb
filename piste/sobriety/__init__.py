"""Digital sobriety: what is read and imported, the figures, the energy, the savings, the documents."""
