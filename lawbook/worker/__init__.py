"""The worker: the process in which a submission runs, and the wire format it shares with the judge.

This package stands alone on purpose (NumPy, the standard library and relative imports; never another
part of ``lawbook``), so that it can run under any interpreter by its path.  The judge imports the wire
format from here, so there is one definition; a zygote loads the package as ``lawbook_worker``.

* `wire`, `packing`: bytes to values and values to bytes.  Nothing in them can name a type or run code.
* `zygote`: a process that is exec'd by the judge, imports NumPy once and forks a worker on request.  It
  never runs code of a submission, and holds nothing of the judge.
* `starting`, `confinement`: the forked child becomes a worker, and gives up what it has no need of.
* `serving`, `session`, `describing`: it loads a submission through an *adapter* and answers calls.

An adapter is a Python file with ``load(root: str)``, which returns an object with the attributes
``operations`` (name -> class), ``errors`` (name -> one sentence why it could not be loaded),
``notes`` (list of sentences) and ``profile`` (a name or None). It may also define ``seed(n: int)``
and ``draw() -> float``.
"""
