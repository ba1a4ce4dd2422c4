//! Two banks of tables in the kernel: one counts, the other is made ready, and one write changes which is which.
//!
//! A bank is brought up to date by differences, so a changed policy costs what it changes and not what the switch has.
//! Before that, every program that may still read it from when it counted must have ended: the kernel tells (`Grace`), in
//! a thread of its own, so that whoever changes something rarely waits for it.
//!
//! **Invariant:** a bank that counts is never written.

use std::collections::HashMap;
use std::hash::Hash;
use std::io;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;

use super::error::KernelError;
use super::layout::{
    GROUPS, Group, ListEntry, ListKey, Members, PLACES, Plain, Port, SEATS, STATIONS, Settings, Station,
};
use super::maps::{Maps, Table};
use super::mirror::Content;
use crate::sys::bpf::Grace;

#[derive(Debug)]
pub(super) struct Banks {
    active: u8,
    /// What is in each bank; `None` where a write failed half-way.
    contents: [Option<Content>; 2],
    generation: u32,
    quiet: Quiet,
}

impl Banks {
    /// The banks as the maps have them now.
    pub(super) fn open(maps: &Maps) -> Result<Self, KernelError> {
        let active: u32 = maps.bank.get(&0)?.unwrap_or(0);
        let contents = [Some(read(maps, 0)?), Some(read(maps, 1)?)];
        let generation = contents.iter().flatten().map(|content| content.settings.generation).max();
        Ok(Self {
            active: u8::from(active & 1 == 1),
            contents,
            generation: generation.unwrap_or(0),
            quiet: Quiet::start()?,
        })
    }

    /// Makes `content` count. When it returns, every frame that comes in is decided by it; one that is being decided at
    /// that moment is decided by what counted before, as a whole. `served` says whether any device has the program.
    pub(super) fn install(
        &mut self,
        maps: &Maps,
        mut content: Content,
        served: bool,
    ) -> Result<(), KernelError> {
        let next = 1 - self.active;
        self.generation = self.generation.wrapping_add(1);
        content.settings.generation = self.generation;
        self.quiet.wait()?;
        let old = match self.contents[usize::from(next)].take() {
            Some(old) => old,
            None => read(maps, next)?,
        };
        write(maps, next, &old, &content)?;
        self.contents[usize::from(next)] = Some(content);
        maps.bank.set(&0, &u32::from(next))?;
        self.active = next;
        if served {
            self.quiet.disturb();
        }
        Ok(())
    }

    /// What counts.
    pub(super) fn current(&self) -> Option<&Content> {
        self.contents[usize::from(self.active)].as_ref()
    }

    /// What is in either bank.
    pub(super) fn contents(&self) -> impl Iterator<Item = &Content> {
        self.contents.iter().flatten()
    }
}

fn write(maps: &Maps, bank: u8, old: &Content, new: &Content) -> Result<(), KernelError> {
    write_array(&maps.settings, bank, 1, &one(&old.settings), &one(&new.settings))?;
    write_array(&maps.ports, bank, SEATS, &old.ports, &new.ports)?;
    write_array(&maps.groups, bank, GROUPS, &old.groups, &new.groups)?;
    write_array(&maps.members, bank, PLACES, &old.members, &new.members)?;
    write_array(&maps.stations, bank, STATIONS, &old.stations, &new.stations)?;
    let in_bank = |key: &ListKey| ListKey { bank, ..*key };
    let gone: Vec<ListKey> =
        old.lists.keys().filter(|key| !new.lists.contains_key(*key)).map(in_bank).collect();
    maps.lists.remove_all(&gone)?;
    let changed = changes(&old.lists, &new.lists).map(|(key, value)| (in_bank(key), *value));
    maps.lists.set_all(changed)
}

fn one(settings: &Settings) -> HashMap<u32, Settings> {
    HashMap::from([(0, *settings)])
}

