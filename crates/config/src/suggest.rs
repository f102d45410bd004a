//! "Did you mean": the known name closest to one that is not known.

/// The candidate a reader most likely meant, if any is close enough.
pub(crate) fn closest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= (name.len().max(candidate.len()) / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_close_name_is_offered() {
        let known = ["ec2", "iam", "interval", "exclude_ous"];

        assert_eq!(closest("intervall", known), Some("interval"));
        assert_eq!(closest("exlcude_ous", known), Some("exclude_ous"));
        assert_eq!(closest("ec3", known), Some("ec2"));
        assert_eq!(closest("colour", known), None);
    }
}
