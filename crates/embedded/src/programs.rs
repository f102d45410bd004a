//! Where the PostgreSQL server programs are.

use crate::{EmbeddedError, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The oldest major version the graph's SQL runs on.
pub const MIN_MAJOR: u32 = 15;

const NEEDED: [&str; 3] = ["initdb", "pg_ctl", "postgres"];

/// A directory with the server programs of one PostgreSQL version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Programs {
    bin_dir: PathBuf,
    major: u32,
}

impl Programs {
    /// Looks for server programs: in `bin_dir` alone if given, else where packages put them, newest first.
    ///
    /// Order: `/usr/lib/postgresql/*/bin`, `/usr/pgsql-*/bin`, Homebrew, Postgres.app, the search path,
    /// `pg_config --bindir`.
    pub fn find(bin_dir: Option<&Path>) -> Result<Self> {
        match bin_dir {
            Some(bin_dir) => Self::configured(bin_dir),
            None => Places::of_this_machine().newest().ok_or(EmbeddedError::NoPrograms),
        }
    }

    /// As [`find`](Self::find), for data that only this major version can read.
    pub(crate) fn find_for(bin_dir: Option<&Path>, data_dir: &Path, major: u32) -> Result<Self> {
        let wrong =
            |found: String| EmbeddedError::Major { data_dir: data_dir.to_path_buf(), needed: major, found };
        if let Some(bin_dir) = bin_dir {
            let programs = Self::configured(bin_dir)?;
            return if programs.major == major {
                Ok(programs)
            } else {
                Err(wrong(format!("{} holds PostgreSQL {}", bin_dir.display(), programs.major)))
            };
        }
        let places = Places::of_this_machine();
        places.of_major(major).ok_or_else(|| match places.newest() {
            Some(other) => wrong(format!("only PostgreSQL {} was found", other.major)),
            None => wrong("no PostgreSQL server programs were found".to_owned()),
        })
    }

    /// The directory.
    pub fn bin_dir(&self) -> &Path {
        &self.bin_dir
    }

    /// The major version, such as 17.
    pub fn major(&self) -> u32 {
        self.major
    }

    /// The path of one program, such as `pg_ctl`.
    pub fn path(&self, program: &str) -> PathBuf {
        self.bin_dir.join(program)
    }

    fn configured(bin_dir: &Path) -> Result<Self> {
        let refused = |why: String| EmbeddedError::BinDir { bin_dir: bin_dir.to_path_buf(), why };
        if let Some(missing) = NEEDED.iter().find(|program| !bin_dir.join(program).is_file()) {
            return Err(refused(format!("it has no {missing}")));
        }
        match Self::in_directory(bin_dir) {
            Some(programs) if programs.major >= MIN_MAJOR => Ok(programs),
            Some(programs) => Err(refused(format!(
                "it holds PostgreSQL {}, {MIN_MAJOR} or newer is needed",
                programs.major
            ))),
            None => Err(refused("`postgres --version` there gives no version".to_owned())),
        }
    }

    fn in_directory(bin_dir: &Path) -> Option<Self> {
        if NEEDED.iter().any(|program| !bin_dir.join(program).is_file()) {
            return None;
        }
        let out = Command::new(bin_dir.join("postgres"))
            .arg("--version")
            .current_dir("/")
            .stdin(Stdio::null())
            .output()
            .ok()?;
        let major = major_of(&String::from_utf8_lossy(&out.stdout))?;
        Some(Self { bin_dir: bin_dir.to_path_buf(), major })
    }
}

/// Reads `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)`, also `18beta1`.
fn major_of(version: &str) -> Option<u32> {
    let number = version.split("(PostgreSQL)").nth(1)?.trim_start();
    let digits = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
    number[..digits].parse().ok()
}

/// Directories to look into, in order of preference.
struct Places {
    bin_dirs: Vec<PathBuf>,
}

impl Places {
    fn of_this_machine() -> Self {
        Self::under(Path::new("/"), std::env::var_os("PATH").as_deref())
    }

