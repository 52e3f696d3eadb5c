"""Reports: what verdicts look like to a person, as a script, and as JSON."""
