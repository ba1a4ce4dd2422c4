//! Lines for people, on stdout and stderr. Whoever closes a pipe has read enough; that is no failure of the program.

use std::fmt;
use std::io::{self, ErrorKind, Write};

/// Prints a line to stdout.
macro_rules! say {
    ($($words:tt)*) => { $crate::say::out(format_args!("{}\n", format_args!($($words)*))) };
}

/// Prints a line to stderr.
macro_rules! tell {
    ($($words:tt)*) => { $crate::say::beside(format_args!($($words)*)) };
}

/// Prints to stdout. A full disk ends the program: what was asked for is not there.
pub(crate) fn out(words: fmt::Arguments<'_>) {
    match io::stdout().lock().write_fmt(words) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            beside(format_args!("cannot write to stdout: {error}"));
            std::process::exit(2);
        }
        _ => {}
    }
}

/// Prints a line to stderr.
pub(crate) fn beside(words: fmt::Arguments<'_>) {
    let _ = writeln!(io::stderr().lock(), "{words}");
}
