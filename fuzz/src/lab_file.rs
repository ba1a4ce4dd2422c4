//! Any text is a lab or has at least one problem with a line, never a panic; what is accepted has no duplicate hosts.

use std::collections::BTreeSet;

use nsw_lab::spec;

/// Reads `data` as a lab file.
pub fn lab_file(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match spec::parse("lab.yaml", text) {
        Ok(parsed) => {
            let hosts = parsed.lab.all_hosts();
            let names: BTreeSet<&str> = hosts.iter().map(|(_, host)| host.name.as_str()).collect();
            assert_eq!(names.len(), hosts.len(), "every host has a name of its own");
            assert!(parsed.warnings.iter().all(spec::Problem::is_warning));
        }
        Err(diagnostics) => {
            assert!(!diagnostics.problems().is_empty(), "a refusal says why");
            // YAML ends lines with a carriage return alone, too.
            let ends = text.matches(['\n', '\r']).count();
            let lines = u32::try_from(ends).unwrap_or(u32::MAX).saturating_add(1);
            for problem in diagnostics.problems() {
                assert!(
                    (1..=lines).contains(&problem.position.line),
                    "{} is beyond the file",
                    problem.position
                );
                assert!(!problem.is_warning());
            }
        }
    }
}
