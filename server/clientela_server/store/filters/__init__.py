"""Filters and pages: from the text of a filter (AIP-160) or an order (AIP-132) to SQL."""
