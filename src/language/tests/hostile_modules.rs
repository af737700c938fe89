//! Modules under texts that are meant to hold them up, fill them, or run over the end of their stack.

use super::*;

const TEXTS: &str = include_str!("../../../tests/data/modules/hostile.txt");

/// Each text is answered in time, by the small stack of a connection's thread where it may go there.
#[test]
fn whatever_is_asked_of_modules_is_answered_in_time() {
    let answer = |only_here: bool| {
        let bench = Bench::new();
        for text in TEXTS.lines() {
            let here = bench.language.prepare(text).is_ok_and(|prepared| prepared.lane() == Lane::Here);
            if here != only_here {
                continue;
            }
            let (time, said) = timed(&bench, text);
            assert!(!said.contains("internal"), "{text}\n  {said}");
            // 250 ms are the limit; the rest is for machines that do other things as well.
            assert!(time < Duration::from_secs(10), "{text}: {time:?}");
            println!("{} ms {text}\n  {:.100}", time.as_millis(), said);
        }
    };
    std::thread::scope(|scope| {
        for (stack, only_here) in [(2, true), (8, false)] {
            let thread = std::thread::Builder::new().stack_size(stack * 1024 * 1024);
            thread.spawn_scoped(scope, move || answer(only_here)).unwrap();
        }
    });
}
