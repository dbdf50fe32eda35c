"""What a period shows: sessions summed up, trends, doses, plans."""
