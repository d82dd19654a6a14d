"""Scripts that the Makefile calls, and what the tests share with them."""
