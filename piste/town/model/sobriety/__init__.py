"""Digital sobriety: levers, their steps, exceptions, targets."""
