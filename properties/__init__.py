"""The laws, one file per topic.  A law is a function whose body is the equation."""