fn write_array<V: Plain + PartialEq>(
    table: &Table<u32, V>,
    bank: u8,
    length: usize,
    old: &HashMap<u32, V>,
    new: &HashMap<u32, V>,
) -> Result<(), KernelError> {
    let base = index(usize::from(bank) * length);
    let gone = old.keys().filter(|key| !new.contains_key(*key)).map(|key| (base + key, V::ZERO));
    table.set_all(gone.chain(changes(old, new).map(|(key, value)| (base + key, *value))))
}

fn changes<'a, K: Eq + Hash, V: PartialEq>(
    old: &'a HashMap<K, V>,
    new: &'a HashMap<K, V>,
) -> impl Iterator<Item = (&'a K, &'a V)> {
    new.iter().filter(|(key, value)| old.get(*key) != Some(*value))
}

fn read(maps: &Maps, bank: u8) -> Result<Content, KernelError> {
    let mut lists: HashMap<ListKey, ListEntry> = HashMap::new();
    for key in maps.lists.keys()?.into_iter().filter(|key| key.bank == bank) {
        if let Some(entry) = maps.lists.get(&key)? {
            lists.insert(ListKey { bank: 0, ..key }, entry);
        }
    }
    Ok(Content {
        settings: maps.settings.get(&u32::from(bank))?.unwrap_or(Settings::ZERO),
        ports: read_array::<Port>(&maps.ports, bank, SEATS)?,
        groups: read_array::<Group>(&maps.groups, bank, GROUPS)?,
        members: read_array::<Members>(&maps.members, bank, PLACES)?,
        stations: read_array::<Station>(&maps.stations, bank, STATIONS)?,
        lists,
    })
}

fn read_array<V: Plain + PartialEq>(
    table: &Table<u32, V>,
    bank: u8,
    length: usize,
) -> Result<HashMap<u32, V>, KernelError> {
    let values = table.get_range(index(usize::from(bank) * length), length)?;
    Ok((0..).zip(values).filter(|(_, value)| *value != V::ZERO).collect())
}

/// The maps have a few thousand entries.
fn index(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Knows whether a program may still read the bank that no longer counts.
#[derive(Debug)]
struct Quiet {
    shared: Arc<(Mutex<Unrest>, Condvar)>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Unrest {
    /// How often the bank was changed, and up to which of these times everything has ended.
    changes: u64,
    ended: u64,
    stop: bool,
    failed: Option<io::ErrorKind>,
}

impl Quiet {
    fn start() -> Result<Self, KernelError> {
        let grace = Grace::new()?;
        let shared = Arc::new((Mutex::new(Unrest::default()), Condvar::new()));
        let of_thread = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("nsw grace".into())
            .spawn(move || watch(&grace, &of_thread.0, &of_thread.1))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    fn disturb(&self) {
        let (unrest, changed) = &*self.shared;
        unrest.lock().unwrap_or_else(PoisonError::into_inner).changes += 1;
        changed.notify_all();
    }

    fn wait(&self) -> io::Result<()> {
        let (unrest, changed) = &*self.shared;
        let mut unrest = unrest.lock().unwrap_or_else(PoisonError::into_inner);
        while unrest.ended < unrest.changes {
            if let Some(kind) = unrest.failed {
                return Err(kind.into());
            }
            unrest = changed.wait(unrest).unwrap_or_else(PoisonError::into_inner);
        }
        Ok(())
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner).stop = true;
        self.shared.1.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn watch(grace: &Grace, unrest: &Mutex<Unrest>, changed: &Condvar) {
    let mut guard = unrest.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        if guard.stop {
            return;
        }
        if guard.ended == guard.changes {
            guard = changed.wait(guard).unwrap_or_else(PoisonError::into_inner);
            continue;
        }
        let changes = guard.changes;
        drop(guard);
        let waited = grace.wait();
        guard = unrest.lock().unwrap_or_else(PoisonError::into_inner);
        match waited {
            Ok(()) => guard.ended = changes,
            Err(error) => guard.failed = Some(error.kind()),
        }
        changed.notify_all();
        if guard.failed.is_some() {
            return;
        }
    }
}
