"""The pages for people: from a question to a template, each in a few lines."""
