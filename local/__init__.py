"""The local cloud: start, deploy, seed, look inside, stop."""
