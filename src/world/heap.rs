//! Room for what is large, taken before it is made: a value that is made first lies on the stack and is copied from there,
//! with all the room that it will ever need.

use std::pin::Pin;

/// Makes a future where it stays. The future of a call has twenty kilobytes, most of them empty when it begins;
/// `Box::pin` copies them all.
#[inline(always)]
pub fn pinned<F>(make: impl FnOnce() -> F) -> Pin<Box<F>> {
    let room = Box::new_uninit();
    Box::into_pin(Box::write(room, make()))
}

#[cfg(test)]
mod tests {
    #[tokio::test]
    async fn what_is_made_in_its_place_is_what_was_made() {
        let word = "kept".to_owned();
        let made = super::pinned(|| async move {
            let room = [7_u8; 4096];
            tokio::task::yield_now().await;
            format!("{word} {}", room.len())
        });
        assert_eq!(made.await, "kept 4096");
    }
}
