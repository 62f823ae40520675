"""The kernel: what every capability of Heliograph stands on, and nothing that knows the product."""
