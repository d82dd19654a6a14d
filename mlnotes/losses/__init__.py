"""Part "Losses": each one follows from a noise model, or says that it does not."""
