"""Fixtures and settings shared by all tests."""

import numpy as np
import pytest
from hypothesis import settings

# The same examples on every run, and no deadline: the machine may be busy.
settings.register_profile("book", derandomize=True, deadline=None)
settings.load_profile("book")


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> np.random.Generator:
    """A generator seeded by the test's own name: stable, independent of test order."""
    return np.random.default_rng(list(request.node.nodeid.encode()))
