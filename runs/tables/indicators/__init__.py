"""The plan's indicators: what a scenario sets of them, what a replication says, the tables of both."""
