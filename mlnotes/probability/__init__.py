"""Part "Probability": distributions that the rest of the book builds on."""
