"""What people type, read strictly: amounts, dates, names, enum values; and fields as flags."""
