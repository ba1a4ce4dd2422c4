//! What `nsw` says of its own use.

use expect_test::expect;

use super::fixture::{check, stdout};

#[test]
fn no_arguments() {
    check(
        &[],
        &expect![[r#"
            exit code 2
            --- stderr
            A virtual switch that behaves like a vSphere standard switch, and says why

            Usage: nsw [OPTIONS] <COMMAND>

            Commands:
              demo         Play the nested-lab fault and both cures, live
              lab          Build, look at and take down labs
              why          Say why two ends of a lab file do not reach each other, and what to do
              fix          Show each fix in full, or write one into the lab file
              reach        Show who reaches whom in a lab file, and what is in the way of the others
              exposure     Show who can read whose traffic and who can send as whom, now and at worst
              tighten      Show which settings can be closed while everybody still reaches whom he reaches
              trace        Follow a conversation or a frame through a lab file, without a network
              audit        Hold a lab file against hardening rules, with exceptions that somebody answers for
              graph        Draw a lab as a picture, and the way of a conversation in it
              esxcli       Talk to a live host with esxcli's words
              explain      Explain why a frame was dropped or lost, by its code
              host         Run a host by itself
              schema       Print the JSON Schema of the lab file, or of an audit's exceptions
              openapi      Print the OpenAPI document of the host's local API
              completions  Print a shell completion script
              man          Write man pages into a folder
              help         Print this message or the help of the given subcommand(s)

            Options:
              -h, --help     Print help
              -V, --version  Print version

            Everywhere:
                  --json        Print JSON instead of text
                  --verbose...  Say more on stderr; twice for debugging

            Exit codes: 0 yes, 1 no or findings, 2 error.
            nestswitch is not affiliated with VMware or Broadcom.
        "#]],
    );
}

#[test]
fn the_version() {
    let (text, code) = stdout(&["--version"]);
    assert_eq!((text, code), (format!("nsw {}\n", env!("CARGO_PKG_VERSION")), 0));
}

#[test]
fn an_unknown_command() {
    check(
        &["trase"],
        &expect![[r#"
        exit code 2
        --- stderr
        error: unrecognized subcommand 'trase'

          tip: a similar subcommand exists: 'trace'

        Usage: nsw [OPTIONS] <COMMAND>

        For more information, try '--help'.
    "#]],
    );
}

#[test]
fn help_of_the_commands_that_are_used_most() {
    check(
        &["lab", "--help"],
        &expect![[r#"
        exit code 0
        --- stdout
        Build, look at and take down labs

        Usage: nsw lab [OPTIONS] <COMMAND>

        Commands:
          check   Check a lab file: all errors at once, each with its line
          up      Build the lab, or change the running one into what the file says
          status  Show hosts, switches, ports and VMs of a running lab
          list    List the running labs
          exec    Run a command in a VM, a host's VMkernel or an end station
          ping    Ping from one end point to another with the kernel's own stack
          drops   Show why frames were dropped, newest last
          down    Take a lab down
          help    Print this message or the help of the given subcommand(s)

        Options:
          -h, --help  Print help

        Everywhere:
              --json        Print JSON instead of text
              --verbose...  Say more on stderr; twice for debugging
    "#]],
    );
    check(
        &["lab", "up", "--help"],
        &expect![[r#"
            exit code 0
            --- stdout
            Build the lab, or change the running one into what the file says

            Usage: nsw lab up [OPTIONS] [FILE]

            Arguments:
              [FILE]  The lab file [default: lab.yaml]

            Options:
              -d, --detach           Return once the lab is up; `nsw lab down` ends it
                  --dry-run          Say what would change and change nothing
                  --engine <ENGINE>  What moves frames: kernel (as root), user, or auto, the kernel's where it
                                     can be had; for one host as HOST=ENGINE [default: auto]
                  --lang <LANG>      The language: en or ja; if not given, that of LC_ALL, LC_MESSAGES or LANG
              -h, --help             Print help

            Everywhere:
                  --json        Print JSON instead of text
                  --verbose...  Say more on stderr; twice for debugging
        "#]],
    );
    check(
        &["lab", "exec", "--help"],
        &expect![[r#"
        exit code 0
        --- stdout
        Run a command in a VM, a host's VMkernel or an end station

        Usage: nsw lab exec [OPTIONS] <NAME> -- <COMMAND>...

        Arguments:
          <NAME>        The VM, host or station
          <COMMAND>...  The command

        Options:
              --lab <LAB>  The lab's name; not needed while only one runs [env: NSW_LAB]
          -h, --help       Print help

        Everywhere:
              --json        Print JSON instead of text
              --verbose...  Say more on stderr; twice for debugging
    "#]],
    );
    check(
        &["trace", "--help"],
        &expect![[r#"
            exit code 0
            --- stdout
            Follow a conversation or a frame through a lab file, without a network

            Usage: nsw trace [OPTIONS] <FILE>

            Arguments:
              <FILE>  The lab file

            Options:
                  --from <FROM>     The end point that speaks: VM, VM/nic, host/vmk0, station, IP or MAC address
                  --to <TO>         The end point spoken to
                  --at <HOST/PORT>  The port where one frame enters, as physical/nested-1.vmnic0
                  --frame <FRAME>   The frame, as 'src=00:50:56:aa:00:07 dst=broadcast vlan=20'
                  --lang <LANG>     The language: en or ja; if not given, that of LC_ALL, LC_MESSAGES or LANG
              -h, --help            Print help

            Everywhere:
                  --json        Print JSON instead of text
                  --verbose...  Say more on stderr; twice for debugging
        "#]],
    );
    check(
        &["esxcli", "network", "vswitch", "standard", "portgroup", "policy", "security", "set", "--help"],
        &expect![[r#"
            exit code 0
            --- stdout
            Override settings; with --use-vswitch first inherit all three

            Usage: nsw esxcli network vswitch standard portgroup policy security set [OPTIONS] --portgroup-name <NAME>

            Options:
              -p, --portgroup-name <NAME>          The port group
              -o, --allow-promiscuous <BOOL>       Promiscuous mode: true is Accept, false is Reject [possible
                                                   values: true, false]
              -m, --allow-mac-change <BOOL>        MAC address changes: true is Accept, false is Reject
                                                   [possible values: true, false]
              -f, --allow-forged-transmits <BOOL>  Forged transmits: true is Accept, false is Reject [possible
                                                   values: true, false]
              -u, --use-vswitch                    First inherit all three settings from the vSwitch
              -h, --help                           Print help

            Everywhere:
                  --json        Print JSON instead of text
                  --verbose...  Say more on stderr; twice for debugging
        "#]],
    );
}

/// The commands below `path`, as its help lists them.
fn commands_of(path: &[String]) -> Vec<Vec<String>> {
    let mut args: Vec<&str> = path.iter().map(String::as_str).collect();
    args.push("--help");
    let (text, code) = stdout(&args);
    assert_eq!(code, 0);
    for line in text.lines() {
        // The usage is one line by definition.
        assert!(line.chars().count() <= 100 || line.starts_with("Usage: "), "nsw {args:?}: {line}");
        let undescribed = line.trim_start().starts_with('-') && line.trim().split("  ").count() < 2;
        assert!(!undescribed, "nsw {args:?} does not say what this is: {line}");
    }
    let commands = text
        .split_once("\nCommands:\n")
        .map(|(_, rest)| rest.lines().take_while(|line| line.starts_with("  ")));
    commands
        .into_iter()
        .flatten()
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(|name| path.iter().cloned().chain([name.to_owned()]).collect())
        .collect()
}

#[test]
fn the_help_of_every_command_fits_a_terminal_and_describes_every_option() {
    let mut open = vec![Vec::new()];
    let mut seen = 0;
    while let Some(path) = open.pop() {
        open.extend(commands_of(&path));
        seen += 1;
    }
    assert!(seen > 30, "only {seen} commands were found");
}
