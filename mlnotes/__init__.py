"""Tested implementations behind the lessons of ML Notes.

One subpackage for each part of the book, one module for each lesson or family of
lessons. Import what a lesson uses from its module, as the lessons do::

    from mlnotes.information.discrete import entropy
"""

__all__: list[str] = []
__version__ = "0.1.0"
