//! Names inside commands.

/// For a POSIX shell: as it is where that is safe, else in single quotes.
pub(super) fn shell(text: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || "-_./:,".contains(c);
    if !text.is_empty() && text.chars().all(safe) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// For PowerShell, in single quotes, where nothing but the quote itself has a meaning.
pub(super) fn powershell(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_end_its_quotes() {
        assert_eq!(shell("vSwitch0"), "vSwitch0");
        assert_eq!(shell("Bob's net; reboot"), r"'Bob'\''s net; reboot'");
        assert_eq!(powershell("Bob's $net"), "'Bob''s $net'");
    }
}
