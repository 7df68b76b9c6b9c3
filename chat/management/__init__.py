"""Commands of manage.py: the doors of operators, scripts and the build.

May import every floor.
They enter the pipeline like any other writer, or print what the code already knows.
"""
