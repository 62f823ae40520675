"""What Heliograph does: one package per capability, each importing only the kernel and those before it."""

import gc

# Nothing that an import makes is garbage, and looking for some costs an eighth of a cold start.
# `heliograph.startup.done` turns the collector on again, once a handler is there.
gc.disable()
