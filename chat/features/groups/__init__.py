"""Groups: people under one handle, made by who may, and what a call would reach before it is written.

Imports floors 1-5.
Asked for by REST; what a message calls is found by the pipeline and stored with it.
"""
