"""One command of manage.py a file.

May import every floor.
Flow comes from a shell and goes to the pipeline, or to stdout.
"""
