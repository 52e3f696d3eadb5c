"""The adapter of the course, which a worker loads by path: there this folder's parent is no package yet."""

from __future__ import annotations

import importlib
import os
import sys
import types

courses = types.ModuleType("lawbook_courses")
courses.__path__ = [os.path.dirname(os.path.dirname(os.path.abspath(__file__)))]
sys.modules[courses.__name__] = courses
load = importlib.import_module("lawbook_courses.fau.loading").load
