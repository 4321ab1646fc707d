//! Everything that is left to chance, drawn from one seed: the same seed draws the same, whatever version of whatever
//! library it is built with (splitmix64).

use std::time::Duration;

/// A series of draws.
pub struct Chance(u64);

impl Chance {
    pub fn of(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from `from` to `to`, both included.
    pub fn number(&mut self, from: u64, to: u64) -> u64 {
        from + self.next() % (to - from + 1)
    }

    /// Whether something happens that does so many times in a hundred.
    pub fn percent(&mut self, of_hundred: u64) -> bool {
        self.number(0, 99) < of_hundred
    }

    pub fn millis(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(self.number(from, to))
    }

    /// One of several.
    pub fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        let at = self.number(0, of.len() as u64 - 1);
        &of[usize::try_from(at).unwrap()]
    }

    /// One of several, each with its weight.
    pub fn weighted<T: Copy>(&mut self, of: &[(u64, T)]) -> T {
        let all = of.iter().map(|(weight, _)| weight).sum::<u64>();
        let mut at = self.number(0, all - 1);
        for (weight, one) in of {
            if at < *weight {
                return *one;
            }
            at -= weight;
        }
        unreachable!("the weights are as many as they sum up to")
    }
}
