"""A capture: the answers of the systems to the reads of Piste, masked and sealed."""
