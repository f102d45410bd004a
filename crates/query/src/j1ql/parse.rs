//! Tokens to a tree, by recursive descent: one function per part of the language, each saying what it expected.

mod condition;
mod returns;
mod value;

use super::ast::{
    Direction, Hop, Optional, Pattern, Place, Query, Selector, Span, Spanned, Traversal, Verbs,
};
use super::diagnose::Diagnostic;
use super::lexer::{self, Kind, Token, clip};
use super::words::nearest;

/// The longest question, in bytes.
const LONGEST: usize = 64 * 1024;
/// How deep parentheses may be nested.
const DEEPEST: usize = 48;
/// How many relationships one question may follow.
const MOST_HOPS: usize = 12;
/// How many comparisons, values and columns one question may have.
const MOST_PARTS: usize = 2000;

/// Words that begin a part of a question, and so are no names.
const KEYWORDS: [&str; 20] = [
    "FIND",
    "UNIQUE",
    "WITH",
    "THAT",
    "AS",
    "WHERE",
    "RETURN",
    "ORDER",
    "BY",
    "SKIP",
    "LIMIT",
    "AND",
    "OR",
    "ASC",
    "DESC",
    "TRUE",
    "FALSE",
    "NULL",
    "UNDEFINED",
    "DATE",
];

type Parsed<T> = Result<T, Diagnostic>;

/// Reads a question.
///
/// # Errors
/// What is wrong with it and where, when it is not one.
pub fn parse(text: &str) -> Result<Query, Diagnostic> {
    if text.len() > LONGEST {
        let span = Span { start: LONGEST, end: LONGEST };
        return Err(Diagnostic::at(text, span, format!("a question has at most {LONGEST} bytes")));
    }
    let tokens = lexer::tokens(text)?;
    Parser { text, tokens, at: 0, depth: 0, hops: 0, parts: 0 }.query()
}

struct Parser<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    hops: usize,
    parts: usize,
}

