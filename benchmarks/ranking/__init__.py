"""A simulated community, to measure what the ranked feed is worth. Nothing here is deployed, nor touches a cloud."""

import os

# Production's modules name their tables when they are imported; no table is used.
os.environ.setdefault("NAMESPACE", "ranking")
os.environ.setdefault("AWS_REGION", "us-east-1")
