"""The rows of all parts; importing this package fills the table."""

import importlib
import pkgutil

from tests.surface.kinds import TABLE

__all__ = ["TABLE"]

for _module in pkgutil.iter_modules(__path__, f"{__name__}."):
    importlib.import_module(_module.name)
