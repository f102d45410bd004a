//! What a statement names as its resources: everything, or a pattern of ARNs.

use super::glob::{self, Glob, Sign};

/// One entry of `Resource` or `NotResource`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ResourcePattern {
    /// As the document has it.
    pub(super) written: String,
    /// Whether a policy variable stands in it, which is read as `*`.
    pub(super) has_variables: bool,
    /// What it means.
    pub(super) scope: Scope,
}

/// What a resource pattern means.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Scope {
    /// `*`, or an ARN of nothing but that.
    Everything,
    /// ARNs of one service.
    Arns(ArnPattern),
    /// Nothing that IAM would match: not an ARN, or a wildcard in place of the service.
    Nothing,
}

impl ResourcePattern {
    pub(super) fn read(written: &str) -> Self {
        let (signs, has_variables) = signs(written);
        Self { written: written.to_owned(), has_variables, scope: Scope::of(&signs) }
    }
}

impl Scope {
    /// What these signs mean.
    pub(crate) fn of(signs: &[Sign]) -> Self {
        let mut segments = signs.splitn(6, |it| *it == Sign::Is(':')).map(|it| Glob::new(it.iter().copied()));
        match segments.next() {
            Some(all) if all.is_everything() => Self::Everything,
            Some(arn) if arn.as_literal() == Some("arn") => of_segments(segments.collect()),
            _ => Self::Nothing,
        }
    }
}

fn of_segments(segments: Vec<Glob>) -> Scope {
    if !segments.is_empty() && segments.iter().all(Glob::is_everything) {
        return Scope::Everything;
    }
    let mut segments = segments.into_iter();
    let (Some(partition), Some(service)) = (segments.next(), segments.next()) else {
        return Scope::Nothing;
    };
    match service.as_literal() {
        Some(service) if !service.is_empty() => {
            Scope::Arns(ArnPattern { partition, service: service.to_owned(), segments: segments.collect() })
        }
        _ => Scope::Nothing,
    }
}

/// The signs of a pattern, and whether variables were among them.
fn signs(written: &str) -> (Vec<Sign>, bool) {
    let mut signs = Vec::with_capacity(written.len());
    let mut has_variables = false;
    let mut rest = written;
    while let Some(letter) = rest.chars().next() {
        let variable = rest.strip_prefix("${").and_then(|it| it.split_once('}'));
        if let Some((name, after)) = variable {
            let escaped = match name {
                "*" | "?" | "$" => name.chars().next(),
                _ => None,
            };
            has_variables |= escaped.is_none();
            signs.push(escaped.map_or(Sign::Run, Sign::Is));
            rest = after;
            continue;
        }
        signs.push(match letter {
            '*' => Sign::Run,
            '?' => Sign::One,
            letter => Sign::Is(letter),
        });
        rest = &rest[letter.len_utf8()..];
    }
    (signs, has_variables)
}

/// A pattern of ARNs, compared segment by segment. A `*` that ends a segment may go on over colons; segments that are
/// left out at the end may be anything.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ArnPattern {
    partition: Glob,
    /// The service, in which IAM allows no wildcard.
    pub(crate) service: String,
    /// Region, account and resource, as far as they are there.
    segments: Vec<Glob>,
}

impl ArnPattern {
    /// The pattern that only this ARN fits.
    pub(super) fn exactly(arn: &Arn<'_>) -> Self {
        let segments = [arn.region, arn.account, arn.resource].map(Glob::literal);
        Self {
            partition: Glob::literal(arn.partition),
            service: arn.service.to_owned(),
            segments: segments.into(),
        }
    }

    /// The same with other resources.
    pub(super) fn with_resource(&self, resource: impl IntoIterator<Item = Sign>) -> Self {
        let mut same = self.clone();
        if let Some(last) = same.segments.get_mut(2) {
            *last = Glob::new(resource);
        }
        same
    }

    /// The pattern of resources, unless that is left out.
    pub(super) fn resource(&self) -> Option<&Glob> {
        self.segments.get(2)
    }

    /// The ARN, if only one fits.
    pub(crate) fn as_literal(&self) -> Option<String> {
        let partition = self.partition.as_literal()?;
        let [region, account, resource] = self.segments.as_slice() else { return None };
        let (region, account) = (region.as_literal()?, account.as_literal()?);
        Some(format!("arn:{partition}:{}:{region}:{account}:{}", self.service, resource.as_literal()?))
    }

    /// The account that ARNs of this pattern name, if only one.
    pub(crate) fn account(&self) -> Option<&str> {
        self.segments.get(1)?.as_literal()
    }

    /// Whether resources of this account may be meant. Where ARNs have no account, they may.
    pub(super) fn may_name(&self, account: &str) -> bool {
        self.segments.get(1).is_none_or(|it| it.fits(account) || it.fits(""))
    }

