"""The part of Unity Catalog's SQL that the embedded engine lacks: governance, DDL, descriptions, information_schema."""
