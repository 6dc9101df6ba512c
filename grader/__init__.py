"""An autograder for from-scratch deep-learning courses: unforgeable, fair, and clear in what it says."""

__version__ = "0.1.0"
