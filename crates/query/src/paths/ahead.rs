//! Relationships, read on a connection of their own while the entities are still being read on another.

use std::time::Duration;

use futures_util::TryStreamExt;
use sqlx::PgConnection;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::PathError;
use super::copy::{CopyReader, Row, identity, number};
use crate::AskError;

/// A relationship as the database sends it. Identities as bytes take no room for alignment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sent {
    pub(super) from: [u8; 16],
    pub(super) to: [u8; 16],
    /// The number of its kind in the database, times 256, and its flags.
    pub(super) kind_and_flags: u32,
}

/// How many relationships are handed on together.
const TOGETHER: usize = 2048;
/// How many such pieces may wait: 76 MB, what comes while a million entities are read.
const PIECES: usize = 1024;

/// What was read and waits to be taken. When it is dropped the reading ends, and its connection is closed.
pub(super) struct Ahead {
    pieces: mpsc::Receiver<Vec<Sent>>,
    reading: JoinSet<Result<(), PathError>>,
}

impl Ahead {
    /// Begins to read what a statement copies.
    pub(super) fn begin(connection: PgConnection, statement: String, timeout: Duration) -> Self {
        let (sender, pieces) = mpsc::channel(PIECES);
        let mut reading = JoinSet::new();
        reading.spawn(read(connection, statement, timeout, sender));
        Self { pieces, reading }
    }

    /// Some relationships; nothing when these were all.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<Sent>>, PathError> {
        if let Some(piece) = self.pieces.recv().await {
            return Ok(Some(piece));
        }
        match self.reading.join_next().await {
            None => Ok(None),
            Some(Ok(ended)) => ended.map(|()| None),
            Some(Err(_)) => Err(PathError::Copy("the relationships were not read to their end")),
        }
    }
}

async fn read(
    mut connection: PgConnection,
    statement: String,
    timeout: Duration,
    sender: mpsc::Sender<Vec<Sent>>,
) -> Result<(), PathError> {
    let failed = |error| AskError::database("read the relationships", timeout, None, error);
    let mut reader = CopyReader::new();
    let mut piece = Vec::with_capacity(TOGETHER);
    let mut rows = connection.copy_out_raw(&statement).await.map_err(failed)?;
    while let Some(bytes) = rows.try_next().await.map_err(failed)? {
        reader.read(&bytes, |[from, to, kind_and_flags]: Row<'_, 3>| {
            let (from, to) = (identity(from)?.to_be_bytes(), identity(to)?.to_be_bytes());
            piece.push(Sent { from, to, kind_and_flags: number(kind_and_flags)? });
            Ok(())
        })?;
        if piece.len() >= TOGETHER {
            let full = std::mem::replace(&mut piece, Vec::with_capacity(TOGETHER));
            // Nobody waits for the rest when loading was given up.
            if sender.send(full).await.is_err() {
                return Ok(());
            }
        }
    }
    reader.finish()?;
    drop(sender.send(piece).await);
    Ok(())
}
