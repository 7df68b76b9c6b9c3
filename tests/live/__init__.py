"""Tests of what happens now: order, holes, the layer, presence, typing, queues.

May import chat.live and everything below; chat.pipeline.run writes what the hub then reads.
reader.py is a connection that remembers, clock.py moves a loop's time.
"""
