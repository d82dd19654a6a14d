"""Part "Foundations": the linear algebra and calculus that the rest stands on."""
