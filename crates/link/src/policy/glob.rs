//! Patterns with `*` and `?`: compared with a text, and with each other.

/// One sign of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    /// This character.
    Is(char),
    /// One character, whatever it is.
    One,
    /// Any run of characters, an empty one too.
    Run,
}

use Sign::{Is, One, Run};

/// A pattern over a whole text. The time to compare it grows with the length of the text, not with the number of ways
/// in which the text could be divided: after a run has been left behind, it is never tried again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Glob {
    signs: Vec<Sign>,
    /// What every text that fits begins with.
    prefix: String,
    /// What every text that fits ends with.
    suffix: String,
    /// Which characters every text that fits has.
    letters: Letters,
}

impl Glob {
    /// The pattern with these signs; runs that follow each other are one.
    pub(crate) fn new(signs: impl IntoIterator<Item = Sign>) -> Self {
        let mut signs: Vec<Sign> = signs.into_iter().collect();
        signs.dedup_by(|one, other| *one == Run && *other == Run);
        let prefix = signs.iter().copied().map_while(letter).collect();
        let suffix: Vec<char> = signs.iter().rev().copied().map_while(letter).collect();
        let letters = Letters::of(signs.iter().copied().filter_map(letter));
        Self { prefix, suffix: suffix.into_iter().rev().collect(), letters, signs }
    }

    /// The pattern that is written so, without variables.
    pub(super) fn read(text: &str) -> Self {
        Self::new(text.chars().map(|it| match it {
            '*' => Run,
            '?' => One,
            letter => Is(letter),
        }))
    }

    /// The pattern that only this text fits.
    pub(super) fn literal(text: &str) -> Self {
        Self::new(text.chars().map(Is))
    }

    pub(super) fn signs(&self) -> &[Sign] {
        &self.signs
    }

    /// The one text that fits, if there is only one.
    pub(super) fn as_literal(&self) -> Option<&str> {
        self.signs.iter().all(|it| matches!(it, Is(_))).then_some(self.prefix.as_str())
    }

    /// Whether every text fits.
    pub(super) fn is_everything(&self) -> bool {
        self.signs == [Run]
    }

    /// Whether it ends with a run.
    pub(super) fn is_open(&self) -> bool {
        self.signs.last() == Some(&Run)
    }

    /// What every text that fits begins with.
    pub(super) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The longest run of characters that every text that fits has in it.
    pub(super) fn longest_literal(&self) -> String {
        let mut longest = String::new();
        for literal in self.signs.split(|it| !matches!(it, Is(_))) {
            let literal: String = literal.iter().copied().filter_map(letter).collect();
            if literal.len() > longest.len() {
                longest = literal;
            }
        }
        longest
    }

    /// Whether a text with these characters may fit.
    pub(super) fn may_fit(&self, letters: Letters) -> bool {
        letters.have(self.letters)
    }

    /// Whether the text fits.
    pub(crate) fn fits(&self, text: &str) -> bool {
        if !text.starts_with(&self.prefix) || !text.ends_with(&self.suffix) {
            return false;
        }
        let (mut at, mut rest) = (0, text);
        // What is behind the last run, and where in the text that was tried last.
        let mut retry: Option<(usize, &str)> = None;
        loop {
            let next = match self.signs.get(at) {
                Some(Run) if at + 1 == self.signs.len() => return true,
                Some(Run) => {
                    at += 1;
                    retry = Some((at, rest));
                    continue;
                }
                Some(One) => after_one(rest),
                Some(Is(letter)) => rest.strip_prefix(*letter),
                None if rest.is_empty() => return true,
                None => None,
            };
            if let Some(next) = next {
                (at, rest) = (at + 1, next);
                continue;
            }
            let Some((behind, tried)) = retry else { return false };
            let Some(later) = after_one(tried) else { return false };
            // The next place where what follows the run can begin.
            let later = match self.signs[behind] {
                Is(letter) => later.find(letter).map(|found| &later[found..]),
                One | Run => Some(later),
            };
            let Some(later) = later else { return false };
            retry = Some((behind, later));
            (at, rest) = (behind, later);
        }
    }

    /// Whether everything that fits the other fits this one too. Where that cannot be told, it does not.
    pub(super) fn covers(&self, inner: &Self) -> bool {
        covers(&self.signs, &inner.signs)
    }

    /// Whether some text fits both.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        overlaps(&self.signs, &other.signs)
    }
}

fn letter(sign: Sign) -> Option<char> {
    match sign {
        Is(letter) => Some(letter),
        One | Run => None,
    }
}

fn after_one(text: &str) -> Option<&str> {
    let mut letters = text.chars();
    letters.next().map(|_| letters.as_str())
}

/// Whether every text of the second pattern fits the first: its signs are read as if they were a text, of which only
/// a run can take a run.
pub(super) fn covers(outer: &[Sign], inner: &[Sign]) -> bool {
    let (mut at, mut from) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    loop {
        let takes = match (outer.get(at), inner.get(from)) {
            (Some(Run), _) => {
                at += 1;
                retry = Some((at, from));
                continue;
            }
            (None, None) => return true,
            (Some(One), Some(Is(_) | One)) => true,
            (Some(Is(one)), Some(Is(other))) => one == other,
            _ => false,
        };
        if takes {
            at += 1;
            from += 1;
            continue;
        }
        let Some((behind, tried)) = retry else { return false };
        if tried == inner.len() {
            return false;
        }
        retry = Some((behind, tried + 1));
        (at, from) = (behind, tried + 1);
    }
}

