//! The graph in memory, once for all who ask.
//!
//! It is read when somebody asks for paths, kept for a minute, and then forgotten: who asks meanwhile asks the same one.
//! There is never a second one, however many ask, so that memory is bounded by `query.max_graph_mib`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use orgraph_query::Reader;
use orgraph_query::paths::{Graph, Limits, PathError};
use tokio::sync::{OwnedRwLockReadGuard, RwLock};

/// How long a graph is kept, and so how old an answer may be.
const KEPT: Duration = Duration::from_mins(1);

/// The place for one graph. Cheap to clone.
#[derive(Clone)]
pub(super) struct KeptGraph {
    place: Arc<RwLock<Option<Graph>>>,
    limits: Limits,
}

/// The graph, for as long as somebody asks it.
pub(super) type Borrowed = OwnedRwLockReadGuard<Option<Graph>, Graph>;

impl KeptGraph {
    pub(super) fn new(max_mib: u32) -> Self {
        Self { place: Arc::default(), limits: Limits { max_bytes: u64::from(max_mib) << 20 } }
    }

    /// The graph that is kept, or a new one. One request reads it while the others wait.
    pub(super) async fn borrow(&self, reader: &Reader, timeout: Duration) -> Result<Borrowed, PathError> {
        loop {
            let place = Arc::clone(&self.place).read_owned().await;
            if let Ok(graph) = OwnedRwLockReadGuard::try_map(place, Option::as_ref) {
                return Ok(graph);
            }
            // Whoever is being answered from an older one has ended when this is given.
            let mut place = Arc::clone(&self.place).write_owned().await;
            if place.is_none() {
                *place = Some(reader.load_graph(&self.limits, timeout).await?);
                tokio::spawn(forget(Arc::clone(&self.place)));
            }
        }
    }
}

async fn forget(place: Arc<RwLock<Option<Graph>>>) {
    tokio::time::sleep(KEPT).await;
    *place.write().await = None;
}

/// Whether somebody waits for the answer: no longer when the request has ended.
pub(super) struct Waiting(Arc<AtomicBool>);

impl Waiting {
    pub(super) fn new() -> Self {
        Self(Arc::new(AtomicBool::new(true)))
    }

    /// For who computes.
    pub(super) fn flag(&self) -> impl Fn() -> bool + Send + Sync + 'static {
        let flag = Arc::clone(&self.0);
        move || flag.load(Ordering::Relaxed)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}
