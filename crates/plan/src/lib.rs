//! Pure decisions: what is due, who may write, what an outcome means. No I/O, no clock.
