"""The public surface of the package, and what each of its arguments is.

`rows` holds one valid call for every public callable, each argument with its kind from
`kinds`. From them and the `rules`, tests/test_public_surface.py derives that inputs
stay as they are and that bad ones are refused by name. **A new public function needs
one row** in the module of its part, a new sort of argument one function in `kinds`.
"""
