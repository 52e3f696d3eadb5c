"""Attacks by submissions on the judge, on its machine and on each other, and what must come of them.

An attack is the source of a submission.  It runs in a real worker; see `harness` for what is then checked.
"""
