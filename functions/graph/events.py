"""Streams of the graph."""

from functions.graph import service
from heliograph.outbox import publisher

publish_follows = publisher(service.EdgeItem, service.announced_edge)
publish_blocks = publisher(service.BlockItem, service.announced_block)
