"""The proofs: one chapter per topic, each of whose statements is checked (`pytest derivations`)."""
