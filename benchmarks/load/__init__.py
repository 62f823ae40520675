"""Many people at once on the local cloud: see __main__."""
