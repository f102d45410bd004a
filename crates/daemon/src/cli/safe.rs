//! Text that comes from AWS, made harmless for a terminal.

use std::fmt::{self, Write as _};

/// Shows control characters, escape sequences, bidirectional overrides and zero-width characters escaped.
pub(crate) struct Safe<'a>(pub(crate) &'a str);

impl fmt::Display for Safe<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            if is_harmful(character) {
                write!(f, "\\u{{{:x}}}", u32::from(character))?;
            } else {
                f.write_char(character)?;
            }
        }
        Ok(())
    }
}

fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_never_reach_the_terminal() {
        let shown = Safe("a\u{1b}[31mb\rc\u{202e}d\u{200b}é").to_string();

        assert_eq!(shown, "a\\u{1b}[31mb\\u{d}c\\u{202e}d\\u{200b}é");
    }
}
