//! Answers of which one is that nobody can tell.

/// True, false, or not to be told from what is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Tri {
    #[default]
    No,
    Unknown,
    Yes,
}

impl Tri {
    /// Both.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, Self::Yes) => Self::Yes,
            _ => Self::Unknown,
        }
    }

    /// One of them.
    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Yes, _) | (_, Self::Yes) => Self::Yes,
            (Self::No, Self::No) => Self::No,
            _ => Self::Unknown,
        }
    }

    /// The opposite.
    pub(super) fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Unknown => Self::Unknown,
            Self::Yes => Self::No,
        }
    }

    /// Whether one of them is true.
    pub(super) fn any(all: impl IntoIterator<Item = Self>) -> Self {
        let mut any = Self::No;
        for it in all {
            any = any.or(it);
            if any == Self::Yes {
                break;
            }
        }
        any
    }

    /// Whether all of them are true.
    pub(super) fn all(all: impl IntoIterator<Item = Self>) -> Self {
        let mut every = Self::Yes;
        for it in all {
            every = every.and(it);
            if every == Self::No {
                break;
            }
        }
        every
    }
}

impl From<bool> for Tri {
    fn from(is: bool) -> Self {
        if is { Self::Yes } else { Self::No }
    }
}

#[cfg(test)]
mod tests {
    use super::Tri::{No, Unknown, Yes};
    use super::*;

    #[test]
    fn what_cannot_be_told_stays_so_only_while_it_matters() {
        assert_eq!([No.and(Unknown), Yes.and(Unknown), Unknown.and(No)], [No, Unknown, No]);
        assert_eq!([No.or(Unknown), Yes.or(Unknown), Unknown.or(Yes)], [Unknown, Yes, Yes]);
        assert_eq!([No.not(), Unknown.not(), Yes.not()], [Yes, Unknown, No]);
        assert_eq!((Tri::any([]), Tri::all([])), (No, Yes));
        assert_eq!(Tri::any([No, Unknown, Yes]), Yes);
        assert_eq!(Tri::all([Yes, Unknown, No]), No);
    }
}
