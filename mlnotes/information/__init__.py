"""Part "Information": entropy, cross-entropy and divergence."""
