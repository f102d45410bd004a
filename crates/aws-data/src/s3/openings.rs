//! What a bucket allows everybody, by its ACL and by its policy. Whether it has any effect is for the public access
//! blocks to say: `public` tells.

use orgraph_collect::prelude::*;

use super::settings::Settings;

/// The key of the one entity that stands for everybody.
const KEY: &str = "global:everyone";

/// Links the bucket with everybody, once per grant of its ACL and once for its policy.
pub(super) fn link_everyone(out: &mut Batch, bucket: &Ref, settings: &Settings) {
    for grant in settings.public_grants.known().into_iter().flatten() {
        let group = last_segment(&grant.group);
        out.link(bucket.clone(), Allows, EVERYONE.at(KEY))
            .property("source", "acl")
            .property("permission", grant.permission.clone())
            .property("granteeType", "Group")
            .property("granteeURI", grant.group.clone())
            .discriminator(format!("acl:{group}:{}", grant.permission));
    }
    let policy = settings.policy.known();
    if let Some(opening) = policy.and_then(|it| it.as_ref()?.opening()) {
        out.link(bucket.clone(), Allows, EVERYONE.at(KEY))
            .property("source", "policy")
            .property("permission", opening.actions)
            .property("granteeType", "Principal")
            .property("granteeURI", None::<String>)
            .property("hasCondition", opening.has_condition)
            .discriminator("policy");
    }
}
