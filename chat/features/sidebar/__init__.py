"""How a person has arranged the left column: favourites, sections of one's own, what is folded, the order.

One small document of each person, the same on all devices; who changes one that is another by now is told so.
"""
