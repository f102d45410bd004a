//! Hides secrets in the text that is shown with a problem. Every masked byte becomes one `*`, so that lines and
//! columns stay where they were.

use std::ops::Range;

use toml::de::DeValue;

use crate::tree::Node;

/// The text without what is written in `spans`.
pub(crate) fn mask(text: &str, spans: &[Range<usize>]) -> String {
    let mut masked = String::with_capacity(text.len());
    for (at, letter) in text.char_indices() {
        let hidden = spans.iter().any(|span| span.contains(&at)) && !matches!(letter, '\n' | '\r');
        if hidden {
            masked.extend(std::iter::repeat_n('*', letter.len_utf8()));
        } else {
            masked.push(letter);
        }
    }
    masked
}

/// Everything written as the value of an option that holds a secret, wherever it is.
pub(crate) fn secrets(tree: &Node<'_>, is_secret: &dyn Fn(&str) -> bool) -> Vec<Range<usize>> {
    match tree.get_ref() {
        DeValue::Table(table) => table
            .iter()
            .flat_map(
                |(key, child)| {
                    if is_secret(key.get_ref()) { values(child) } else { secrets(child, is_secret) }
                },
            )
            .collect(),
        DeValue::Array(items) => items.iter().flat_map(|child| secrets(child, is_secret)).collect(),
        _ => Vec::new(),
    }
}

/// Every single value under a node, without the quotes around it.
pub(crate) fn values(node: &Node<'_>) -> Vec<Range<usize>> {
    let span = node.span();
    match node.get_ref() {
        DeValue::Table(table) => table.values().flat_map(values).collect(),
        DeValue::Array(items) => items.iter().flat_map(values).collect(),
        DeValue::String(_) if span.len() >= 2 => {
            Vec::from([Range { start: span.start + 1, end: span.end - 1 }])
        }
        _ => Vec::from([span]),
    }
}

/// Secrets that were commented out.
pub(crate) fn comments(text: &str, is_secret: &dyn Fn(&str) -> bool) -> Vec<Range<usize>> {
    lines(text)
        .filter_map(|line| {
            let comment = line.start + text[line.clone()].find('#')?;
            let value = comment + text[comment..line.end].find('=')? + 1;
            text[comment..value]
                .split(|letter: char| !(letter.is_alphanumeric() || letter == '_'))
                .any(is_secret)
                .then_some(value..line.end)
        })
        .collect()
}

/// For a file that is not TOML, where nobody can say what belongs to what: every value, unless it is on a line of
/// its own with the name of an option that holds no secret.
pub(crate) fn unparsed(text: &str, is_plain: &dyn Fn(&str) -> bool) -> Vec<Range<usize>> {
    lines(text)
        .filter_map(|line| {
            let written = text[line.clone()].trim();
            if written.is_empty() || (written.starts_with('[') && !written.contains('=')) {
                return None;
            }
            let Some((name, value)) = text[line.clone()].split_once('=') else {
                return Some(line);
            };
            let is_shown = is_plain(name.trim().trim_matches(['"', '\''])) && !value.contains('=');
            (!is_shown).then(|| line.end - value.len()..line.end)
        })
        .collect()
}

fn lines(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.split_inclusive('\n').scan(0, |start, line| {
        let range = *start..*start + line.trim_end_matches(['\n', '\r']).len();
        *start += line.len();
        Some(range)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_text_keeps_its_length_and_lines() {
        let text = "a = \"größe\nb\"\n";

        let masked = mask(text, &[Range { start: 5, end: 13 }]);

        assert_eq!(masked, "a = \"*******\nb\"\n");
        assert_eq!(masked.len(), text.len());
    }

    #[test]
    fn a_secret_that_was_commented_out_is_found() {
        let text = "# external_id = \"x\"\nname = \"a\" # url = \"y\"\n# prose = z\n";

        let found = comments(text, &|name| ["external_id", "url"].contains(&name));

        let found: Vec<&str> = found.into_iter().map(|span| &text[span]).collect();
        assert_eq!(found, [" \"x\"", " \"y\""]);
    }

    #[test]
    fn in_a_file_that_is_not_toml_only_lines_of_plain_options_are_shown() {
        let text = "[organization\nexternal_id = x\nextrenal_id = y\nname = \"a\n  z\naccount = { external_id = x }\n";

        let masked = mask(text, &unparsed(text, &|name| ["name", "account"].contains(&name)));

        let shown = "[organization\nexternal_id =**\nextrenal_id =**\nname = \"a\n***\naccount =********************\n";
        assert_eq!(masked, shown);
    }
}
