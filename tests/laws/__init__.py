"""Laws: what holds for every sequence of commands, on both databases.

May import everything below the doors.
reducer.py is a client's view of a room, written down as simply as can be; stories.py makes up what people do.
"""
