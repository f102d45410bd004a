//! A private PostgreSQL server for people who configure none.
