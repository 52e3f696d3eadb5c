"""An autograder for Gradescope: the archive it runs, and what runs in it.

The paths and limits are those of https://gradescope-autograders.readthedocs.io/en/latest/specs/ and
.../troubleshooting/: /autograder/{source,submission,results}, 768 MB, half a core, 10 minutes.
"""
