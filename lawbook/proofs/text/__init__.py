"""The language of derivations: lines of text, what they mean, and whether each follows."""
