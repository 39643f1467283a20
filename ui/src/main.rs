//! Starts the user interface in the window that loaded it.

fn main() {
    ui::start();
}
