//! Where the next page begins, as text that callers pass back without looking into it.
//!
//! A cursor is not a secret and permits nothing: it says no more than its caller could have asked for.

use std::fmt::Write as _;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::problem::{Kind, Problem};

/// The longest that is looked at.
const MAX_LEN: usize = 8192;

/// A cursor for the request that `request` identifies.
pub(crate) fn encode<T: Serialize>(request: &[&str], place: &T) -> String {
    let place = serde_json::to_vec(place).unwrap_or_default();
    let mut out = String::with_capacity(2 * place.len() + 16);
    for byte in fingerprint(request).iter().chain(&place) {
        // Writing to a string does not fail.
        let _ = write!(out, "{byte:02x}");
    }
    out
}

/// The place of a cursor that was made for the same request.
pub(crate) fn decode<T: DeserializeOwned>(request: &[&str], cursor: &str) -> Result<T, Problem> {
    let bad = |detail: &str| Problem::new(Kind::BadCursor, detail);
    let is_hex = cursor.bytes().all(|it| it.is_ascii_hexdigit());
    if cursor.len() > MAX_LEN || !cursor.len().is_multiple_of(2) || !is_hex {
        return Err(bad("this is not a cursor"));
    }
    let byte = |at: usize| u8::from_str_radix(&cursor[at..at + 2], 16);
    let bytes: Result<Vec<u8>, _> = (0..cursor.len()).step_by(2).map(byte).collect();
    let bytes = bytes.map_err(|_| bad("this is not a cursor"))?;
    let Some((made_for, place)) = bytes.split_at_checked(8) else { return Err(bad("this is not a cursor")) };
    if made_for != fingerprint(request) {
        return Err(bad("the cursor was made for another request: repeat the one that it came with"));
    }
    serde_json::from_slice(place).map_err(|_| bad("this is not a cursor"))
}

fn fingerprint(request: &[&str]) -> [u8; 8] {
    let mut hasher = Sha256::new();
    for part in request {
        hasher.update(part.len().to_le_bytes());
        hasher.update(part.as_bytes());
    }
    let digest = hasher.finalize();
    let mut fingerprint = [0; 8];
    fingerprint.copy_from_slice(&digest[..8]);
    fingerprint
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_for_its_own_request_only() {
        let cursor = encode(&["a", "b"], &("key é", 7));

        let back: (String, u32) = decode(&["a", "b"], &cursor).unwrap();
        assert_eq!(back, ("key é".to_owned(), 7));
        assert!(decode::<(String, u32)>(&["ab", ""], &cursor).is_err());
    }

    #[test]
    fn nonsense_is_no_cursor() {
        for nonsense in ["", "0", "zz", "00", &"0".repeat(9000), "é0", "0123456789abcdef7b"] {
            assert!(decode::<u32>(&["a"], nonsense).is_err(), "{nonsense}");
        }
    }
}
