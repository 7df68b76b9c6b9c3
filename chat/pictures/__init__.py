"""Pictures of others, made anew within bounds: decoded once, stripped of all they carried, small.

Ground: imports nothing of ours. `anew.py` holds the bounds and the steps that are shared, `renditions.py` what is
made of a file, `workshop.py` has that done by a process of its own (`__main__.py`), which may fail, swell or be
killed without taking anything along.
"""
