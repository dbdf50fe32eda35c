"""The journal in and out: export, import, CSV, FHIR, backup."""
