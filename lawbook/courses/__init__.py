"""How the submissions of each course are found, loaded and called: one folder per course.

Its `find_roots(folder)` runs in the judge and reads names and text; its `load(root)` runs in a worker,
next to the submission, as the function of `adapter.py`.  In a worker there is no lawbook: this folder is the
package `lawbook_courses` there, so its modules need NumPy and the standard library alone and import
each other by relative names.
"""
