"""Faust in batches: faust-streaming 0.15.3 consumes, recovers and commits whole chunks.

Start at `app.BatchApp`. Each module states one seam of Faust, what is wrong or slow there, and
what stands in its place; `versions` refuses to run on anything it was not proven with.
"""
