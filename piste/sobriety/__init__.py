"""Digital sobriety: readings, imports, figures, energy, savings, documents."""
