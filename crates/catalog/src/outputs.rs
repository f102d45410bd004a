//! Every generated file, and whether the ones on disk are what would be generated.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::render;

/// Folders that hold nothing but generated files, so that one too many is noticed.
const OWN_FOLDERS: [&str; 2] = ["deploy/iam", "docs/data-model"];

/// A generated file that is not as it would be generated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The file, relative to the root of the repository.
    pub path: PathBuf,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a generated file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// It is not there.
    Missing,
    /// It differs; the first line that does.
    Differs {
        /// The line's number, from 1.
        line: usize,
    },
    /// Nothing would generate it.
    LeftOver,
    /// It cannot be read.
    Unreadable(String),
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.problem {
            Problem::Missing => write!(f, "{path} is missing"),
            Problem::Differs { line } => write!(f, "{path} differs from line {line} on"),
            Problem::LeftOver => write!(f, "{path} is no longer generated"),
            Problem::Unreadable(why) => write!(f, "{path} cannot be read: {why}"),
        }
    }
}

/// Every generated file: its path relative to the root of the repository, and its text.
pub fn outputs() -> Vec<(PathBuf, String)> {
    let mut outputs = Vec::new();
    outputs.extend(render::iam::files());
    outputs.extend(render::cloudformation::files());
    outputs.extend(render::terraform::files());
    outputs.extend(render::data_model::files());
    outputs.extend(render::coverage::files());
    outputs
}

/// Compares the files below `root` with what would be generated.
pub fn check(root: &Path) -> Vec<Difference> {
    let outputs = outputs();
    let mut differences = Vec::new();
    for (path, text) in &outputs {
        let problem = match std::fs::read_to_string(root.join(path)) {
            Ok(found) if found == *text => continue,
            Ok(found) => Problem::Differs { line: first_difference(&found, text) },
            Err(error) if error.kind() == io::ErrorKind::NotFound => Problem::Missing,
            Err(error) => Problem::Unreadable(error.to_string()),
        };
        differences.push(Difference { path: path.clone(), problem });
    }
    for folder in OWN_FOLDERS {
        match left_over(root, folder, &outputs) {
            Ok(paths) => differences
                .extend(paths.into_iter().map(|path| Difference { path, problem: Problem::LeftOver })),
            Err(error) => {
                let problem = Problem::Unreadable(error.to_string());
                differences.push(Difference { path: folder.into(), problem });
            }
        }
    }
    differences
}

/// Makes the files below `root` what would be generated, and says which ones changed.
pub fn write(root: &Path) -> io::Result<Vec<PathBuf>> {
    let outputs = outputs();
    let mut changed = Vec::new();
    for (path, text) in &outputs {
        let target = root.join(path);
        if std::fs::read_to_string(&target).is_ok_and(|it| it == *text) {
            continue;
        }
        if let Some(folder) = target.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&target, text)?;
        changed.push(path.clone());
    }
    for folder in OWN_FOLDERS {
        for path in left_over(root, folder, &outputs)? {
            std::fs::remove_file(root.join(&path))?;
            changed.push(path);
        }
    }
    Ok(changed)
}

fn left_over(root: &Path, folder: &str, outputs: &[(PathBuf, String)]) -> io::Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(root.join(folder)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = Path::new(folder).join(entry?.file_name());
        if !outputs.iter().any(|it| it.0 == path) {
            paths.push(path);
        }
    }
    paths.sort_unstable();
    Ok(paths)
}

fn first_difference(found: &str, expected: &str) -> usize {
    let same = found.lines().zip(expected.lines()).take_while(|(found, expected)| found == expected);
    same.count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_passes_the_check_and_is_written_once() {
        let root = tempfile::tempdir().unwrap();

        let first = write(root.path()).unwrap();
        let second = write(root.path()).unwrap();

        assert_eq!(first.len(), outputs().len());
        assert_eq!(second, Vec::<PathBuf>::new());
        assert_eq!(check(root.path()), Vec::new());
    }

    #[test]
    fn every_way_to_differ_is_found_and_mended() {
        let root = tempfile::tempdir().unwrap();
        write(root.path()).unwrap();
        let edited = root.path().join("docs/coverage.md");
        let text = std::fs::read_to_string(&edited).unwrap();
        std::fs::write(&edited, text.replacen("\n\n", "\n\nEdited by hand.\n", 1)).unwrap();
        std::fs::write(root.path().join("docs/data-model/old.md"), "old").unwrap();
        std::fs::remove_file(root.path().join("deploy/iam/orgraph-hub.json")).unwrap();

        let found: Vec<String> = check(root.path()).iter().map(ToString::to_string).collect();
        let mended = write(root.path()).unwrap();

        assert_eq!(
            found,
            [
                "deploy/iam/orgraph-hub.json is missing",
                "docs/coverage.md differs from line 3 on",
                "docs/data-model/old.md is no longer generated",
            ]
        );
        assert_eq!(mended.len(), 3);
        assert_eq!(check(root.path()), Vec::new());
    }

    #[test]
    fn every_file_says_that_it_is_generated_and_ends_with_a_line_break() {
        for (path, text) in outputs() {
            let json = path.extension().is_some_and(|it| it == "json");
            let first = text.lines().next().unwrap_or_default();
            assert!(json || first.contains("Generated by `orgraph catalog write`"), "{}", path.display());
            assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{}", path.display());
        }
    }
}
