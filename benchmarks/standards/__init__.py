"""Programs of others that judge the server by a standard, each in an environment of its own."""