    /// `root` stands before every fixed path, so that a test can look at an empty machine.
    fn under(root: &Path, search_path: Option<&OsStr>) -> Self {
        let patterns = [
            ("usr/lib/postgresql", "", "bin"),
            ("usr", "pgsql-", "bin"),
            ("opt/homebrew/opt", "postgresql", "bin"),
            ("usr/local/opt", "postgresql", "bin"),
            ("Applications/Postgres.app/Contents/Versions", "", "bin"),
        ];
        let mut bin_dirs = Vec::new();
        for (parent, prefix, rest) in patterns {
            let mut found: Vec<PathBuf> = std::fs::read_dir(root.join(parent))
                .into_iter()
                .flatten()
                .flatten()
                .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
                .map(|entry| entry.path().join(rest))
                .filter(|bin_dir| bin_dir.join("initdb").is_file())
                .collect();
            found.sort();
            bin_dirs.append(&mut found);
        }
        if let Ok(mut all) = which::which_in_all("initdb", search_path, root) {
            bin_dirs.extend(
                all.by_ref().filter_map(|initdb| initdb.canonicalize().ok()?.parent().map(Path::to_path_buf)),
            );
        }
        if let Ok(pg_config) = which::which_in("pg_config", search_path, root)
            && let Ok(out) = Command::new(pg_config).arg("--bindir").stdin(Stdio::null()).output()
            && out.status.success()
        {
            bin_dirs.push(PathBuf::from(String::from_utf8_lossy(&out.stdout).trim()));
        }
        Self { bin_dirs }
    }

    fn of_major(&self, major: u32) -> Option<Programs> {
        self.bin_dirs
            .iter()
            .filter_map(|bin_dir| Programs::in_directory(bin_dir))
            .find(|programs| programs.major == major)
    }

    /// The highest major version; among equals the first place wins.
    fn newest(&self) -> Option<Programs> {
        let mut by_major = BTreeMap::new();
        for programs in self.bin_dirs.iter().filter_map(|bin_dir| Programs::in_directory(bin_dir)) {
            by_major.entry(programs.major).or_insert(programs);
        }
        by_major.pop_last().map(|(_, programs)| programs).filter(|programs| programs.major >= MIN_MAJOR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn install(root: &Path, bin_dir: &str, version: &str) -> PathBuf {
        let bin_dir = root.join(bin_dir);
        std::fs::create_dir_all(&bin_dir).unwrap();
        for program in NEEDED {
            // Written by another process: a file this one holds open for writing while a parallel test
            // forks cannot be executed ("text file busy").
            let script = format!("#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n");
            let status = Command::new("sh")
                .args(["-c", r#"printf %s "$1" > "$2" && chmod 755 "$2""#, "sh", &script])
                .arg(bin_dir.join(program))
                .status();
            assert!(status.unwrap().success());
        }
        bin_dir
    }

    #[test]
    fn the_newest_version_wins_wherever_it_is() {
        let root = tempfile::tempdir().unwrap();
        install(root.path(), "usr/lib/postgresql/9/bin", "9.6.1");
        install(root.path(), "usr/lib/postgresql/15/bin", "15.14 (Debian 15.14-0+deb12u1)");
        let newest = install(root.path(), "usr/pgsql-17/bin", "17.2");
        install(root.path(), "opt/homebrew/opt/postgresql@16/bin", "16.0");

        let places = Places::under(root.path(), None);

        assert_eq!(places.newest(), Some(Programs { bin_dir: newest, major: 17 }));
        assert_eq!(places.of_major(16).map(|programs| programs.major), Some(16));
        assert_eq!(places.of_major(18), None);
    }

    #[test]
    fn programs_on_the_search_path_count_and_too_old_ones_do_not() {
        let root = tempfile::tempdir().unwrap();
        let odd = install(root.path(), "odd/bin", "18beta1");
        let old = install(root.path(), "old/bin", "13.3");

        let found = Places::under(root.path(), Some(odd.as_os_str())).newest();
        let too_old = Places::under(root.path(), Some(old.as_os_str())).newest();

        assert_eq!(found.map(|programs| programs.major), Some(18));
        assert_eq!(too_old, None);
    }

    #[test]
    fn an_empty_machine_gets_one_error_with_three_ways_out() {
        let root = tempfile::tempdir().unwrap();

        let error =
            Places::under(root.path(), Some(OsStr::new(""))).newest().ok_or(EmbeddedError::NoPrograms);

        let message = error.unwrap_err().to_string();
        for way_out in
            ["apt install postgresql", "brew install", "`database.url`", "`database.embedded.bin_dir`"]
        {
            assert!(message.contains(way_out), "{way_out} is missing in: {message}");
        }
    }
}
