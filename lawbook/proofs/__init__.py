"""Proofs: number systems for the reference, a prover, and derivations in lines of text."""
