"""The definitions: minimal NumPy, one file per topic.

Each file holds pure functions (the formulas) and the operation classes that laws are stated about; its
`OPERATIONS` names them.  The classes' signatures and docstrings are the contract of the operations.
"""
