"""A chat as the tutorial of Channels builds it, on the stock daphne."""
