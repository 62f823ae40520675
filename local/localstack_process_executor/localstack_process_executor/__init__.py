"""A Lambda executor for LocalStack that needs no Docker."""
