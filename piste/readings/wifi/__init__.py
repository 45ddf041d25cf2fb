"""The air of every site against the plan of the town; 802.1X as it is in force."""
