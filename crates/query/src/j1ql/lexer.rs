//! Text to tokens. Comments and blanks end here.

use winnow::combinator::{alt, delimited, opt, preceded};
use winnow::error::EmptyError;
use winnow::prelude::*;
use winnow::stream::{LocatingSlice, Location};
use winnow::token::{any, one_of, take_until, take_while};

use super::ast::Span;
use super::diagnose::Diagnostic;

/// One token with its place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// A name or keyword.
    Word(String),
    /// Text in quotes.
    Text(String),
    /// A name in brackets, without them.
    Bracketed(String),
    /// Digits, with a fraction or not.
    Number(String),
    /// A sign.
    Sign(&'static str),
    /// After the last token.
    End,
}

impl Kind {
    /// How it is called in a message.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Word(word) => format!("`{}`", clip(word)),
            Self::Text(text) => format!("the text '{}'", clip(text)),
            Self::Bracketed(name) => format!("`[{}]`", clip(name)),
            Self::Number(number) => format!("the number {}", clip(number)),
            Self::Sign(sign) => format!("`{sign}`"),
            Self::End => "the end".to_owned(),
        }
    }
}

/// The beginning of something that may be very long.
pub(super) fn clip(text: &str) -> String {
    let clean: String =
        text.chars().map(|it| if it.is_control() { char::REPLACEMENT_CHARACTER } else { it }).collect();
    match clean.char_indices().nth(60) {
        Some((at, _)) => format!("{}…", &clean[..at]),
        None => clean,
    }
}

/// Longest first, so that `!=` is not `!` and `=`.
const SIGNS: [&str; 38] = [
    "!~=", "!^=", "!$=", "!=", "<=", ">=", "<<", ">>", "~=", "^=", "$=", "${", "{{", "}}", "=", "<", ">",
    "!", "(", ")", "?", ",", ".", "*", "+", "-", "/", "^", "|", "#", ":", "%", "{", "}", "&", ";", "@", "$",
];

type Input<'t> = LocatingSlice<&'t str>;

/// All tokens of `text`, the last one being [`Kind::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Diagnostic> {
    let mut input = LocatingSlice::new(text);
    let mut tokens = Vec::new();
    loop {
        skip_blanks(text, &mut input)?;
        let start = input.current_token_start();
        if start == text.len() {
            tokens.push(Token { kind: Kind::End, span: Span { start, end: start } });
            return Ok(tokens);
        }
        let Ok(kind) = token(&mut input) else { return Err(unreadable(text, start)) };
        let span = Span { start, end: input.current_token_start() };
        if let Kind::Text(value) | Kind::Bracketed(value) = &kind
            && value.contains('\0')
        {
            return Err(Diagnostic::at(text, span, "a value cannot contain the character NUL"));
        }
        tokens.push(Token { kind, span });
    }
}

fn skip_blanks(text: &str, input: &mut Input<'_>) -> Result<(), Diagnostic> {
    loop {
        let _: Result<&str, EmptyError> = take_while(0.., char::is_whitespace).parse_next(input);
        let start = input.current_token_start();
        if !text[start..].starts_with("/*") {
            return Ok(());
        }
        let comment: Result<(), EmptyError> = ("/*", take_until(0.., "*/"), "*/").void().parse_next(input);
        if comment.is_err() {
            let span = Span { start, end: start + 2 };
            return Err(Diagnostic::at(text, span, "this comment has no end").expecting(&["`*/`"]));
        }
    }
}

fn token(input: &mut Input<'_>) -> Result<Kind, EmptyError> {
    alt((word, number, quoted('\''), quoted('"'), bracketed, sign)).parse_next(input)
}

fn word(input: &mut Input<'_>) -> Result<Kind, EmptyError> {
    (
        one_of(|it: char| it.is_alphabetic() || it == '_'),
        take_while(0.., |it: char| it.is_alphanumeric() || it == '_'),
    )
        .take()
        .map(|it: &str| Kind::Word(it.to_owned()))
        .parse_next(input)
}

fn number(input: &mut Input<'_>) -> Result<Kind, EmptyError> {
    let digits = || take_while(1.., |it: char| it.is_ascii_digit());
    let exponent = (one_of(['e', 'E']), opt(one_of(['+', '-'])), digits());
    (digits(), opt(preceded('.', digits())), opt(exponent))
        .take()
        .map(|it: &str| Kind::Number(it.to_owned()))
        .parse_next(input)
}

/// A backslash stands before a quote or a backslash that is meant; before anything else it is itself.
fn quoted(quote: char) -> impl FnMut(&mut Input<'_>) -> Result<Kind, EmptyError> {
    move |input| {
        let mut value = String::new();
        quote.void().parse_next(input)?;
        loop {
            let character = any.parse_next(input)?;
            if character == quote {
                return Ok(Kind::Text(value));
            }
            if character != '\\' {
                value.push(character);
                continue;
            }
            match opt(one_of(['\\', '\'', '"'])).parse_next(input)? {
                Some(escaped) => value.push(escaped),
                None => value.push('\\'),
            }
        }
    }
}

/// `[tag.cost-center]`, or in quotes for a name with a bracket in it.
fn bracketed(input: &mut Input<'_>) -> Result<Kind, EmptyError> {
    let blanks = || take_while(0.., char::is_whitespace);
    let inner = alt((
        delimited((blanks(), '\'').void(), take_while(1.., |it: char| it != '\''), ('\'', blanks()).void()),
        delimited((blanks(), '"').void(), take_while(1.., |it: char| it != '"'), ('"', blanks()).void()),
        take_while(1.., |it: char| it != ']' && it != '[' && it != '\n')
            .map(str::trim)
            // What begins with a quote ends with it.
            .verify(|it: &str| !it.starts_with(['\'', '"'])),
    ));
    delimited('[', inner, ']')
        .verify(|it: &str| !it.is_empty())
        .map(|it: &str| Kind::Bracketed(it.to_owned()))
        .parse_next(input)
}

fn sign(input: &mut Input<'_>) -> Result<Kind, EmptyError> {
    for sign in SIGNS {
        let found: Option<&str> = opt(sign).parse_next(input)?;
        if found.is_some() {
            return Ok(Kind::Sign(sign));
        }
    }
    Err(EmptyError)
}

fn unreadable(text: &str, start: usize) -> Diagnostic {
    let character = text[start..].chars().next().unwrap_or_default();
    let span = Span { start, end: start + character.len_utf8() };
    match character {
        '\'' | '"' => Diagnostic::at(text, span, "this text has no end").expecting(&[if character == '"' {
            "`\"`"
        } else {
            "`'`"
        }]),
        '[' => Diagnostic::at(text, span, "this is not a name in brackets").expecting(&["`[name]`"]),
        '“' | '”' | '„' | '‘' | '’' => {
            Diagnostic::at(text, span, "typographic quotes do not enclose text").expecting(&["`'`", "`\"`"])
        }
        '\0' => Diagnostic::at(text, span, "a question cannot contain the character NUL"),
        other => Diagnostic::at(
            text,
            span,
            format!("the character `{}` has no meaning here", other.escape_debug()),
        ),
    }
}
