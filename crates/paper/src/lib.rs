//! Files of paper (PDF, Word, spreadsheets) to text and tables, and tables back to files.
