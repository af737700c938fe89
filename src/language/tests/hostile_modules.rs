//! Modules under texts that are meant to hold them up, fill them, or run over the end of their stack.

use super::*;

const TEXTS: &str = include_str!("../../../tests/data/modules/hostile.txt");

/// Each text is answered in time, by the small stack of a connection's thread where it may go there.
#[test]
fn whatever_is_asked_of_modules_is_answered_in_time() {
    let bench = Bench::new();
    let lane = |text: &str| bench.language.prepare(text).map_or(Lane::Here, |prepared| prepared.lane());
    let (here, scripts): (Vec<&str>, Vec<&str>) = TEXTS.lines().partition(|text| lane(text) == Lane::Here);
    assert!(here.len() > 20 && scripts.len() > 20, "{} and {}", here.len(), scripts.len());
    std::thread::scope(|scope| {
        let start = |stack: usize, texts: Vec<&'static str>| {
            let thread = std::thread::Builder::new().stack_size(stack * 1024 * 1024);
            thread.spawn_scoped(scope, move || answer(&texts)).unwrap();
        };
        start(2, here);
        for texts in scripts.chunks(12) {
            start(8, texts.to_vec());
        }
    });
}

fn answer(texts: &[&str]) {
    let bench = Bench::new();
    for text in texts {
        let (time, said) = timed(&bench, text);
        assert!(!said.contains("internal"), "{text}\n  {said}");
        // 250 ms are the limit; the rest is for machines that do other things as well.
        assert!(time < Duration::from_secs(10), "{text}: {time:?}");
        println!("{} ms {text}\n  {said:.100}", time.as_millis());
    }
}

/// A pattern may use up its time, and the threads of connections are not there to wait for it.
#[test]
fn patterns_go_to_script_threads() {
    let bench = Bench::new();
    for (text, lane) in [
        ("re.search('(a|b)*c', x)", Lane::Script),
        ("re.compile('a').sub('b', 'c')", Lane::Script),
        ("math.sqrt(2)", Lane::Here),
        ("datetime.datetime.now()", Lane::Here),
    ] {
        assert!(bench.language.prepare(text).unwrap().lane() == lane, "{text}");
    }
}
