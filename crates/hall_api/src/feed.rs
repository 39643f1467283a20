//! The feed of one window.

/// The feed of one window: frames of [`protocol::feed::Frame`], a snapshot first.
#[derive(Debug)]
pub struct Feed {}

impl Feed {
    /// The next frame, ready to be sent; `None` when the hall has shut down. At most ten frames
    /// a second, at least one. Dropping the future loses nothing.
    pub async fn next_frame(&mut self) -> Option<Vec<u8>> {
        std::future::pending().await
    }
}
