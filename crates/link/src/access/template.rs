//! Texts of policies with wildcards and variables in them.

use super::Tri;
use super::context::{Context, Found, need};
use super::need::Need;
use crate::policy::glob::{Glob, Sign};

/// A text of a policy, read once.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Template {
    parts: Vec<Part>,
    /// The text as the document has it.
    pub(super) written: String,
}

#[derive(Debug, Clone, PartialEq)]
enum Part {
    Signs(Vec<Sign>),
    /// A key of the request, and what stands for it when the request does not have it.
    Variable {
        key: String,
        default: Option<String>,
    },
}

/// Whether variables are variables: they are since the version of 2012; before, they are plain text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Variables {
    Read,
    Plain,
}

/// Whether `*` and `?` stand for other characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wildcards {
    Read,
    Plain,
}

/// Whether a letter is another one in upper case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    Matters,
    Ignored,
}

/// What became of the variables.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Filled {
    /// All of them have a value.
    Whole(Vec<Sign>),
    /// Some have one that is not known: there, anything may stand.
    Open(Vec<Sign>, Vec<Need>),
    /// One has no value and nothing that stands for it: the text is no text.
    Void,
}

impl Template {
    pub(super) fn read(written: &str, variables: Variables, wildcards: Wildcards) -> Self {
        let mut template = Self { parts: Vec::new(), written: written.to_owned() };
        let mut rest = written;
        while let Some(letter) = rest.chars().next() {
            let variable = match variables {
                Variables::Read => rest.strip_prefix("${").and_then(|it| it.split_once('}')),
                Variables::Plain => None,
            };
            if let Some((inner, after)) = variable {
                template.push(variable_of(inner));
                rest = after;
                continue;
            }
            let sign = match (letter, wildcards) {
                ('*', Wildcards::Read) => Sign::Run,
                ('?', Wildcards::Read) => Sign::One,
                _ => Sign::Is(letter),
            };
            template.push(Part::Signs(vec![sign]));
            rest = &rest[letter.len_utf8()..];
        }
        template
    }

    fn push(&mut self, part: Part) {
        match (self.parts.last_mut(), part) {
            (Some(Part::Signs(signs)), Part::Signs(more)) => signs.extend(more),
            (_, part) => self.parts.push(part),
        }
    }

    /// The signs, if there are no variables.
    pub(super) fn fixed(&self) -> Option<&[Sign]> {
        match self.parts.as_slice() {
            [] => Some(&[]),
            [Part::Signs(signs)] => Some(signs),
            _ => None,
        }
    }

    /// The signs with the values of a request in place of the variables. A value is plain text, whatever is in it.
    pub(super) fn fill(&self, context: &Context) -> Filled {
        let mut signs = Vec::with_capacity(self.written.len());
        let mut needs = Vec::new();
        for part in &self.parts {
            let (key, default) = match part {
                Part::Signs(more) => {
                    signs.extend(more);
                    continue;
                }
                Part::Variable { key, default } => (key, default.as_deref()),
            };
            match (context.find(key), default) {
                (Found::Values([value]), _) => signs.extend(value.chars().map(Sign::Is)),
                (Found::Values([]) | Found::Absent, Some(default)) => {
                    signs.extend(default.chars().map(Sign::Is));
                }
                (Found::Values([]) | Found::Absent, None) => return Filled::Void,
                // A key with several values is no variable.
                (Found::Values(_) | Found::Unknown, _) => {
                    signs.push(Sign::Run);
                    needs.push(need(key));
                }
            }
        }
        if needs.is_empty() { Filled::Whole(signs) } else { Filled::Open(signs, needs) }
    }

    /// Whether a text fits, with what would have to be known where that cannot be told.
    pub(super) fn fits(&self, text: &str, case: Case, context: &Context, needs: &mut Vec<Need>) -> Tri {
        let fits = |signs: &[Sign]| match case {
            Case::Matters => Glob::new(signs.iter().copied()).fits(text),
            Case::Ignored => Glob::new(lower(signs)).fits(&text.to_lowercase()),
        };
        match self.fill(context) {
            Filled::Whole(signs) => fits(&signs).into(),
            Filled::Open(signs, open) if fits(&signs) => {
                needs.extend(open);
                Tri::Unknown
            }
            Filled::Open(..) | Filled::Void => Tri::No,
        }
    }
}

fn lower(signs: &[Sign]) -> Vec<Sign> {
    let lower = |it: &Sign| match it {
        Sign::Is(letter) => letter.to_lowercase().map(Sign::Is).collect(),
        other => vec![*other],
    };
    signs.iter().flat_map(lower).collect()
}

fn variable_of(inner: &str) -> Part {
    if let "*" | "?" | "$" = inner {
        return Part::Signs(inner.chars().map(Sign::Is).collect());
    }
    let (key, default) = inner.split_once(',').map_or((inner, None), |(key, it)| (key, Some(it.trim())));
    let default = default.map(|it| it.strip_prefix('\'').and_then(|it| it.strip_suffix('\'')).unwrap_or(it));
    Part::Variable { key: key.trim().to_owned(), default: default.map(str::to_owned) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context() -> Context {
        let mut context = Context::default();
        context.give("aws:username", "ann*");
        context.give("aws:PrincipalTag/team", "Blue");
        context.give_absent("aws:userid");
        context
    }

    #[test]
    fn variables_have_the_values_of_the_request() {
        let check = |written: &str, text: &str, expected: Tri| {
            let template = Template::read(written, Variables::Read, Wildcards::Read);
            assert_eq!(
                template.fits(text, Case::Matters, &context(), &mut Vec::new()),
                expected,
                "{written} {text}"
            );
        };

        check("home/${aws:username}/*", "home/ann*/x", Tri::Yes);
        check("home/${AWS:UserName}/*", "home/anna/x", Tri::No);
        check("home/${aws:userid}", "home/", Tri::No);
        check("home/${aws:userid, 'nobody'}", "home/nobody", Tri::Yes);
        check("home/${aws:PrincipalTag/team,'none'}", "home/Blue", Tri::Yes);
        check("home/${aws:SourceIp}/x", "home/1.2.3.4/x", Tri::Unknown);
        check("home/${aws:SourceIp}/x", "home/1.2.3.4/y", Tri::No);
        check("${*}${?}${$}", "*?$", Tri::Yes);
        check("${*}${?}${$}", "abc", Tri::No);
        check("${aws:username", "${aws:username", Tri::Yes);
    }

    #[test]
    fn before_2012_there_are_no_variables() {
        let template = Template::read("home/${aws:username}/*", Variables::Plain, Wildcards::Read);

        let mut needs = Vec::new();
        assert_eq!(template.fits("home/${aws:username}/x", Case::Matters, &context(), &mut needs), Tri::Yes);
        assert_eq!(template.fits("home/ann*/x", Case::Matters, &context(), &mut needs), Tri::No);
    }
}
