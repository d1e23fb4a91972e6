//! The `monster` program.

fn main() -> std::process::ExitCode {
    monster::commands::main()
}
