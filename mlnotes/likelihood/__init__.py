"""Part "Likelihood": from data to parameters."""
