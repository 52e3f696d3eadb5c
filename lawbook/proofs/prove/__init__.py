"""`lawbook prove`: a learner's files, read here and checked in a process under limits."""
