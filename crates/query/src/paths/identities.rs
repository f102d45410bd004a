//! From identities to numbers: a table of open addresses that holds nothing but numbers, since identities are hashes
//! already and are kept once.

/// Marks a slot that is free.
const FREE: u32 = u32::MAX;

/// Every identity once, in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Identities {
    identities: Vec<u128>,
    /// Twice as many as identities, or more; a power of two.
    slots: Vec<u32>,
}

impl Identities {
    pub(super) fn len(&self) -> usize {
        self.identities.len()
    }

    /// The identity with a number.
    pub(super) fn at(&self, number: usize) -> u128 {
        self.identities[number]
    }

    /// The number of an identity.
    pub(super) fn find(&self, identity: u128) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
        let slot = self.slots[self.slot(identity)];
        (slot != FREE).then_some(slot)
    }

    /// Adds an identity that is not there yet; `number` is how many there were.
    pub(super) fn add(&mut self, identity: u128, number: u32) {
        debug_assert_eq!(u32::try_from(self.len()), Ok(number), "numbers follow each other");
        if self.identities.len() * 2 >= self.slots.len() {
            self.rehash(self.slots.len().max(8) * 2);
        }
        let slot = self.slot(identity);
        self.slots[slot] = number;
        self.identities.push(identity);
    }

    /// Makes room for so many identities altogether.
    pub(super) fn reserve(&mut self, count: usize) {
        self.identities.reserve_exact(count.saturating_sub(self.identities.len()));
        let slots = (count * 2 + 2).next_power_of_two();
        if slots > self.slots.len() {
            self.rehash(slots);
        }
    }

    /// What so many identities take, in bytes.
    pub(super) fn bytes(count: usize) -> usize {
        count * size_of::<u128>() + (count * 2 + 2).next_power_of_two() * size_of::<u32>()
    }

    /// Where an identity is, or would be.
    fn slot(&self, identity: u128) -> usize {
        let last = self.slots.len() - 1;
        let mut slot = identity as usize & last;
        while self.slots[slot] != FREE && self.identities[self.slots[slot] as usize] != identity {
            slot = (slot + 1) & last;
        }
        slot
    }

    fn rehash(&mut self, count: usize) {
        self.slots = vec![FREE; count];
        for (number, identity) in (0_u32..).zip(&self.identities) {
            let last = count - 1;
            let mut slot = *identity as usize & last;
            while self.slots[slot] != FREE {
                slot = (slot + 1) & last;
            }
            self.slots[slot] = number;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_identity_is_found_under_its_number(
            added in proptest::collection::hash_set(0_u128..64, 0..40), room in 0_usize..50,
        ) {
            let mut identities = Identities::default();
            identities.reserve(room);
            let added: Vec<u128> = added.into_iter().map(|it| it << 60 | it).collect();
            for (number, identity) in (0..).zip(&added) {
                identities.add(*identity, number);
            }

            for (number, identity) in (0..).zip(&added) {
                prop_assert_eq!(identities.find(*identity), Some(number));
            }
            prop_assert_eq!(identities.find(u128::MAX), None);
        }
    }
}