    /// Whether it is everything the service has, though maybe of one account or region.
    pub(super) fn is_whole_service(&self) -> bool {
        self.segments.get(2).is_none_or(Glob::is_everything)
    }

    /// Whether the ARN fits.
    pub(crate) fn fits(&self, arn: &Arn<'_>) -> bool {
        // The resource first: it tells most ARNs apart.
        let after_service = match self.segments.as_slice() {
            [region, account, resource] => {
                (resource.fits(arn.resource) && region.fits(arn.region) && account.fits(arn.account))
                    || (self.may_go_on()
                        && arn.resource.contains(':')
                        && goes_on(&self.segments, arn.after_service, false))
            }
            short => goes_on(short, arn.after_service, true),
        };
        after_service && self.service == arn.service && self.partition.fits(arn.partition)
    }

    /// Whether a segment before the resource may go on over colons, or segments are left out.
    pub(super) fn may_go_on(&self) -> bool {
        match self.segments.as_slice() {
            [region, account, _] => region.is_open() || account.is_open(),
            _ => true,
        }
    }

    /// Whether everything that fits the other fits this one too. Where that cannot be told, it does not.
    pub(crate) fn covers(&self, inner: &Self) -> bool {
        let segment = |at: usize| match (self.segments.get(at), inner.segments.get(at)) {
            (None, _) => true,
            (Some(outer), Some(inner)) => outer.covers(inner),
            (Some(outer), None) => outer.is_everything(),
        };
        self.service == inner.service && self.partition.covers(&inner.partition) && (0..3).all(segment)
    }

    /// Whether everything of the service fits, whatever account and region it is in.
    pub(super) fn covers_service(&self) -> bool {
        self.segments.iter().all(Glob::is_everything)
    }

    /// Whether some ARN may fit both. Where that cannot be told, it may.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        self.service == other.service
            && self.partition.overlaps(&other.partition)
            && glob::overlaps(&self.after_service(), &other.after_service())
    }

    fn after_service(&self) -> Vec<Sign> {
        let mut signs = Vec::new();
        for (at, segment) in self.segments.iter().enumerate() {
            if at > 0 {
                signs.push(Sign::Is(':'));
            }
            signs.extend(segment.signs());
        }
        if self.segments.len() < 3 {
            signs.push(Sign::Run);
        }
        signs
    }
}

/// Whether the rest of an ARN fits, where the `*` at the end of a segment may take further ones.
fn goes_on(segments: &[Glob], text: &str, is_short: bool) -> bool {
    let until_colon = |text: &str| text.find(':').unwrap_or(text.len());
    match segments {
        [] => true,
        [last] => last.fits(text) || (is_short && last.fits(&text[..until_colon(text)])),
        [first, rest @ ..] => {
            let mut end = until_colon(text);
            if !first.fits(&text[..end]) {
                return false;
            }
            while end < text.len() {
                if goes_on(rest, &text[end + 1..], is_short) {
                    return true;
                }
                if !first.is_open() {
                    return false;
                }
                end += 1 + until_colon(&text[end + 1..]);
            }
            false
        }
    }
}

/// An ARN, split at its first five colons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Arn<'a> {
    pub(crate) partition: &'a str,
    pub(crate) service: &'a str,
    pub(crate) region: &'a str,
    pub(crate) account: &'a str,
    pub(crate) resource: &'a str,
    /// Region, account and resource.
    after_service: &'a str,
}

