//! The `monster` program.

/// What a release is built with: a call makes some hundreds of allocations, most of them small and short-lived.
#[cfg(all(feature = "jemalloc", not(target_env = "msvc")))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> std::process::ExitCode {
    monster::commands::main()
}
