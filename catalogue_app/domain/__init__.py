"""What is true whatever the network, database or engine: pure values and rules, standard library only."""
