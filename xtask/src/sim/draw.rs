//! Draws from a seed. One seed means one sequence, on every machine and in every release of the generator's crate.

use oorandom::Rand32;

pub(crate) struct Draw(Rand32);

impl Draw {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Rand32::new(seed))
    }

    /// The seed of the `number`th step of a lab: neighbouring seeds and numbers have nothing in common (SplitMix64).
    pub(crate) fn seed_of_step(seed: u64, number: u64) -> u64 {
        let mut z = seed.wrapping_add(number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// 0 to `end` - 1; 0 if `end` is 0.
    pub(crate) fn below(&mut self, end: u32) -> u32 {
        self.0.rand_range(0..end.max(1))
    }

    pub(crate) fn one_in(&mut self, n: u32) -> bool {
        self.below(n) == 0
    }

    /// One of `choices`, which must not be empty.
    pub(crate) fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        let place = self.below(u32::try_from(choices.len()).unwrap_or(u32::MAX));
        &choices[place as usize]
    }
}
