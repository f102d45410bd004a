//! Listings, page by page: the only place that calls an SDK paginator.
//!
//! The SDK ends a listing *successfully* when a page repeats its token, and does not notice a cycle at all. Here a
//! token that was seen before is an error, so that a truncated listing never looks complete.
//!
//! Where the SDK has no paginator for a listing, the next page is asked for here.

use std::collections::HashSet;

use aws_smithy_async::future::pagination_stream::PaginationStream;
use aws_smithy_async::future::pagination_stream::fn_stream::FnStream;
use aws_smithy_runtime_api::client::result::SdkError;

use crate::CollectError;

/// A listing in progress. Made by [`pages!`](crate::pages).
pub struct Pages<T, E, R> {
    stream: PaginationStream<Result<T, SdkError<E, R>>>,
    token: fn(&T) -> Option<String>,
    seen: HashSet<String>,
    limit: usize,
    ended: bool,
}

impl<T, E, R> Pages<T, E, R>
where
    CollectError: From<SdkError<E, R>>,
{
    #[doc(hidden)]
    pub fn new(
        stream: PaginationStream<Result<T, SdkError<E, R>>>,
        token: fn(&T) -> Option<String>,
        max_pages: usize,
    ) -> Self {
        Self { stream, token, seen: HashSet::new(), limit: max_pages, ended: false }
    }

    /// A listing without a paginator in the SDK. `next` puts what a page says of the next into the request.
    #[doc(hidden)]
    pub fn asked<Q, F>(
        request: Q,
        send: impl Fn(Q) -> F + Send + 'static,
        next: fn(Q, &T) -> Q,
        token: fn(&T) -> Option<String>,
        max_pages: usize,
    ) -> Self
    where
        Q: Clone + Send + 'static,
        F: Future<Output = Result<T, SdkError<E, R>>> + Send + 'static,
        T: Send + Sync + 'static,
        E: Send + Sync + 'static,
        R: Send + Sync + 'static,
    {
        let stream = FnStream::new(move |tx| {
            Box::pin(async move {
                let mut request = request;
                loop {
                    let asked = send(request.clone());
                    let page = asked.await;
                    let following = match &page {
                        Ok(page) if token(page).is_some() => Some(next(request, page)),
                        _ => None,
                    };
                    // Nobody listens any more once the listing was given up.
                    if tx.send(page).await.is_err() {
                        return;
                    }
                    match following {
                        Some(following) => request = following,
                        None => return,
                    }
                }
            })
        });
        Self::new(PaginationStream::new(stream), token, max_pages)
    }

    /// The next page, or `None` when AWS said that there is no other.
    pub async fn next(&mut self) -> Result<Option<T>, CollectError> {
        if self.ended {
            return Ok(None);
        }
        let Some(page) = self.stream.next().await else {
            self.ended = true;
            return Ok(None);
        };
        let page = page.map_err(CollectError::from)?;
        match (self.token)(&page).filter(|it| !it.is_empty()) {
            None => self.ended = true,
            Some(token) => {
                if !self.seen.insert(token) {
                    return Err(Self::endless("a page token came twice"));
                }
                if self.seen.len() >= self.limit {
                    return Err(Self::endless("more pages than any listing has"));
                }
            }
        }
        Ok(Some(page))
    }

    /// Every item of the listing, where it is needed whole.
    pub async fn all<I>(mut self, items: impl Fn(T) -> Option<Vec<I>>) -> Result<Vec<I>, CollectError> {
        let mut all = Vec::new();
        while let Some(page) = self.next().await? {
            all.extend(items(page).unwrap_or_default());
        }
        Ok(all)
    }

    fn endless(reason: &str) -> CollectError {
        CollectError::Endless { operation: crate::error::operation_of::<E>(), reason: reason.to_owned() }
    }
}

/// What several members of a page say together of the next, if any of them says something.
#[doc(hidden)]
pub fn joined_token(parts: &[Option<&str>]) -> Option<String> {
    let parts: Vec<&str> = parts.iter().map(|it| it.unwrap_or_default()).collect();
    parts.iter().any(|it| !it.is_empty()).then(|| parts.join("\n"))
}

/// Starts a listing: `pages!(cx, ec2.describe_vpcs(), next_token)`, where the last word is the member of a page that
/// holds the token of the next.
///
/// * Where that member is deeper: `pages!(cx, cloudfront.list_distributions(), |page| page.distribution_list()?.next_marker())`.
/// * Where the SDK has no paginator, each member of a page that says where the next begins, with the setter that takes
///   it: `pages!(cx, waf.list_web_acls(), next_marker => set_next_marker)`.
#[macro_export]
macro_rules! pages {
    ($cx:expr, $request:expr, $token:ident) => {
        $crate::pages!($cx, $request, |page| page.$token())
    };
    ($cx:expr, $request:expr, |$page:ident| $token:expr) => {
        $crate::Pages::new(
            $request.into_paginator().stop_on_duplicate_token(false).send(),
            |$page| {
                let token: Option<&str> = $token;
                token.map(str::to_owned)
            },
            $cx.max_pages(),
        )
    };
    ($cx:expr, $request:expr, $($member:ident => $set:ident),+ $(,)?) => {
        $crate::Pages::asked(
            $request,
            |request| request.send(),
            |request, page| request$(.$set(page.$member.clone()))+,
            |page| $crate::joined_token(&[$(page.$member.as_ref().map(|it| it.as_str())),+]),
            $cx.max_pages(),
        )
    };
}
