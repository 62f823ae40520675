"""A simulated community, to measure what explore is worth. Nothing here is deployed, nor touches a cloud."""

import os
import sys
from pathlib import Path

# Production's modules name their tables when they are imported; no table is used.
os.environ.setdefault("NAMESPACE", "explore")
os.environ.setdefault("AWS_REGION", "us-east-1")
os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "explore")
os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "explore")
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "layers" / "shared" / "python"))
