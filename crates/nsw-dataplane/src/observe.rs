//! What guests ask of their adapters, seen from inside their namespaces.
//!
//! A guest programs its adapter by ordinary means: `ip link set eth0 address ...` changes the MAC address, a sniffer
//! makes the device promiscuous, joining a group adds to its multicast list. The kernel announces most of that by
//! netlink; an announcement is only taken as the hint to look again, so none that is lost or coalesced can mislead. The
//! multicast list is not announced by every kernel, so it is also looked at four times a second.
//!
//! Reference: `rtnetlink(7)`; `/proc/net/dev_mcast`.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};

use netlink_sys::protocols::NETLINK_ROUTE;
use netlink_sys::{Socket, SocketAddr};
use nsw_core::Mac;
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::event::{EventfdFlags, eventfd};
use rustix::io::Errno;
use rustix::time::Timespec;

use crate::link::Link;
use crate::netns::{Namespace, NamespaceId};

/// How often the multicast lists are looked at without being announced.
const PERIOD: Timespec = Timespec { tv_sec: 0, tv_nsec: 250_000_000 };
/// The group of device changes, as a bit; the other two are numbers.
const RTMGRP_LINK: u32 = 1;
const RTNLGRP_IPV4_MCADDR: u32 = 37;
const RTNLGRP_IPV6_MCADDR: u32 = 38;
const WAKE: u64 = u64::MAX;

/// What a device in a guest looks like now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Observation {
    /// The number under which the device is watched.
    pub token: u64,
    /// Its MAC address.
    pub mac: Mac,
    /// It is asked for every frame, by its own flag or by a packet socket.
    pub promiscuous: bool,
    /// It is asked for every multicast frame.
    pub all_multicast: bool,
    /// It is asked for these multicast groups, in ascending order.
    pub groups: Vec<Mac>,
    /// It is set up and has a carrier.
    pub link_up: bool,
    /// It is not there, or no longer. The rest is then what was last seen.
    pub gone: bool,
}

/// A thread that watches devices. Dropping it stops it.
#[derive(Debug)]
pub struct Observer {
    commands: Sender<Command>,
    wake: Arc<OwnedFd>,
    thread: Option<JoinHandle<()>>,
}

enum Command {
    Watch(Box<Watch>),
    Unwatch(u64),
    Stop,
}

/// What is opened in a namespace before the observer's thread takes over.
struct Watch {
    token: u64,
    namespace: Namespace,
    device: String,
    announcements: Socket,
    multicast: Option<File>,
}

impl Observer {
    /// Starts the thread. `on_change` is called by it, once for each watched device at first and then whenever
    /// something about it changed.
    ///
    /// # Errors
    /// If the system has no descriptor or thread left.
    pub fn start(on_change: impl FnMut(Observation) + Send + 'static) -> io::Result<Self> {
        let wake = Arc::new(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?);
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        epoll::add(&epoll, &*wake, EventData::new_u64(WAKE), EventFlags::IN)?;
        let (commands, inbox) = mpsc::channel();
        let worker = Worker {
            epoll,
            wake: Arc::clone(&wake),
            inbox,
            guests: HashMap::new(),
            next_guest: 0,
            on_change: Box::new(on_change),
        };
        let thread = thread::Builder::new().name("nsw observer".into()).spawn(move || worker.run())?;
        Ok(Self { commands, wake, thread: Some(thread) })
    }

    /// Watches `device`, as it is named now in `namespace`. Its state is reported at once, also if it is not there.
    /// Watching under a token that is in use replaces that watch.
    ///
    /// # Errors
    /// If the namespace cannot be listened to, or the observer has stopped.
    pub fn watch(&self, token: u64, namespace: &Namespace, device: &str) -> io::Result<()> {
        let (announcements, multicast) = namespace.run(|| {
            let multicast = File::open("/proc/thread-self/net/dev_mcast").ok();
            Ok::<_, io::Error>((listen()?, multicast))
        })??;
        self.tell(Command::Watch(Box::new(Watch {
            token,
            namespace: namespace.clone(),
            device: device.to_owned(),
            announcements,
            multicast,
        })))
    }

