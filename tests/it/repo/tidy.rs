//! Words that may stand in some places only.

use super::{assert_none, files};

/// A word that may stand in a few places only.
struct Reserved {
    word: &'static str,
    /// The files it may stand in, and how often.
    places: &'static [(&'static str, usize)],
    /// Why it may stand nowhere else.
    why: &'static str,
}

const RESERVED: &[Reserved] = &[
    Reserved {
        word: ".into_paginator(",
        places: &[("crates/collect/src/pages.rs", 1)],
        why: "the SDK's paginator takes a repeated page for the end of the listing; use pages!",
    },
    Reserved {
        word: "AssertSqlSafe(",
        places: &[
            ("crates/embedded/src/server.rs", 1),
            ("crates/query/src/j1ql/compile.rs", 1),
            ("crates/query/src/reader.rs", 1),
            ("crates/query/src/run.rs", 1),
            ("crates/store/src/type_view.rs", 1),
            ("crates/testkit/src/db.rs", 1),
        ],
        why: "SQL is text in the program; values are bound",
    },
    Reserved {
        word: "SystemTime::now",
        places: &[("crates/daemon/src/clock.rs", 1)],
        why: "time is an argument; only the daemon reads the clock",
    },
    Reserved {
        word: "Utc::now",
        places: &[("crates/daemon/src/clock.rs", 1)],
        why: "time is an argument; only the daemon reads the clock",
    },
];

#[test]
fn dangerous_words_stand_where_they_are_guarded() {
    let mut wrong = Vec::new();
    for file in files(&[".rs"]).iter().filter(|it| is_product(&it.path)) {
        for Reserved { word, places, why } in RESERVED {
            let allowed = places.iter().find(|it| it.0 == file.path).map_or(0, |it| it.1);
            let found = code(&file.text).filter(|it| it.contains(word)).count();
            if found > allowed {
                wrong.push(format!("{}: {word} {found} times, allowed {allowed}: {why}", file.path));
            }
        }
    }
    assert_none("words where they are not guarded", &wrong);
}

#[test]
fn only_the_command_line_prints() {
    let mut wrong = Vec::new();
    for file in files(&[".rs"]).iter().filter(|it| is_product(&it.path)) {
        if file.path.starts_with("crates/daemon/src/cli") || file.path.starts_with("crates/testkit/") {
            continue;
        }
        for word in ["println!(", "print!(", "dbg!("] {
            let found = code(&file.text).filter(|it| it.trim_start().starts_with(word)).count();
            if found > 0 {
                wrong.push(format!("{}: {word}", file.path));
            }
        }
    }
    assert_none("printing outside the command line", &wrong);
}

#[test]
fn lints_are_silenced_with_a_reason() {
    // Put together here, so that this file does not find itself.
    let silenced = ["#", "#!"].map(|it| it.to_owned() + "[allow(");
    let mut wrong = Vec::new();
    for file in files(&[".rs"]) {
        if code(&file.text).any(|it| silenced.iter().any(|word| it.contains(word))) {
            wrong.push(format!("{}: use #[expect(…, reason = \"…\")]", file.path));
        }
    }
    assert_none("lints silenced without a reason", &wrong);
}

#[test]
fn nothing_is_left_to_do_in_silence() {
    let words = ["TO".to_owned() + "DO", "FIX".to_owned() + "ME", "X".repeat(3)];
    let mut wrong = Vec::new();
    for file in files(&[".rs", ".py", ".sql", ".sh", ".toml"]) {
        for (at, line) in file.text.lines().enumerate() {
            if words.iter().any(|it| line.split(|it: char| !it.is_alphanumeric()).any(|word| word == it)) {
                wrong.push(format!("{}:{}: {}", file.path, at + 1, line.trim()));
            }
        }
    }
    assert_none("left to do", &wrong);
}

#[test]
fn the_repository_is_at_home_nowhere() {
    // Put together here, so that this file does not find itself.
    let words = [
        "/wo".to_owned() + "rk/",
        "/opt/whe".to_owned() + "els",
        "--index".to_owned() + "-url",
        "/root".to_owned() + "/",
    ];
    let mut wrong = Vec::new();
    for file in files(&[
        ".rs", ".py", ".sql", ".sh", ".toml", ".md", ".txt", ".yaml", ".yml", ".json", "Makefile", "run",
    ]) {
        for (at, line) in file.text.lines().enumerate() {
            for word in words.iter().filter(|it| line.contains(it.as_str())) {
                wrong.push(format!("{}:{}: {word}", file.path, at + 1));
            }
        }
    }
    assert_none("paths and hosts of one machine", &wrong);
}

#[test]
fn every_dependency_comes_from_the_default_registry() {
    let lock = files(&["Cargo.lock"]);
    let sources = lock.iter().flat_map(|it| it.text.lines()).filter(|it| it.starts_with("source = "));
    let foreign: Vec<String> = sources
        .filter(|it| *it != "source = \"registry+https://github.com/rust-lang/crates.io-index\"")
        .map(str::to_owned)
        .collect();
    assert_none("dependencies from elsewhere", &foreign);
}

/// Whether a file is part of what is shipped, and not a test or a benchmark.
fn is_product(path: &str) -> bool {
    let is_beside =
        ["/tests/", "/benches/"].iter().any(|it| path.contains(it)) || path.ends_with("/build.rs");
    path.starts_with("crates/") && !is_beside
}

/// The lines of code before the unit tests, without comments.
fn code(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().take_while(|it| it.trim() != "#[cfg(test)]" || it.starts_with(' '));
    lines.filter(|it| !it.trim_start().starts_with("//"))
}
