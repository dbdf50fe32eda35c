"""What happened: the journal of sessions, kept on this computer only. Imports no numpy and no web stack."""
