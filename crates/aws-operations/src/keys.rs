//! Keys of entities that other families write.

use orgraph_collect::prelude::*;

/// The account being read.
pub(crate) fn account(cx: &Cx) -> Ref {
    AWS_ACCOUNT.at(format!("arn:{}:iam::{}:root", cx.partition(), cx.account()))
}
