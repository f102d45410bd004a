//! What has to hold for the repository: who may know whom, which words stand where, and that documents are true.

mod documents;
mod layers;
mod queries;
mod tidy;

pub(crate) use queries::queries;

use std::fs;
use std::path::{Path, PathBuf};

/// Folders that are built, fetched or recorded, at any depth.
const PASSED_OVER: [&str; 6] = [".demo", ".git", ".venv", "__pycache__", "fixtures", "target"];

/// The root of the repository.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests are a folder of the repository")
}

/// A text file of the repository.
struct File {
    /// Its path from the root, with `/`.
    path: String,
    text: String,
}

/// Every text file whose name ends with one of `endings`.
fn files(endings: &[&str]) -> Vec<File> {
    let mut files = Vec::new();
    let mut folders = vec![root().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_symlink() || PASSED_OVER.contains(&name.as_str()) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if endings.iter().any(|it| name.ends_with(it)) {
                files.push(File { path: relative(&path), text: fs::read_to_string(&path).unwrap() });
            }
        }
    }
    files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    assert!(!files.is_empty(), "no files end with {endings:?}");
    files
}

fn relative(path: &Path) -> String {
    let parts = path.strip_prefix(root()).unwrap().components();
    parts.map(|it| it.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// Fails with everything that is wrong, at once.
pub(crate) fn assert_none(what: &str, wrong: &[String]) {
    assert!(wrong.is_empty(), "{what}:\n{}", wrong.join("\n"));
}

/// A path inside the repository.
pub(crate) fn inside(path: &str) -> PathBuf {
    root().join(path)
}
