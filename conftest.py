"""Tests are the same every time unless another Hypothesis profile is asked for."""

from hypothesis import settings

from lawbook.pytest_plugin import register_profiles

register_profiles()
settings.load_profile("ci")
