//! Takes rows and keeps none.

use orgraph_query::{Header, Row, Sink};

/// How many rows an answer had.
#[derive(Default)]
pub(crate) struct Counted {
    pub(crate) rows: usize,
}

impl Sink for Counted {
    fn header(&mut self, _: &Header) -> std::io::Result<()> {
        Ok(())
    }

    fn row(&mut self, _: Row) -> std::io::Result<()> {
        self.rows += 1;
        Ok(())
    }
}
