//! Listings, page by page: the only place that calls an SDK paginator.
//!
//! The SDK ends a listing *successfully* when a page repeats its token, and does not notice a cycle at all. Here a
//! token that was seen before is an error, so that a truncated listing never looks complete.

use std::collections::HashSet;

use aws_smithy_async::future::pagination_stream::PaginationStream;
use aws_smithy_runtime_api::client::result::SdkError;

use crate::CollectError;

/// A listing in progress. Made by [`pages!`](crate::pages).
pub struct Pages<T, E, R> {
    stream: PaginationStream<Result<T, SdkError<E, R>>>,
    token: fn(&T) -> Option<&str>,
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
        token: fn(&T) -> Option<&str>,
        max_pages: usize,
    ) -> Self {
        Self { stream, token, seen: HashSet::new(), limit: max_pages, ended: false }
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
                if !self.seen.insert(token.to_owned()) {
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

/// Starts a listing: `pages!(cx, ec2.describe_vpcs(), next_token)`, where the last word is the member of a page that
/// holds the token of the next.
#[macro_export]
macro_rules! pages {
    ($cx:expr, $request:expr, $token:ident) => {
        $crate::Pages::new(
            $request.into_paginator().stop_on_duplicate_token(false).send(),
            |page| page.$token(),
            $cx.max_pages(),
        )
    };
}