/// Whether some text fits both patterns.
pub(super) fn overlaps(one: &[Sign], other: &[Sign]) -> bool {
    // Which ends of `other` can be reached with what was read of `one`.
    let mut reached = vec![false; other.len() + 1];
    reached[0] = true;
    skip_runs(&mut reached, other);
    for sign in one {
        let mut next = vec![false; other.len() + 1];
        for at in 0..=other.len() {
            next[at] |= if *sign == Run {
                // It takes nothing, or one more sign of the other.
                reached[at] || (at > 0 && next[at - 1])
            } else {
                let both = at > 0 && reached[at - 1] && meets(*sign, other[at - 1]);
                let taken = reached[at] && at > 0 && other[at - 1] == Run;
                both || taken
            };
        }
        skip_runs(&mut next, other);
        reached = next;
    }
    reached[other.len()]
}

/// A run of the other pattern may be empty.
fn skip_runs(reached: &mut [bool], signs: &[Sign]) {
    for (at, sign) in signs.iter().enumerate() {
        if *sign == Run && reached[at] {
            reached[at + 1] = true;
        }
    }
}

fn meets(one: Sign, other: Sign) -> bool {
    match (one, other) {
        (Is(one), Is(other)) => one == other,
        (Run, _) | (_, Run) => false,
        _ => true,
    }
}

/// The set of characters of a text, as far as 64 bits tell them apart. Most texts that do not fit a pattern lack one
/// of its characters, which is seen without reading them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Letters(u64);

impl Letters {
    pub(super) fn of(text: impl IntoIterator<Item = char>) -> Self {
        Self(text.into_iter().fold(0, |set, letter| set | 1 << (u32::from(letter) % 64)))
    }

    fn have(self, needed: Self) -> bool {
        needed.0 & !self.0 == 0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_fits_as_a_person_would_say() {
        let check = |pattern: &str, text: &str, expected: bool| {
            assert_eq!(Glob::read(pattern).fits(text), expected, "{pattern} {text}");
        };

        check("", "", true);
        check("", "a", false);
        check("*", "", true);
        check("*", "a:b/c", true);
        check("a*", "a", true);
        check("a*c", "abc", true);
        check("a*c", "abcd", false);
        check("a*b*c", "a-b-b-c", true);
        check("a*b*c", "a-c-b", false);
        check("a?c", "abc", true);
        check("a?c", "aüc", true);
        check("a?c", "ac", false);
        check("*?", "", false);
        check("*a", "aaa", true);
        check("aba*aba", "aba", false);
        check("*ab?", "abababx", true);
    }

    #[test]
    fn a_pattern_that_could_divide_a_text_in_countless_ways_is_quick() {
        let pattern = Glob::read(&format!("{}c*b", "*a".repeat(60)));

        assert!(!pattern.fits(&format!("{}b", "a".repeat(100_000))));
    }

    #[test]
    fn one_pattern_covers_another_where_that_is_certain() {
        let check = |outer: &str, inner: &str, expected: bool| {
            assert_eq!(Glob::read(outer).covers(&Glob::read(inner)), expected, "{outer} {inner}");
        };

        check("*", "s3:Get*", true);
        check("s3:*", "s3:Get*", true);
        check("s3:Get*", "s3:*", false);
        check("s3:Get*", "s3:Get?bject", true);
        check("a?", "a*", false);
        check("a*", "a?", true);
        check("*a*", "*a*b", true);
        check("*b", "*a*b", true);
        check("b", "b", true);
        check("b*", "b", true);
        check("*", "", true);
        check("?", "", false);
    }

    #[test]
    fn two_patterns_overlap_where_some_text_fits_both() {
        let check = |one: &str, other: &str, expected: bool| {
            assert_eq!(Glob::read(one).overlaps(&Glob::read(other)), expected, "{one} {other}");
            assert_eq!(Glob::read(other).overlaps(&Glob::read(one)), expected, "{other} {one}");
        };

        check("*object", "get*", true);
        check("get*", "put*", false);
        check("a*", "*b", true);
        check("a?c", "ab*", true);
        check("a?c", "ab", false);
        check("*", "", true);
        check("?*", "", false);
        check("a*b*c", "*x*", true);
        check("abc", "abc", true);
        check("ab", "abc", false);
    }

    fn pattern() -> impl Strategy<Value = String> {
        "[ab*?]{0,7}"
    }

    /// The plain way, which tries everything.
    fn fits_slowly(pattern: &[char], text: &[char]) -> bool {
        match (pattern, text) {
            ([], []) => true,
            (['*', pattern @ ..], _) => (0..=text.len()).any(|it| fits_slowly(pattern, &text[it..])),
            (['?', pattern @ ..], [_, text @ ..]) => fits_slowly(pattern, text),
            ([one, pattern @ ..], [other, text @ ..]) => one == other && fits_slowly(pattern, text),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn the_quick_way_says_what_the_plain_way_says(pattern in pattern(), text in "[ab]{0,9}") {
            let signs: Vec<char> = pattern.chars().collect();
            let letters: Vec<char> = text.chars().collect();

            let glob = Glob::read(&pattern);
            let fits = glob.fits(&text);
            prop_assert_eq!(fits, fits_slowly(&signs, &letters));
            prop_assert!(!fits || glob.may_fit(Letters::of(text.chars())));
        }

        #[test]
        fn what_fits_a_covered_pattern_fits_the_one_that_covers(
            outer in pattern(), inner in pattern(), text in "[ab]{0,9}",
        ) {
            let (outer, inner) = (Glob::read(&outer), Glob::read(&inner));
            if outer.covers(&inner) && inner.fits(&text) {
                prop_assert!(outer.fits(&text));
            }
            if outer.fits(&text) && inner.fits(&text) {
                prop_assert!(outer.overlaps(&inner));
            }
            if !outer.overlaps(&inner) {
                prop_assert!(!(outer.fits(&text) && inner.fits(&text)));
            }
        }
    }
}
