"""Text as people write it: encodings, languages, Hangul, dates, seasons, headings of columns."""
