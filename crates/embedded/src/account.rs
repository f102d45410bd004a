//! Which account of the machine the server runs as.

use crate::{EmbeddedError, Result};
use nix::unistd::{Uid, User, geteuid};

/// Tried in this order when started as root. initdb needs a passwd entry, so no made-up uid.
const CANDIDATES: [&str; 3] = ["orgraph", "postgres", "nobody"];

/// An account PostgreSQL can run as: never root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Login name.
    pub name: String,
    /// User id.
    pub uid: u32,
    /// Primary group id.
    pub gid: u32,
}

impl Account {
    /// The account a new server runs as: `None` stands for the caller itself, which is not root.
    pub fn for_new_server() -> Result<Option<Self>> {
        if !geteuid().is_root() {
            return Ok(None);
        }
        CANDIDATES.iter().find_map(|name| Self::named(name)).map(Some).ok_or(EmbeddedError::NoAccount)
    }

    /// The account that owns data with this uid, if the server may run as it.
    ///
    /// An account created later (`orgraph` after `postgres`) must not lock people out of their data,
    /// so existing data decides, not the order of the candidates.
    pub(crate) fn for_data_of(owner: u32) -> std::result::Result<Option<Self>, Wanted> {
        let uid = geteuid();
        if !uid.is_root() {
            return if uid.as_raw() == owner { Ok(None) } else { Err(Wanted(name_of(uid.as_raw()))) };
        }
        CANDIDATES
            .iter()
            .filter_map(|name| Self::named(name))
            .find(|account| account.uid == owner)
            .map(Some)
            .ok_or_else(|| Wanted(format!("one of {}", CANDIDATES.join(", "))))
    }

    fn named(name: &str) -> Option<Self> {
        let user = User::from_name(name).ok().flatten()?;
        (!user.uid.is_root()).then(|| Self {
            name: user.name,
            uid: user.uid.as_raw(),
            gid: user.gid.as_raw(),
        })
    }
}

/// Who should own the data, for a message.
pub(crate) struct Wanted(pub(crate) String);

/// The login name of a uid, or the number where it has none.
pub(crate) fn name_of(uid: u32) -> String {
    User::from_uid(Uid::from_raw(uid)).ok().flatten().map_or_else(|| format!("uid {uid}"), |user| user.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_of_root_is_nobodys_to_serve() {
        assert!(Account::for_data_of(0).is_err());
    }

    #[test]
    fn a_new_server_never_runs_as_root() {
        let account = Account::for_new_server().unwrap();

        assert_eq!(account.is_some(), geteuid().is_root());
        assert!(account.is_none_or(|account| account.uid != 0));
    }
}
