"""A terminal desk for customer support."""

import os

__version__ = "0.1.0"

# NumPy reads this when it is loaded. What it multiplies here is small: with more threads each product leaves one that
# waits for the next by turning round and round, which doubles what a search works.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
