"""What is measured of which model: the protocol, the measures, the controls, and the report of the results."""
