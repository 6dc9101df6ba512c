"""g2c: a deep-learning library built from scratch, one module at a time."""
