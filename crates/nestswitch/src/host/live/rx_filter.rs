//! What a guest in QEMU asks of its adapter, read over QEMU's machine protocol (QMP).
//!
//! QEMU keeps the receive filter that the guest's driver programmed. `query-rx-filter` tells it; the event
//! `NIC_RX_FILTER_CHANGED` says that it changed and comes once, until somebody has queried again. So each event is
//! answered by a query, and no change is lost. A QEMU that is not there, or ends, is looked for once a second.
//!
//! A standard switch knows one address a port, so the filter's table of further unicast addresses has no counterpart;
//! a guest that wants all unicast asks, for the switch, for promiscuous mode.
//!
//! Reference: QEMU's `qapi/net.json`, `docs/interop/qmp-spec`.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use nsw_core::{GuestRequest, Mac, VlanId};
use serde::Deserialize;
use serde_json::{Value, json};

/// Between two attempts to find QEMU.
const AGAIN_AFTER: Duration = Duration::from_secs(1);
/// How long a QEMU that is there may take to answer while a host starts.
const AT_ONCE: Duration = Duration::from_millis(500);

/// A thread that follows one adapter's receive filter. Dropping it stops it.
#[derive(Debug)]
pub(super) struct RxFilter {
    stop: Arc<Stop>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Stop {
    state: Mutex<StopState>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct StopState {
    stopped: bool,
    /// The connection that is being read.
    stream: Option<UnixStream>,
}

impl Stop {
    fn lock(&self) -> MutexGuard<'_, StopState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits a while; false once it is time to stop.
    fn pause(&self) -> bool {
        let guard = self.lock();
        let waited = self.changed.wait_timeout_while(guard, AGAIN_AFTER, |state| !state.stopped);
        !waited.unwrap_or_else(PoisonError::into_inner).0.stopped
    }
}

impl RxFilter {
    /// Follows the filter of the adapter that QEMU behind `socket` calls `name`, or of its only one. `on_change` is
    /// called by the thread with what was found, at every connection and after every change.
    ///
    /// # Errors
    /// If the system has no thread left.
    pub(super) fn follow(
        socket: &Path,
        name: &str,
        on_change: impl Fn(GuestRequest) + Send + 'static,
    ) -> io::Result<Self> {
        let stop = Arc::new(Stop::default());
        let (stopped, socket, name) = (Arc::clone(&stop), socket.to_owned(), name.to_owned());
        let thread = thread::Builder::new()
            .name(format!("qmp {name}"))
            .spawn(move || look_again_and_again(&stopped, &socket, &name, &on_change))?;
        Ok(Self { stop, thread: Some(thread) })
    }
}

impl Drop for RxFilter {
    fn drop(&mut self) {
        let mut state = self.stop.lock();
        state.stopped = true;
        if let Some(stream) = &state.stream {
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
        drop(state);
        self.stop.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn look_again_and_again(stop: &Stop, socket: &Path, name: &str, on_change: &dyn Fn(GuestRequest)) {
    let mut last_words = String::new();
    loop {
        let ended = look(stop, socket, name, on_change);
        let words = ended.map_or_else(|error| error.to_string(), |()| "it closed the connection".to_owned());
        // Said once: QEMU may not run for days.
        if words != last_words {
            tracing::info!("port {name}: QEMU behind {}: {words}", socket.display());
            last_words = words;
        }
        if !stop.pause() {
            return;
        }
    }
}

/// What the guest of adapter `name` asks now, if QEMU behind `socket` says so at once.
pub(super) fn look_once(socket: &Path, name: &str) -> Option<GuestRequest> {
    let look = || -> io::Result<GuestRequest> {
        let stream = UnixStream::connect(socket)?;
        stream.set_read_timeout(Some(AT_ONCE))?;
        let mut monitor = Monitor { reader: BufReader::new(stream), changed: false };
        monitor.greet()?;
        request(&monitor.ask("query-rx-filter")?, name)
    };
    look().ok()
}

/// Follows the filter until QEMU ends or it is time to stop.
fn look(stop: &Stop, socket: &Path, name: &str, on_change: &dyn Fn(GuestRequest)) -> io::Result<()> {
    let stream = UnixStream::connect(socket)?;
    {
        let mut state = stop.lock();
        if state.stopped {
            return Ok(());
        }
        state.stream = Some(stream.try_clone()?);
    }
    let mut monitor = Monitor { reader: BufReader::new(stream), changed: false };
    monitor.greet()?;
    loop {
        monitor.changed = false;
        let adapters = monitor.ask("query-rx-filter")?;
        on_change(request(&adapters, name)?);
        while !monitor.changed {
            if monitor.read()?.is_none() {
                return Ok(());
            }
        }
    }
}

/// A connection to a QMP server: a line of JSON each way.
struct Monitor {
    reader: BufReader<UnixStream>,
    /// The event came since this was last cleared.
    changed: bool,
}

impl Monitor {
    fn greet(&mut self) -> io::Result<()> {
        let greeting = self.read()?;
        if greeting.is_none_or(|greeting| greeting.get("QMP").is_none()) {
            return Err(io::Error::other("what answers is not QMP"));
        }
        self.ask("qmp_capabilities").map(drop)
    }

    fn ask(&mut self, command: &str) -> io::Result<Value> {
        let mut line = json!({ "execute": command }).to_string();
        line.push('\n');
        self.reader.get_mut().write_all(line.as_bytes())?;
        loop {
            let Some(mut message) = self.read()? else {
                return Err(io::ErrorKind::UnexpectedEof.into());
            };
            if let Some(answer) = message.get_mut("return") {
                return Ok(answer.take());
            }
            if let Some(error) = message.get("error") {
                return Err(io::Error::other(format!("{command}: {}", error["desc"])));
            }
        }
    }

    /// The next message; `None` at the end.
    fn read(&mut self) -> io::Result<Option<Value>> {
        let mut line = String::new();
        if self.reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let message: Value = serde_json::from_str(&line)?;
        self.changed |= message["event"] == "NIC_RX_FILTER_CHANGED";
        Ok(Some(message))
    }
}

/// One adapter's filter, as `query-rx-filter` tells it.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Filter {
    name: String,
    promiscuous: bool,
    main_mac: String,
    unicast: Receives,
    unicast_overflow: bool,
    multicast: Receives,
    multicast_overflow: bool,
    multicast_table: Vec<String>,
    vlan: Receives,
    vlan_table: Vec<u16>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
enum Receives {
    Normal,
    None,
    All,
}

/// What the guest of adapter `name`, or of the only adapter, asks.
fn request(adapters: &Value, name: &str) -> io::Result<GuestRequest> {
    let filters = Vec::<Filter>::deserialize(adapters)?;
    let filter = match &filters[..] {
        [only] => Some(only),
        several => several.iter().find(|filter| filter.name == name),
    };
    let filter = filter
        .ok_or_else(|| io::Error::other(format!("it has {} adapters, none `{name}`", filters.len())))?;
    let mac = |text: &str| text.parse::<Mac>().map_err(io::Error::other);
    let mut groups = filter.multicast_table.iter().map(|group| mac(group)).collect::<io::Result<Vec<_>>>()?;
    groups.sort_unstable();
    groups.dedup();
    Ok(GuestRequest {
        mac: mac(&filter.main_mac)?,
        promiscuous: filter.promiscuous || filter.unicast == Receives::All || filter.unicast_overflow,
        all_multicast: filter.multicast == Receives::All || filter.multicast_overflow,
        groups,
        vlans: match filter.vlan {
            Receives::All => None,
            Receives::None => Some(Vec::new()),
            Receives::Normal => Some(filter.vlan_table.iter().copied().filter_map(VlanId::new).collect()),
        },
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;
    use std::sync::mpsc;

    use expect_test::{Expect, expect};

    use super::*;

    /// As QEMU 7.2 writes it.
    fn filter(name: &str, mac: &str, change: &str) -> String {
        let plain = format!(
            r#"{{"promiscuous": false, "name": "{name}", "main-mac": "{mac}", "unicast": "normal", "vlan": "all",
            "vlan-table": [], "unicast-table": [], "multicast": "normal", "multicast-overflow": false,
            "unicast-overflow": false, "multicast-table": ["33:33:00:00:00:01", "01:00:5e:00:00:01"],
            "broadcast-allowed": true}}"#
        );
        let mut filter: Value = serde_json::from_str(&plain).unwrap();
        let change: Value = serde_json::from_str(change).unwrap();
        filter.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        filter.to_string()
    }

    fn check(filters: &[String], expected: &Expect) {
        let adapters = serde_json::from_str(&format!("[{}]", filters.join(","))).unwrap();
        let text = match request(&adapters, "esxi-1") {
            Ok(GuestRequest { mac, promiscuous, all_multicast, groups, vlans }) => {
                let groups: Vec<String> = groups.iter().map(Mac::to_string).collect();
                let vlans = vlans.map_or(String::new(), |vlans| format!(", VLANs {vlans:?}"));
                format!(
                    "{mac} promiscuous {promiscuous}, all multicast {all_multicast}, {}{vlans}",
                    groups.join(" ")
                )
            }
            Err(error) => error.to_string(),
        };
        expected.assert_eq(&text);
    }

    // V-8: what the guest's driver put into the VLAN table of its adapter.
    #[test]
    fn a_guest_that_filters_vlans_is_seen_to() {
        check(
            &[filter("net0", "00:50:56:01:00:01", r#"{"vlan": "normal", "vlan-table": [0, 10]}"#)],
            &expect![
                "00:50:56:01:00:01 promiscuous false, all multicast false, 01:00:5e:00:00:01 33:33:00:00:00:01, VLANs [VlanId(0), VlanId(10)]"
            ],
        );
    }

    #[test]
    fn the_filter_of_the_adapter_of_that_name_or_of_the_only_one() {
        let (ours, other) = ("00:50:56:01:00:01", "00:50:56:02:00:02");
        check(
            &[filter("other", other, "{}"), filter("esxi-1", ours, "{}")],
            &expect![
                "00:50:56:01:00:01 promiscuous false, all multicast false, 01:00:5e:00:00:01 33:33:00:00:00:01"
            ],
        );
        check(
            &[filter("net0", ours, r#"{"promiscuous": true, "multicast": "all"}"#)],
            &expect![
                "00:50:56:01:00:01 promiscuous true, all multicast true, 01:00:5e:00:00:01 33:33:00:00:00:01"
            ],
        );
        check(
            &[filter("a", ours, "{}"), filter("b", other, "{}")],
            &expect!["it has 2 adapters, none `esxi-1`"],
        );
        check(&[], &expect!["it has 0 adapters, none `esxi-1`"]);
    }

    #[test]
    fn a_filter_that_ran_over_asks_for_everything_of_its_kind() {
        check(
            &[filter("esxi-1", "00:50:56:01:00:01", r#"{"unicast-overflow": true, "multicast-table": []}"#)],
            &expect!["00:50:56:01:00:01 promiscuous true, all multicast false, "],
        );
        check(
            &[filter(
                "esxi-1",
                "00:50:56:01:00:01",
                r#"{"multicast-overflow": true, "multicast-table": []}"#,
            )],
            &expect!["00:50:56:01:00:01 promiscuous false, all multicast true, "],
        );
    }

    #[test]
    fn each_event_is_answered_by_a_query_and_a_new_qemu_is_found() {
        let folder = std::env::temp_dir().join(format!("nsw-qmp-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("qmp");
        let listener = UnixListener::bind(&path).unwrap();
        let (told, tells) = mpsc::channel();
        let follower =
            RxFilter::follow(&path, "esxi-1", move |request| told.send(request.mac).unwrap()).unwrap();
        for macs in [&["00:50:56:01:00:01", "00:50:56:01:00:02"][..], &["00:50:56:01:00:03"]] {
            let mut qemu = BufReader::new(listener.accept().unwrap().0);
            let mut say = |line: &str| writeln!(qemu.get_mut(), "{line}").unwrap();
            say(r#"{"QMP": {"version": {}, "capabilities": []}}"#);
            for (n, mac) in macs.iter().enumerate() {
                if n == 0 {
                    hears(&mut qemu, "qmp_capabilities");
                    writeln!(qemu.get_mut(), r#"{{"return": {{}}}}"#).unwrap();
                } else {
                    writeln!(qemu.get_mut(), r#"{{"event": "NIC_RX_FILTER_CHANGED", "data": {{}}}}"#)
                        .unwrap();
                }
                hears(&mut qemu, "query-rx-filter");
                // Whatever else QEMU says meanwhile is no answer.
                writeln!(qemu.get_mut(), r#"{{"event": "RESUME"}}"#).unwrap();
                writeln!(qemu.get_mut(), r#"{{"return": [{}]}}"#, filter("net0", mac, "{}")).unwrap();
                assert_eq!(tells.recv().unwrap().to_string(), *mac);
            }
        }
        drop(follower);
        std::fs::remove_dir_all(&folder).unwrap();
    }

    fn hears(qemu: &mut BufReader<UnixStream>, command: &str) {
        let mut line = String::new();
        qemu.read_line(&mut line).unwrap();
        assert!(line.contains(command), "{line}");
    }
}
