//! What load balancers of both generations have in common.

use std::collections::{BTreeSet, HashMap};
use std::future::Future;

use orgraph_collect::prelude::*;

/// How many load balancers, listeners and so on one request for tags may name.
const NAMES_PER_REQUEST: usize = 20;

pub(crate) type Pairs = Vec<(String, String)>;

/// The tags of many things, or why they are not known.
pub(crate) struct TagsByName(HashMap<String, Detail<Pairs>>);

impl TagsByName {
    /// The tags of one of the things that were asked about.
    pub(crate) fn of(&self, name: &str) -> Detail<Pairs> {
        self.0.get(name).cloned().unwrap_or_else(left_out)
    }

    fn note(&mut self, names: Vec<String>, mut answer: Detail<Option<HashMap<String, Pairs>>>) {
        for name in names {
            let tags = match &mut answer {
                // It was deleted since it was listed.
                Detail::Known(None) => Detail::Known(Vec::new()),
                Detail::Known(Some(answered)) => answered.remove(&name).map_or_else(left_out, Detail::Known),
                Detail::Unknown(error) => Detail::Unknown(error.clone()),
            };
            self.0.insert(name, tags);
        }
    }
}

/// Asks for the tags of `names`, as many at a time as AWS takes.
pub(crate) async fn tags_of<F>(
    cx: &Cx,
    names: Vec<String>,
    ask: impl Fn(Vec<String>) -> F,
) -> Result<TagsByName, CollectError>
where
    F: Future<Output = Result<Detail<Option<HashMap<String, Pairs>>>, CollectError>>,
{
    let ask = &ask;
    let asked = |names: Vec<String>| async move {
        let answer = ask(names.clone()).await;
        (names, answer)
    };
    // AWS refuses a name that comes twice, as what is on two pages of a listing would.
    let names = sorted(names);
    let mut found = TagsByName(HashMap::with_capacity(names.len()));
    let mut alone = Vec::new();
    let together = names.chunks(NAMES_PER_REQUEST).map(<[String]>::to_vec).collect();
    for (names, answer) in cx.concurrently(together, asked).await {
        match answer? {
            // One that was deleted since it was listed fails the request for all.
            Detail::Known(None) if names.len() > 1 => alone.extend(names.into_iter().map(|it| vec![it])),
            answer => found.note(names, answer),
        }
    }
    for (names, answer) in cx.concurrently(alone, asked).await {
        found.note(names, answer?);
    }
    Ok(found)
}

fn left_out() -> Detail<Pairs> {
    let reason = "what was asked about is not in it".to_owned();
    Detail::Unknown(CollectError::Envelope { operation: "DescribeTags".to_owned(), reason })
}

/// Security groups filter what reaches a load balancer.
pub(crate) fn link_groups(cx: &Cx, out: &mut Batch, balancer: &Ref, groups: &[String]) {
    for group in groups {
        let group = AWS_SECURITY_GROUP.at(cx.arn("ec2", format_args!("security-group/{group}")));
        out.link(balancer.clone(), Has, group.clone());
        out.link(group, Protects, balancer.clone());
    }
}

/// The key of a server certificate of IAM, unless the ARN is another kind of certificate's.
pub(crate) fn server_certificate(arn: &str) -> Option<Ref> {
    arn.contains(":server-certificate/").then(|| AWS_IAM_SERVER_CERTIFICATE.at(arn))
}

/// The name that answers for IPv4 and IPv6 where the load balancer has both.
pub(crate) fn dualstack(dns_name: Option<&str>) -> Option<String> {
    dns_name.map(|it| format!("dualstack.{it}"))
}

/// In order and without repetition, since AWS promises no order.
pub(crate) fn sorted(texts: impl IntoIterator<Item = String>) -> Vec<String> {
    texts.into_iter().collect::<BTreeSet<_>>().into_iter().collect()
}
