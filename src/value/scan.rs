//! Looking through bytes for the few that mean something.

/// So many are looked at together.
const CHUNK: usize = 16;

/// Where the first byte stands that is special. Fast where that is told by comparisons joined with `|`: as long as
/// none of sixteen is special the processor compares them all at once.
#[inline]
pub fn first_special(bytes: &[u8], is_special: impl Fn(u8) -> bool) -> Option<usize> {
    let plain = |chunk: &&[u8; CHUNK]| !chunk.iter().fold(false, |found, byte| found | is_special(*byte));
    let behind = bytes.as_chunks().0.iter().take_while(plain).count() * CHUNK;
    let place = bytes.get(behind..)?.iter().position(|byte| is_special(*byte))?;
    Some(behind + place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_found_wherever_it_stands() {
        for length in 0..50 {
            for first in 0..=length {
                let bytes: Vec<u8> =
                    (0..length).map(|place| if place < first { b'a' } else { b'b' }).collect();
                let found = (first < length).then_some(first);
                assert_eq!(first_special(&bytes, |byte| byte == b'b'), found, "{first} of {length}");
            }
        }
    }
}
