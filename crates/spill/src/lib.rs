#![doc = include_str!("../README.md")]

mod file;
mod record;

use std::fs::{File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use orgraph_model::{Entity, Gap, GapMark, Marker, Reference, Relationship, RowsError, Spilled};

use crate::file::{SpillFile, Writer};
use crate::record::Words;

/// How much one partition may hold in memory; what is more is set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemoryLimits {
    /// Rows and gaps of all kinds.
    pub rows: usize,
    /// About how many bytes they take.
    pub bytes: usize,
    /// Where what is more is set aside.
    pub folder: PathBuf,
}

impl MemoryLimits {
    /// Everything stays in memory.
    pub fn unlimited() -> Self {
        Self { rows: usize::MAX, bytes: usize::MAX, ..Self::default() }
    }
}

impl Default for MemoryLimits {
    /// 10,000 rows or 16 MiB, and the folder for temporary files.
    fn default() -> Self {
        Self { rows: 10_000, bytes: 16 << 20, folder: std::env::temp_dir() }
    }
}

/// Rows on their way into a temporary file.
#[derive(Debug)]
pub struct Spill {
    writer: Writer,
    words: Words,
    marker: Marker,
    gaps: Vec<GapMark>,
}

impl Spill {
    /// An empty spill. Its file has no name in `folder`, and nobody but its owner may open it.
    pub fn new(folder: &Path) -> Result<Self, RowsError> {
        let file = tempfile::tempfile_in(folder)
            .and_then(|file| {
                file.set_permissions(Permissions::from_mode(0o600))?;
                Ok(file)
            })
            .map_err(|error| RowsError {
                attempted: "make a temporary file for rows",
                reason: format!("{}: {error}", folder.display()),
            })?;
        Ok(Self::into_file(file))
    }

    /// An empty spill into `file`.
    fn into_file(file: File) -> Self {
        Self {
            writer: Writer::new(file),
            words: Words::default(),
            marker: Marker::default(),
            gaps: Vec::new(),
        }
    }

    /// Sets an entity aside. It has to be storable.
    pub fn entity(&mut self, it: &Entity) -> Result<(), RowsError> {
        let words = &mut self.words;
        let place = self.writer.record(|bytes| record::write_entity(bytes, words, it))?;
        self.marker.entity(it, place);
        Ok(())
    }

    /// Sets a relationship aside. It has to be storable.
    pub fn relationship(&mut self, it: &Relationship) -> Result<(), RowsError> {
        let words = &mut self.words;
        let place = self.writer.record(|bytes| record::write_relationship(bytes, words, it))?;
        self.marker.relationship(it, place);
        Ok(())
    }

    /// Sets a reference aside. It has to be storable.
    pub fn reference(&mut self, it: &Reference) -> Result<(), RowsError> {
        let words = &mut self.words;
        let place = self.writer.record(|bytes| record::write_reference(bytes, words, it))?;
        self.marker.reference(it, place);
        Ok(())
    }

    /// Sets a gap aside. It has to be storable.
    pub fn gap(&mut self, it: &Gap) -> Result<(), RowsError> {
        let place = self.writer.record(|bytes| record::write_gap(bytes, it))?;
        self.gaps.push(GapMark::new(it, place));
        Ok(())
    }

    /// Leaves one row of each identity, the one that came last. Gives how many entities came again with something else
    /// to say, which only a listing that is not consistent does.
    pub fn settle(&mut self) -> usize {
        self.marker.marks_mut().settle()
    }

    /// The rows, ready to be read.
    pub fn finish(mut self) -> Result<Spilled, RowsError> {
        self.settle();
        let (file, end) = self.writer.finish()?;
        let rows = Box::new(SpillFile::new(file, end, self.words));
        Ok(Spilled { marks: self.marker.finish(), gaps: self.gaps, rows })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_an_error_that_says_so() {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let mut spill = Spill::into_file(full);
        let gap = Gap {
            kind: orgraph_model::GapKind::Item,
            key: None,
            operation: "item".to_owned(),
            properties: Vec::new(),
            status: orgraph_model::Status::Partial,
            reason: "x".repeat(file::BUFFER_BYTES),
        };

        let error = spill.gap(&gap).and_then(|()| spill.finish()).unwrap_err();

        assert_eq!(error.attempted, "set rows aside in a temporary file");
        assert!(error.reason.contains("No space left on device"), "{error}");
    }
}
