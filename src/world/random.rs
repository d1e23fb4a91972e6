//! The door to randomness.

/// `N` random bytes from the operating system. Should that ever fail, the process cannot make
/// secrets at all, so the caller gets the error.
///
/// # Errors
/// The operating system's own.
pub fn bytes<const N: usize>() -> std::io::Result<[u8; N]> {
    let mut out = [0u8; N];
    getrandom::fill(&mut out).map_err(|e| std::io::Error::other(e.to_string()))?;
    Ok(out)
}
