//! Whether a bucket is public, from facts each of which may be unknown. What is unknown decides nothing unless the
//! other facts already do.

/// The four switches of a public access block, of an account or of a bucket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "AWS has four switches, independent of each other")]
pub(super) struct Block {
    /// New public ACLs are refused.
    pub(super) public_acls: bool,
    /// Public ACLs have no effect.
    pub(super) ignore_public_acls: bool,
    /// New public policies are refused.
    pub(super) public_policy: bool,
    /// A public policy lets in nobody but the account's own users and AWS services.
    pub(super) restrict_public_buckets: bool,
}

/// What is known about a bucket; `None` is unknown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts {
    /// The block of the account, which wins over the bucket's.
    pub(super) account: Option<Block>,
    /// The block of the bucket itself.
    pub(super) bucket: Option<Block>,
    /// Whether AWS calls the policy public.
    pub(super) policy_is_public: Option<bool>,
    /// Whether the ACL grants something to all users, or to all users of AWS.
    pub(super) acl_is_public: Option<bool>,
    /// Whether ACLs are switched off because the bucket's owner owns every object.
    pub(super) owner_enforced: Option<bool>,
}

impl Facts {
    /// Whether anybody outside can reach the bucket.
    pub(super) fn public(self) -> Option<bool> {
        let by_policy = and(self.policy_is_public, not(self.is_restricted()));
        let by_acl = and(self.acl_is_public, not(self.ignores_acls()));
        or(by_policy, by_acl)
    }

    /// The same in the words of the console.
    pub(super) fn access(self) -> Option<&'static str> {
        if self.public()? {
            return Some("Public");
        }
        if and(self.policy_is_public, self.is_restricted())? {
            return Some("Only authorized users of this account");
        }
        if or(self.ignores_acls(), self.owner_enforced)? {
            return Some("Bucket and objects not public");
        }
        Some("Objects can be public")
    }

    fn is_restricted(self) -> Option<bool> {
        self.either_block(|it| it.restrict_public_buckets)
    }

    fn ignores_acls(self) -> Option<bool> {
        self.either_block(|it| it.ignore_public_acls)
    }

    fn either_block(self, switch: fn(Block) -> bool) -> Option<bool> {
        or(self.account.map(switch), self.bucket.map(switch))
    }
}

fn or(left: Option<bool>, right: Option<bool>) -> Option<bool> {
    match (left, right) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        _ => None,
    }
}

fn and(left: Option<bool>, right: Option<bool>) -> Option<bool> {
    not(or(not(left), not(right)))
}

fn not(fact: Option<bool>) -> Option<bool> {
    fact.map(|it| !it)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN: Block = Block {
        public_acls: false,
        ignore_public_acls: false,
        public_policy: false,
        restrict_public_buckets: false,
    };
    const CLOSED: Block = Block {
        public_acls: true,
        ignore_public_acls: true,
        public_policy: true,
        restrict_public_buckets: true,
    };
    const PRIVATE: Facts = Facts {
        account: Some(OPEN),
        bucket: Some(OPEN),
        policy_is_public: Some(false),
        acl_is_public: Some(false),
        owner_enforced: Some(false),
    };

    fn check(facts: Facts, public: Option<bool>, access: Option<&str>) {
        assert_eq!((facts.public(), facts.access()), (public, access), "{facts:?}");
    }

    #[test]
    fn the_block_of_the_account_wins() {
        let open = Facts { policy_is_public: Some(true), acl_is_public: Some(true), ..PRIVATE };

        check(open, Some(true), Some("Public"));
        for closed in [Facts { account: Some(CLOSED), ..open }, Facts { bucket: Some(CLOSED), ..open }] {
            check(closed, Some(false), Some("Only authorized users of this account"));
        }
    }

    #[test]
    fn a_private_bucket_says_whether_its_objects_can_be_public() {
        let closed = Some("Bucket and objects not public");

        check(PRIVATE, Some(false), Some("Objects can be public"));
        check(Facts { bucket: Some(CLOSED), ..PRIVATE }, Some(false), closed);
        check(Facts { owner_enforced: Some(true), ..PRIVATE }, Some(false), closed);
        check(Facts { acl_is_public: Some(true), ..PRIVATE }, Some(true), Some("Public"));
    }

    #[test]
    fn what_is_unknown_is_not_guessed() {
        let unknown_account = Facts { account: None, ..PRIVATE };

        check(unknown_account, Some(false), None);
        check(Facts { policy_is_public: Some(true), ..unknown_account }, None, None);
        check(Facts { policy_is_public: None, ..PRIVATE }, None, None);
        check(
            Facts { policy_is_public: None, acl_is_public: Some(true), ..PRIVATE },
            Some(true),
            Some("Public"),
        );
        check(
            Facts { acl_is_public: None, bucket: Some(CLOSED), ..unknown_account },
            Some(false),
            Some("Bucket and objects not public"),
        );
        check(Facts { owner_enforced: None, ..PRIVATE }, Some(false), None);
    }
}
