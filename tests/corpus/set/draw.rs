//! Chance that can be repeated: one seed gives one corpus.

/// A small generator (SplitMix64): good enough to draw tokens, never to make keys.
pub struct Rng(u64);

impl Rng {
    /// Starts a stream of numbers that depends on the seed alone.
    pub fn new(seed: u64) -> Self {
        Self(seed ^ 0x9e37_79b9_7f4a_7c15)
    }

    /// Draws 64 bits.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Draws a number below `n`; 0 where `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        if n == 0 { 0 } else { (self.next() % n as u64) as usize }
    }

    /// Draws a number from `low` to `high`, both included.
    pub fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// Says yes in `percent` of a hundred cases.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// Picks one of a list.
    pub fn pick<'a, T: ?Sized>(&mut self, list: &[&'a T]) -> &'a T {
        list[self.below(list.len())]
    }

    /// Picks an index with the given weights.
    pub fn weighted(&mut self, weights: impl Iterator<Item = usize> + Clone) -> usize {
        let mut left = self.below(weights.clone().sum());
        for (at, weight) in weights.enumerate() {
            if left < weight {
                return at;
            }
            left -= weight;
        }
        0
    }

    /// Draws `n` characters of an alphabet.
    pub fn chars(&mut self, alphabet: &str, n: usize) -> String {
        let bytes = alphabet.as_bytes();
        (0..n).map(|_| bytes[self.below(bytes.len())] as char).collect()
    }

    /// Draws `n` bytes.
    pub fn bytes(&mut self, n: usize) -> Vec<u8> {
        (0..n).map(|_| self.next() as u8).collect()
    }

    /// Brings a list into another order.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.below(at + 1));
        }
    }
}

/// The alphabet a letter of the template language stands for.
pub fn alphabet(letter: char) -> Option<&'static str> {
    Some(match letter {
        'a' => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
        'l' => "abcdefghijklmnopqrstuvwxyz0123456789",
        'u' => "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
        'z' => "abcdefghijklmnopqrstuvwxyz",
        'Z' => "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        'd' => "0123456789",
        'n' => "123456789",
        'h' => "0123456789abcdef",
        'H' => "0123456789ABCDEF",
        'b' => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
        'w' => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
        'x' => "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
        '2' => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
        'c' => "0123456789ABCDEFGHJKMNPQRSTVWXYZ",
        'q' => "qpzry9x8gf2tvdw0s3jn54khce6mua7l",
        'p' => "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789!@#$%^&*-_=+?.",
        's' => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~",
        'e' => "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
        _ => return None,
    })
}

/// Everyday words for names, sentences and passphrases.
pub const WORDS: &[&str] = &[
    "amber", "anchor", "apple", "april", "arrow", "atlas", "autumn", "badge", "baker", "bamboo", "banana", "beacon",
    "berlin", "billing", "blossom", "bottle", "branch", "bridge", "bronze", "butter", "cactus", "camel", "candle",
    "canyon", "carbon", "castle", "cedar", "chrome", "cider", "cloud", "cobalt", "coffee", "comet", "copper", "coral",
    "cotton", "cricket", "crystal", "dakota", "dancer", "delta", "desert", "diesel", "dolphin", "dragon", "drift",
    "eagle", "earth", "ember", "engine", "falcon", "feather", "fiddle", "forest", "fossil", "galaxy", "garden",
    "ginger", "glacier", "granite", "guitar", "hammer", "harbor", "hazel", "helmet", "honey", "horizon", "horse",
    "island", "ivory", "jacket", "jasper", "jungle", "kernel", "kettle", "kitten", "ladder", "lagoon", "lantern",
    "lemon", "library", "lizard", "london", "magnet", "mango", "maple", "marble", "meadow", "melon", "mirror",
    "monkey", "mountain", "mustard", "needle", "nickel", "november", "ocean", "olive", "onion", "orange", "orbit",
    "orchid", "otter", "oyster", "panda", "paper", "parrot", "pebble", "pepper", "piano", "pillow", "planet", "pocket",
    "poetry", "prairie", "pumpkin", "purple", "quartz", "rabbit", "radar", "raven", "ribbon", "river", "rocket",
    "saddle", "salmon", "sapphire", "scarlet", "shadow", "silver", "spider", "spring", "staple", "summer", "sunset",
    "tango", "thunder", "tiger", "timber", "tomato", "topaz", "tulip", "turtle", "umbrella", "valley", "velvet",
    "violet", "walnut", "whisper", "willow", "winter", "wizard", "wonder", "yellow", "zebra", "zephyr",
];

/// First names for users, authors and addresses.
pub const PEOPLE: &[&str] = &[
    "alice", "amir", "ana", "boris", "carla", "chen", "david", "elena", "emma", "fatima", "felix", "grace", "hana",
    "ivan", "jonas", "julia", "karl", "laura", "lena", "luca", "maria", "marta", "mehmet", "nadia", "noah", "olga",
    "omar", "paula", "pierre", "priya", "rosa", "sara", "sven", "tomas", "wei", "yuki",
];
