"""Adapters of instructors' own courses: what one declares, the skeleton of one, and a check of one.

An adapter is a file of the instructor's; it runs in a worker, next to a submission.  Nothing here runs it:
what the judge must know before is read from its text, as literals.
"""
