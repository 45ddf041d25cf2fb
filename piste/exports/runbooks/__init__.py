"""The runbooks of recovery (PRA) and continuity (PCA), generated from the model."""
