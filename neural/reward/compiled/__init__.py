"""The statistics and features once more, compiled (Numba; Lam, Pitrou and Seibert 2015): for reading a whole history.

The live predictor reads one moment at a time in NumPy, without a compiler in the desktop process. Training reads tens
of thousands of moments at once, here, in a tenth of the time. Both make the same numbers; a test holds them together.
"""