impl Parser<'_> {
    fn query(&mut self) -> Parsed<Query> {
        let has_find = self.keyword("FIND");
        if !has_find && !matches!(self.kind(), Kind::Text(_)) {
            return Err(self.unexpected(&["`FIND`"]));
        }
        let unique = self.keyword("UNIQUE");
        let start = self.selector()?;
        let steps = self.traversals()?;
        let filter = if self.keyword("WHERE") { Some(self.condition(true)?) } else { None };
        let returns = if self.keyword("RETURN") { Some(self.returns()?) } else { None };
        let order = if self.keyword("ORDER") { self.order()? } else { Vec::new() };
        let (mut skip, mut limit) = (None, None);
        loop {
            if skip.is_none() && self.keyword("SKIP") {
                skip = Some(self.whole_number()?);
            } else if limit.is_none() && self.keyword("LIMIT") {
                limit = Some(self.whole_number()?);
            } else {
                break;
            }
        }
        self.sign(";");
        let query = Query { unique, start, steps, filter, returns, order, skip, limit };
        if *self.kind() == Kind::End { Ok(query) } else { Err(self.trailing(&query)) }
    }

    /// Names what could follow where a question goes on with something else.
    fn trailing(&self, query: &Query) -> Diagnostic {
        let mut expected = Vec::new();
        let tail_is_open = query.order.is_empty() && query.skip.is_none() && query.limit.is_none();
        if tail_is_open && query.returns.is_none() {
            if query.filter.is_none() {
                expected.extend(["`WITH`", "`AS`", "`THAT`", "`WHERE`"]);
            } else {
                expected.extend(["`AND`", "`OR`"]);
            }
            expected.push("`RETURN`");
        }
        if tail_is_open {
            expected.push("`ORDER BY`");
        }
        if query.skip.is_none() {
            expected.push("`SKIP`");
        }
        if query.limit.is_none() {
            expected.push("`LIMIT`");
        }
        expected.push("the end");
        self.unexpected(&expected)
    }

    fn traversals(&mut self) -> Parsed<Vec<Traversal>> {
        let mut steps = Vec::new();
        loop {
            if self.is_keyword(0, "THAT") {
                steps.push(Traversal::Hop(Box::new(self.hop()?)));
            } else if *self.kind() == Kind::Sign("(") && self.is_keyword(1, "THAT") {
                steps.push(Traversal::Optional(self.optional()?));
            } else {
                return Ok(steps);
            }
        }
    }

    fn optional(&mut self) -> Parsed<Optional> {
        let start = self.span();
        self.descend()?;
        self.sign("(");
        let steps = self.traversals()?;
        self.require(")")?;
        if !self.sign("?") {
            return Err(self.unexpected(&["`?`"]));
        }
        self.depth -= 1;
        let span = Place(start.to(self.previous()));
        let alias = if self.keyword("AS") { Some(self.alias()?) } else { None };
        Ok(Optional { steps, alias, span })
    }

    fn hop(&mut self) -> Parsed<Hop> {
        let start = self.span();
        self.keyword("THAT");
        self.hops += 1;
        if self.hops > MOST_HOPS {
            let message = format!("a question follows at most {MOST_HOPS} relationships");
            return Err(Diagnostic::at(self.text, start, message));
        }
        let negated = self.sign("!");
        let verbs = self.verbs()?;
        let span = Place(start.to(self.previous()));
        let mut direction = Direction::Either;
        let mut alias = None;
        loop {
            if direction == Direction::Either && self.sign(">>") {
                direction = Direction::Forward;
            } else if direction == Direction::Either && self.sign("<<") {
                direction = Direction::Backward;
            } else if alias.is_none() && self.keyword("AS") {
                alias = Some(self.alias()?);
            } else {
                break;
            }
        }
        if *self.kind() == Kind::Sign("{") {
            return Err(self.not_supported("a repeated relationship"));
        }
        let target = self.selector()?;
        Ok(Hop { negated, verbs, direction, alias, target, span })
    }

    fn verbs(&mut self) -> Parsed<Verbs> {
        if self.keyword("RELATES") {
            self.keyword("TO");
            return Ok(Verbs::Any);
        }
        let verbs = match self.kind() {
            Kind::Sign("(") => self.alternatives("a verb")?,
            _ => vec![self.name("a verb", &["`RELATES TO`"])?],
        };
        // `TO` only makes it read well. Followed by a name it cannot be one itself.
        self.keyword("TO");
        Ok(Verbs::Names(verbs))
    }

    fn selector(&mut self) -> Parsed<Selector> {
        let start = self.span();
        let mut marks = Vec::new();
        while self.sign("#") {
            marks.push(self.name("the name of a tag", &[])?);
        }
        let pattern = match self.kind().clone() {
            Kind::Sign("*") => {
                self.next();
                Pattern::Any
            }
            Kind::Text(text) => Pattern::Text(Spanned::new(text, self.next())),
            Kind::Sign("(") if !self.is_keyword(1, "THAT") => {
                Pattern::Names(self.alternatives("a class or type")?)
            }
            Kind::Word(ref word) if marks.is_empty() || !is_keyword(word) => {
                Pattern::Names(vec![self.name("a class or type", &["`*`", "text in quotes"])?])
            }
            _ if !marks.is_empty() => Pattern::Any,
            _ => return Err(self.unexpected(&["a class", "a type", "`*`", "`(`", "text in quotes"])),
        };
        let span = Place(start.to(self.previous()));
        let (mut filter, mut alias) = (None, None);
        loop {
            if filter.is_none() && self.keyword("WITH") {
                filter = Some(self.condition(false)?);
            } else if alias.is_none() && self.keyword("AS") {
                alias = Some(self.alias()?);
            } else if alias.is_some()
                && filter.is_some()
                && (self.is_keyword(0, "AND") || self.is_keyword(0, "OR"))
            {
                filter = filter.map(|it| self.condition_after(it, false)).transpose()?;
            } else {
                return Ok(Selector { pattern, marks, filter, alias, span });
            }
        }
    }

    /// `( a | b )`, or one in parentheses.
    fn alternatives(&mut self, what: &str) -> Parsed<Vec<Spanned<String>>> {
        self.sign("(");
        let mut names = vec![self.name(what, &[])?];
        loop {
            if self.sign("|") {
                names.push(self.name(what, &[])?);
                self.count_part()?;
            } else if self.sign(")") {
                return Ok(names);
            } else {
                return Err(self.unexpected(&["`|`", "`)`"]));
            }
        }
    }

    fn name(&mut self, what: &str, others: &[&str]) -> Parsed<Spanned<String>> {
        match self.kind().clone() {
            Kind::Word(word) if !is_keyword(&word) => Ok(Spanned::new(word, self.next())),
            _ => {
                let mut expected = vec![what];
                expected.extend(others);
                Err(self.unexpected(&expected))
            }
        }
    }

    fn alias(&mut self) -> Parsed<Spanned<String>> {
        self.name("a name", &[])
    }

    fn whole_number(&mut self) -> Parsed<Spanned<u64>> {
        let Kind::Number(number) = self.kind().clone() else {
            return Err(self.unexpected(&["a whole number"]));
        };
        match number.parse::<u32>() {
            Ok(number) => Ok(Spanned::new(u64::from(number), self.next())),
            Err(_) => Err(self.unexpected(&["a whole number below 4,294,967,296"])),
        }
    }

    // What the functions above and in the modules are made of.

    fn kind(&self) -> &Kind {
        self.kind_at(0)
    }

    fn kind_at(&self, ahead: usize) -> &Kind {
        let last = self.tokens.len() - 1;
        &self.tokens[(self.at + ahead).min(last)].kind
    }

    fn span(&self) -> Span {
        self.tokens[self.at].span
    }

    /// Where the token before this one stands.
    fn previous(&self) -> Span {
        self.tokens[self.at.saturating_sub(1)].span
    }

    /// Goes on, and says where it was.
    fn next(&mut self) -> Span {
        let span = self.span();
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        span
    }

    fn sign(&mut self, sign: &str) -> bool {
        let is_it = matches!(self.kind(), Kind::Sign(it) if *it == sign);
        if is_it {
            self.next();
        }
        is_it
    }

    fn require(&mut self, sign: &str) -> Parsed<()> {
        if self.sign(sign) { Ok(()) } else { Err(self.unexpected(&[&format!("`{sign}`")])) }
    }

    fn is_keyword(&self, ahead: usize, keyword: &str) -> bool {
        matches!(self.kind_at(ahead), Kind::Word(word) if word.eq_ignore_ascii_case(keyword))
    }

    fn keyword(&mut self, keyword: &str) -> bool {
        let is_it = self.is_keyword(0, keyword);
        if is_it {
            self.next();
        }
        is_it
    }

    fn descend(&mut self) -> Parsed<()> {
        self.depth += 1;
        if self.depth > DEEPEST {
            let message = format!("parentheses are nested more than {DEEPEST} deep");
            return Err(Diagnostic::at(self.text, self.span(), message));
        }
        Ok(())
    }

    fn count_part(&mut self) -> Parsed<()> {
        self.parts += 1;
        if self.parts > MOST_PARTS {
            let message = format!("a question has at most {MOST_PARTS} comparisons, values and columns");
            return Err(Diagnostic::at(self.text, self.span(), message));
        }
        Ok(())
    }

    fn unexpected(&self, expected: &[&str]) -> Diagnostic {
        let shown = match self.kind() {
            Kind::Sign("${") => return self.not_supported("a parameter `${…}`"),
            Kind::Sign("{{") => return self.not_supported("a placeholder `{{…}}`"),
            Kind::Sign("{") => return self.not_supported("`{`"),
            Kind::End => "the question ends too early".to_owned(),
            other => format!("unexpected {}", other.shown()),
        };
        let diagnostic = Diagnostic::at(self.text, self.span(), shown).expecting(expected);
        let Kind::Word(word) = self.kind() else { return diagnostic };
        let keywords = expected.iter().filter_map(|it| it.strip_prefix('`')?.strip_suffix('`'));
        let first_words = keywords.filter_map(|it| it.split(' ').next());
        diagnostic.suggesting(nearest(&word.to_ascii_uppercase(), first_words))
    }

    fn not_supported(&self, what: &str) -> Diagnostic {
        Diagnostic::at(self.text, self.span(), format!("{what} is not supported"))
    }

    /// A word for a message.
    fn clipped(word: &str) -> String {
        clip(word)
    }
}

fn is_keyword(word: &str) -> bool {
    KEYWORDS.iter().any(|it| it.eq_ignore_ascii_case(word))
}
