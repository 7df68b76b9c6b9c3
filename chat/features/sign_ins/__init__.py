"""Where and how a person is signed in: sessions by device, and what is asked beside the password.

Imports models, live's envelope, pipeline's way to tell. Pages and API ask here.
"""
