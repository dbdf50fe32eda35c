"""What the page's screens say: plain records and ready texts, made from the journal and the routine."""
