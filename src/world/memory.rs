//! The door to what others may see of this process's memory.

/// Keeps keys out of core dumps, and this process's memory from other processes of the same user.
///
/// Linux: the process is marked as not dumpable, which a program that it starts does not inherit. Other Unix systems:
/// core dumps are limited to nothing, which it does. Windows writes no dumps unless its owner asks for them.
pub fn shut() {
    // Where the system refuses, the work goes on as it would without.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    #[cfg(all(unix, not(target_os = "linux")))]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let most = getrlimit(Resource::Core).maximum;
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: most });
    }
}
