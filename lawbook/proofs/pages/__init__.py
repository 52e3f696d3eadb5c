"""`lawbook study`: chapters for a terminal and as pages."""
