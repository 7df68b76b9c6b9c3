"""Emoji of the workspace's own: made by members or admins alone, called by other names too, taken away.

Imports models, actions' record, pictures, pipeline's way to tell. The API asks here; texts and reactions name them.
"""
