//! Panics of tasks that nobody waits for: the runtime swallows them, a run must not.

use std::cell::Cell;
use std::sync::Once;

thread_local! {
    static COUNT: Cell<u32> = const { Cell::new(0) };
}

/// Begins to count the panics of this thread.
pub fn begin() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            COUNT.set(COUNT.get() + 1);
            usual(info);
        }));
    });
    COUNT.set(0);
}

/// How many there were since.
pub fn count() -> u32 {
    COUNT.get()
}
