//! Records in a file: their length, then their bytes.

use std::borrow::Cow;
use std::fmt;
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::FileExt;

use orgraph_model::canonical::{Malformed, Reader};
use orgraph_model::{Entity, Gap, Place, Reference, Relationship, Rows, RowsError};

use crate::record::{self, Words};

/// How much is written at once.
pub(crate) const BUFFER_BYTES: usize = 256 << 10;
/// How much is read at first: the whole of most records.
const FIRST_READ_BYTES: usize = 2048;
const LENGTH_BYTES: usize = 4;

/// Appends records.
#[derive(Debug)]
pub(crate) struct Writer {
    file: File,
    buffer: Vec<u8>,
    /// Where the buffer begins in the file.
    begin: u64,
}

impl Writer {
    pub(crate) fn new(file: File) -> Self {
        Self { file, buffer: Vec::new(), begin: 0 }
    }

    /// Appends what `write` writes, and gives its place.
    pub(crate) fn record(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Result<Place, RowsError> {
        let at = self.buffer.len();
        self.buffer.extend_from_slice(&[0; LENGTH_BYTES]);
        write(&mut self.buffer);
        let length = self.buffer.len() - at - LENGTH_BYTES;
        let length = u32::try_from(length).map_err(|_| RowsError {
            attempted: "set rows aside in a temporary file",
            reason: format!("one row has {length} bytes"),
        })?;
        self.buffer[at..at + LENGTH_BYTES].copy_from_slice(&length.to_le_bytes());
        let place = self.begin + at as u64;
        if self.buffer.len() >= BUFFER_BYTES {
            self.flush()?;
        }
        Ok(place)
    }

    /// The file, and where it ends.
    pub(crate) fn finish(mut self) -> Result<(File, u64), RowsError> {
        self.flush()?;
        Ok((self.file, self.begin))
    }

    fn flush(&mut self) -> Result<(), RowsError> {
        self.file.write_all(&self.buffer).map_err(|error| RowsError {
            attempted: "set rows aside in a temporary file",
            reason: error.to_string(),
        })?;
        self.begin += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }
}

/// Reads records.
pub(crate) struct SpillFile {
    file: File,
    end: u64,
    words: Words,
}

impl SpillFile {
    pub(crate) fn new(file: File, end: u64, words: Words) -> Self {
        Self { file, end, words }
    }

    fn read<T>(
        &self,
        place: Place,
        read: impl FnOnce(&mut Reader<'_>) -> Result<T, Malformed>,
    ) -> Result<T, RowsError> {
        let failed = |reason: String| RowsError { attempted: "read back a row that was set aside", reason };
        let bytes = self.bytes(place).map_err(|error| failed(error.to_string()))?;
        let mut reader = Reader::new(&bytes[LENGTH_BYTES..]);
        match read(&mut reader) {
            Ok(row) if reader.is_at_end() => Ok(row),
            Ok(_) => Err(failed(Malformed.to_string())),
            Err(error) => Err(failed(error.to_string())),
        }
    }

    /// The record with its length.
    fn bytes(&self, place: Place) -> std::io::Result<Vec<u8>> {
        let left = usize::try_from(self.end.saturating_sub(place)).unwrap_or(usize::MAX);
        let mut bytes = vec![0; FIRST_READ_BYTES.min(left)];
        self.file.read_exact_at(&mut bytes, place)?;
        let length = bytes.first_chunk().map_or(0, |it| u32::from_le_bytes(*it) as usize);
        let begun = bytes.len();
        // A length that is not one would ask for any amount of memory.
        bytes.resize((LENGTH_BYTES + length).min(left), 0);
        if bytes.len() > begun {
            self.file.read_exact_at(&mut bytes[begun..], place + begun as u64)?;
        }
        Ok(bytes)
    }
}

impl fmt::Debug for SpillFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpillFile").field("bytes", &self.end).finish_non_exhaustive()
    }
}

impl Rows for SpillFile {
    fn entity(&self, place: Place) -> Result<Cow<'_, Entity>, RowsError> {
        self.read(place, |it| record::read_entity(it, &self.words)).map(Cow::Owned)
    }

    fn relationship(&self, place: Place) -> Result<Cow<'_, Relationship>, RowsError> {
        self.read(place, |it| record::read_relationship(it, &self.words)).map(Cow::Owned)
    }

    fn reference(&self, place: Place) -> Result<Cow<'_, Reference>, RowsError> {
        self.read(place, |it| record::read_reference(it, &self.words)).map(Cow::Owned)
    }

    fn gap(&self, place: Place) -> Result<Cow<'_, Gap>, RowsError> {
        self.read(place, record::read_gap).map(Cow::Owned)
    }
}
