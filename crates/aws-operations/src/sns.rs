//! Amazon SNS: topics, and the subscriptions that the account made to its own topics and to those of others.

mod subscriptions;
mod topics;

pub(crate) use subscriptions::SUBSCRIPTIONS;
pub(crate) use topics::TOPICS;

use std::collections::HashMap;

/// The attributes of a topic or of a subscription.
type Attributes = HashMap<String, String>;