    /// Stops watching. Reports that are under way may still arrive.
    ///
    /// # Errors
    /// If the observer has stopped.
    pub fn unwatch(&self, token: u64) -> io::Result<()> {
        self.tell(Command::Unwatch(token))
    }

    fn tell(&self, command: Command) -> io::Result<()> {
        self.commands
            .send(command)
            .map_err(|_| io::Error::new(io::ErrorKind::BrokenPipe, "the observer has stopped"))?;
        let _ = rustix::io::write(&*self.wake, &1_u64.to_ne_bytes());
        Ok(())
    }
}

impl Drop for Observer {
    fn drop(&mut self) {
        let _ = self.tell(Command::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Worker {
    epoll: OwnedFd,
    wake: Arc<OwnedFd>,
    inbox: Receiver<Command>,
    guests: HashMap<u64, Guest>,
    next_guest: u64,
    on_change: Box<dyn FnMut(Observation) + Send>,
}

/// One namespace with watched devices.
struct Guest {
    id: NamespaceId,
    namespace: Namespace,
    announcements: Socket,
    multicast: Option<File>,
    devices: Vec<Device>,
}

struct Device {
    /// Stays the same when the guest renames the device; `None` until it was found.
    index: Option<u32>,
    name: String,
    last: Option<Observation>,
    token: u64,
}

impl Worker {
    fn run(mut self) {
        let mut events = Vec::with_capacity(64);
        loop {
            events.clear();
            let period = (!self.guests.is_empty()).then_some(&PERIOD);
            match epoll::wait(&self.epoll, rustix::buffer::spare_capacity(&mut events), period) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return tracing::error!(%error, "the observer cannot wait"),
            }
            for event in &events {
                match event.data.u64() {
                    WAKE if !self.obey() => return,
                    WAKE => {}
                    guest => self.look_at(guest),
                }
            }
            if events.is_empty() {
                let guests: Vec<u64> = self.guests.keys().copied().collect();
                guests.into_iter().for_each(|guest| self.look_at(guest));
            }
        }
    }

    fn obey(&mut self) -> bool {
        let _ = rustix::io::read(&*self.wake, &mut [0; 8]);
        while let Ok(command) = self.inbox.try_recv() {
            match command {
                Command::Watch(watch) => self.watch(*watch),
                Command::Unwatch(token) => self.unwatch(token),
                Command::Stop => return false,
            }
        }
        true
    }

    fn watch(&mut self, watch: Watch) {
        self.unwatch(watch.token);
        let device = Device { index: None, name: watch.device, last: None, token: watch.token };
        let id = watch.namespace.id();
        let known = self.guests.iter_mut().find(|(_, guest)| guest.id == id);
        let key = if let Some((key, guest)) = known {
            guest.devices.push(device);
            *key
        } else {
            let key = self.next_guest;
            self.next_guest += 1;
            let data = EventData::new_u64(key);
            if let Err(error) = epoll::add(&self.epoll, &watch.announcements, data, EventFlags::IN) {
                tracing::warn!(%error, "changes in a guest are noticed late");
            }
            let Watch { namespace, announcements, multicast, .. } = watch;
            self.guests.insert(key, Guest { id, namespace, announcements, multicast, devices: vec![device] });
            key
        };
        self.look_at(key);
    }

    fn unwatch(&mut self, token: u64) {
        let epoll = &self.epoll;
        self.guests.retain(|_, guest| {
            guest.devices.retain(|device| device.token != token);
            let keep = !guest.devices.is_empty();
            if !keep {
                let _ = epoll::delete(epoll, &guest.announcements);
            }
            keep
        });
    }

    /// Reports what changed about the devices of one guest.
    fn look_at(&mut self, key: u64) {
        let Some(guest) = self.guests.get_mut(&key) else { return };
        drain(&guest.announcements);
        let lists = guest.multicast.as_ref().map(read_lists).unwrap_or_default();
        for device in &mut guest.devices {
            let now = device.look(&guest.namespace, &lists);
            if device.last.as_ref() != Some(&now) {
                device.last = Some(now.clone());
                (self.on_change)(now);
            }
        }
    }
}

impl Device {
    fn look(&mut self, namespace: &Namespace, lists: &[(u32, Mac)]) -> Observation {
        let found = match self.index {
            Some(index) => Link::by_index(namespace, index),
            None => Link::find(namespace, &self.name),
        };
        // Not being able to look is as good as nothing being there.
        let Some(link) = found.ok().flatten() else { return self.gone() };
        self.index = Some(link.index);
        let mut groups: Vec<Mac> =
            lists.iter().filter(|(index, _)| *index == link.index).map(|(_, group)| *group).collect();
        groups.sort_unstable();
        groups.dedup();
        Observation {
            token: self.token,
            mac: link.mac.unwrap_or(Mac::ZERO),
            promiscuous: link.promiscuous,
            all_multicast: link.all_multicast,
            groups,
            link_up: link.up && link.carrier,
            gone: false,
        }
    }

    fn gone(&self) -> Observation {
        let nothing = Observation {
            token: self.token,
            mac: Mac::ZERO,
            promiscuous: false,
            all_multicast: false,
            groups: Vec::new(),
            link_up: false,
            gone: true,
        };
        Observation { link_up: false, gone: true, ..self.last.clone().unwrap_or(nothing) }
    }
}

/// A socket that hears the calling thread's namespace announce changes of devices and, since Linux 6.14, of groups.
fn listen() -> io::Result<Socket> {
    let mut socket = Socket::new(NETLINK_ROUTE)?;
    socket.bind(&SocketAddr::new(0, RTMGRP_LINK))?;
    for group in [RTNLGRP_IPV4_MCADDR, RTNLGRP_IPV6_MCADDR] {
        let _ = socket.add_membership(group);
    }
    socket.set_non_blocking(true)?;
    Ok(socket)
}

/// Empties a socket. An overflow (`ENOBUFS`) is no more than another hint.
fn drain(announcements: impl AsFd) {
    let mut buffer = [0_u8; 4096];
    loop {
        match rustix::io::read(&announcements, &mut buffer) {
            Ok(1..) | Err(Errno::NOBUFS | Errno::INTR) => {}
            Ok(0) | Err(_) => return,
        }
    }
}

/// The multicast lists of all devices of a namespace: device index and group.
fn read_lists(file: &File) -> Vec<(u32, Mac)> {
    let mut text = Vec::new();
    let mut chunk = [0; 4096];
    while let Ok(read @ 1..) = file.read_at(&mut chunk, text.len() as u64) {
        text.extend_from_slice(&chunk[..read]);
    }
    String::from_utf8_lossy(&text).lines().filter_map(parse_line).collect()
}

/// A line as `2    eth0    1    0    01005e000001`: index, name, two counts, address.
fn parse_line(line: &str) -> Option<(u32, Mac)> {
    let mut fields = line.split_whitespace();
    let index = fields.next()?.parse().ok()?;
    let digits = fields.nth(3)?;
    let value = u64::from_str_radix(digits, 16).ok().filter(|_| digits.len() == 12)?;
    let [_, _, octets @ ..] = value.to_be_bytes();
    Some((index, Mac::new(octets)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_dev_mcast_is_an_index_and_a_group() {
        let group = Mac::new([0x01, 0, 0x5e, 0, 0, 0xfb]);
        assert_eq!(parse_line("12   eth0            1     0     01005e0000fb"), Some((12, group)));
        assert_eq!(parse_line("1    ib0             1     0     00ffffffff12401b"), None);
        assert_eq!(parse_line(""), None);
    }
}
