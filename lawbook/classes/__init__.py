"""Classes: many hand-ins judged side by side, one result file each, written as each ends.

A run may be killed at any moment: the next one on the same folder goes on where it stopped and ends with
the same results, as the seed of a submission depends on nothing but the course's secret and its files.
"""