impl<'a> Arn<'a> {
    pub(crate) fn read(text: &'a str) -> Option<Self> {
        let (partition, rest) = text.strip_prefix("arn:")?.split_once(':')?;
        let (service, after_service) = rest.split_once(':')?;
        let (region, rest) = after_service.split_once(':')?;
        let (account, resource) = rest.split_once(':')?;
        Some(Self { partition, service, region, account, resource, after_service })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn arns(written: &str) -> ArnPattern {
        match ResourcePattern::read(written).scope {
            Scope::Arns(arns) => arns,
            other => panic!("{written} is {other:?}"),
        }
    }

    fn fits(pattern: &str, arn: &str) -> bool {
        arns(pattern).fits(&Arn::read(arn).unwrap())
    }

    #[test]
    fn everything_is_written_in_several_ways() {
        for written in ["*", "**", "arn:*", "arn:*:*", "arn:*:*:*:*:*", "arn:*:*:*:*:**"] {
            assert_eq!(ResourcePattern::read(written).scope, Scope::Everything, "{written}");
        }
        for written in ["", "arn", "arn:aws", "arn:aws:s*:::b", "arn:aws:*:*:*:*", "bucket", "arn:aws::::x"] {
            assert_eq!(ResourcePattern::read(written).scope, Scope::Nothing, "{written}");
        }
        assert!(matches!(ResourcePattern::read("arn:*:s3:::*").scope, Scope::Arns(_)));
    }

    #[test]
    fn segments_are_compared_one_by_one() {
        let check = |pattern: &str, arn: &str, expected: bool| {
            assert_eq!(fits(pattern, arn), expected, "{pattern} {arn}");
        };
        let queue = "arn:aws:sqs:eu-west-1:111111111111:jobs";

        check("arn:aws:sqs:eu-west-1:111111111111:jobs", queue, true);
        check("arn:aws:sqs:eu-west-1:111111111111:JOBS", queue, false);
        check("arn:*:sqs:*:*:jobs", queue, true);
        check("arn:aws-cn:sqs:*:*:jobs", queue, false);
        check("arn:aws:sqs:eu-*-1:1111*:j?bs", queue, true);
        check("arn:aws:sqs:us-*:*:*", queue, false);
        check("arn:aws:sns:*:*:*", queue, false);
        // A `*` inside of a segment stays there.
        check("arn:aws:sqs:eu-*1:jobs:*", queue, false);
        // A `*` that ends a segment may go on over colons.
        check("arn:aws:sqs:*:jobs", queue, true);
        check("arn:aws:sqs:eu-*:jobs", queue, true);
        check("arn:aws:sqs:us-*:jobs", queue, false);
        check("arn:aws:sqs:*", queue, true);
        let stream = "arn:aws:logs:eu-west-1:111111111111:log-group:app:log-stream:one";
        check("arn:aws:logs:*:*:log-stream:one", stream, true);
        check("arn:aws:logs:eu-west-1:*:log-stream:one", stream, true);
        check("arn:aws:logs:eu-west-1:111111111111:log-stream:one", stream, false);
        check("arn:aws:logs:*:*:log-group:*", stream, true);
        // What is left out at the end may be anything.
        check("arn:aws:sqs", queue, true);
        check("arn:aws:sqs:eu-west-1", queue, true);
        check("arn:aws:sqs:eu-west-1:222222222222", queue, false);
    }

    #[test]
    fn variables_are_any_text_and_escapes_are_not() {
        let read = |written: &str| {
            let read = ResourcePattern::read(written);
            (read.has_variables, fits(written, "arn:aws:s3:::home/ann/*"))
        };

        assert_eq!(read("arn:aws:s3:::home/${aws:username}/*"), (true, true));
        assert_eq!(read("arn:aws:s3:::home/${aws:PrincipalTag/team, 'none'}/${*}"), (true, true));
        assert_eq!(read("arn:aws:s3:::home/ann/${*}"), (false, true));
        assert_eq!(read("arn:aws:s3:::home/ann/${?}"), (false, false));
        assert_eq!(read("arn:aws:s3:::home/ann/${$}"), (false, false));
        assert_eq!(read("arn:aws:s3:::home/ann/${"), (false, false));
    }

    #[test]
    fn patterns_cover_and_overlap_each_other() {
        let check = |outer: &str, inner: &str, covers: bool, overlaps: bool| {
            let (outer, inner) = (arns(outer), arns(inner));
            assert_eq!(outer.covers(&inner), covers, "{outer:?} {inner:?}");
            assert_eq!(outer.overlaps(&inner), overlaps, "{outer:?} {inner:?}");
        };

        check("arn:aws:s3:::b/*", "arn:aws:s3:::b/key*", true, true);
        check("arn:aws:s3:::b/key*", "arn:aws:s3:::b/*", false, true);
        check("arn:aws:s3:::b", "arn:aws:s3:::b/*", false, false);
        check("arn:aws:s3:::b*", "arn:aws:s3:::b/*", true, true);
        check("arn:aws:sqs:*:*:*", "arn:aws:sqs:eu-west-1:111111111111:*", true, true);
        check("arn:aws:sqs", "arn:aws:sqs:eu-west-1:111111111111:*", true, true);
        check("arn:aws:sqs:*:jobs", "arn:aws:sqs:eu-west-1:111111111111:jobs", false, true);
        check("arn:aws:sqs:*:*:*", "arn:aws:sns:*:*:*", false, false);
    }

    proptest! {
        #[test]
        fn reading_a_pattern_never_fails(written in "(arn:|[a-c*?$\\{\\}:/ü]){0,20}", arn in "arn:aws:[abc]:[abc:]{0,8}:[ab:/]{0,8}") {
            if let (Scope::Arns(arns), Some(arn)) = (ResourcePattern::read(&written).scope, Arn::read(&arn)) {
                let literal = ArnPattern::exactly(&arn);
                let fits = arns.fits(&arn);
                prop_assert!(!arns.covers(&literal) || fits);
                prop_assert!(!fits || arns.overlaps(&literal));
                prop_assert!(literal.fits(&arn) && literal.as_literal().is_some());
            }
        }
    }
}
