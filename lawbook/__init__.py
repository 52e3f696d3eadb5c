"""Lawbook: the laws of regularization in deep learning, executable.

For authors of laws: `law`, the claims, the domains and `bounded`; for authors of mistakes: `mistake`.
"""

__version__ = "0.1.0"
