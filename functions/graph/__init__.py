"""Graph: who follows, asks, mutes, blocks and trusts whom, and therefore who may see what."""
