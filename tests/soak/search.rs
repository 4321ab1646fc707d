//! Looks for many texts in many bytes at once: an hour gives out as many secrets as no search one by one would end with.

use std::collections::{BTreeMap, BTreeSet};

/// The ends of the texts that are looked for.
const END: usize = 8;
const BITS: u32 = 20;

/// Which of the texts stand there, and where first. All are longer than [`END`].
pub fn find<'a>(texts: &'a BTreeSet<String>, bytes: &[u8]) -> BTreeMap<&'a str, usize> {
    let mut by_end: BTreeMap<u64, Vec<&str>> = BTreeMap::new();
    let mut may_be = vec![false; 1 << BITS];
    for text in texts {
        assert!(text.len() >= END, "{text} is too short to be looked for");
        let end = text.bytes().fold(0, shifted);
        by_end.entry(end).or_default().push(text);
        may_be[place(end)] = true;
    }
    let mut found = BTreeMap::new();
    let mut last = 0;
    for (at, byte) in bytes.iter().enumerate() {
        last = shifted(last, *byte);
        if !may_be[place(last)] {
            continue;
        }
        for text in by_end.get(&last).into_iter().flatten() {
            if bytes[..=at].ends_with(text.as_bytes()) {
                found.entry(*text).or_insert(at + 1 - text.len());
            }
        }
    }
    found
}

/// The last eight bytes as a number.
fn shifted(last: u64, byte: u8) -> u64 {
    (last << 8) | u64::from(byte)
}

fn place(end: u64) -> usize {
    let mixed = end.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    usize::try_from(mixed >> (64 - BITS)).unwrap()
}

#[test]
fn every_text_is_found_where_it_stands_first() {
    let texts = [
        "ticket@@@one",
        "ticket@@@two",
        "another-three",
        "not-there-four",
    ];
    let texts: BTreeSet<String> = texts.map(str::to_owned).into();
    let found = find(
        &texts,
        b"xticket@@@twoticket@@@oneanother-threeticket@@@two",
    );
    let found: Vec<(&str, usize)> = found.into_iter().collect();
    assert_eq!(
        found,
        [
            ("another-three", 25),
            ("ticket@@@one", 13),
            ("ticket@@@two", 1)
        ]
    );
}
