//! The orgraph daemon and its command line.
