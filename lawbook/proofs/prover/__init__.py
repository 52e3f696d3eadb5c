"""The prover: whether two expressions are equal, or one is not negative, on their whole domain."""
