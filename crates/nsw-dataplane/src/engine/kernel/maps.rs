//! The program's maps, each with the types of its keys and values.

use std::collections::HashMap;
use std::marker::PhantomData;
use std::os::fd::AsFd;

use aya::Ebpf;
use aya::maps::MapData;

use super::error::KernelError;
use super::layout::{
    Counters, ENTRANCES, Entrance, Group, ListEntry, ListKey, Members, Originated, Path, Plain, Port, Probe,
    Seat, Settings, Station, Totals,
};
use crate::sys::bpf::Map;

/// The names of all maps, as `bpf/maps.h` has them.
pub(super) const NAMES: [&str; 19] = [
    "bank",
    "settings",
    "ports",
    "groups",
    "members",
    "stations",
    "lists",
    "heard",
    "devices",
    "entrances",
    "seats",
    "sightings",
    "memory",
    "counters",
    "originated",
    "totals",
    "drops",
    "probe",
    "scratch",
];
/// Of these, the one that is read by the library.
pub(super) const RING: &str = "drops";

/// One map.
#[derive(Debug)]
pub(super) struct Table<K, V> {
    name: &'static str,
    map: Map,
    types: PhantomData<fn(K) -> V>,
}

#[derive(Debug)]
pub(super) struct Maps {
    pub(super) bank: Table<u32, u32>,
    pub(super) settings: Table<u32, Settings>,
    pub(super) ports: Table<u32, Port>,
    pub(super) groups: Table<u32, Group>,
    pub(super) members: Table<u32, Members>,
    pub(super) stations: Table<u32, Station>,
    pub(super) lists: Table<ListKey, ListEntry>,
    pub(super) heard: Table<Path, u32>,
    pub(super) seats: Table<u32, Seat>,
    pub(super) devices: Table<u32, u32>,
    pub(super) entrances: Table<u32, Entrance>,
    pub(super) counters: Table<u32, Counters>,
    pub(super) originated: Table<u32, Originated>,
    pub(super) totals: Table<u32, Totals>,
    pub(super) probe: Table<u32, Probe>,
}

impl Maps {
    pub(super) fn of(program: &Ebpf) -> Result<Self, KernelError> {
        let cpus = aya::util::nr_cpus().map_err(|(path, error)| KernelError::Pin {
            path: path.to_owned(),
            operation: "read which CPUs there may be",
            source: error,
        })?;
        let data = |map: &aya::maps::Map| match map {
            aya::maps::Map::Array(data)
            | aya::maps::Map::HashMap(data)
            | aya::maps::Map::PerCpuArray(data) => Map::new(MapData::fd(data).as_fd(), cpus).ok(),
            _ => None,
        };
        let mut maps: HashMap<&str, Map> =
            program.maps().filter_map(|(name, map)| Some((name, data(map)?))).collect();
        Ok(Self {
            bank: table(&mut maps, "bank")?,
            settings: table(&mut maps, "settings")?,
            ports: table(&mut maps, "ports")?,
            groups: table(&mut maps, "groups")?,
            members: table(&mut maps, "members")?,
            stations: table(&mut maps, "stations")?,
            lists: table(&mut maps, "lists")?,
            heard: table(&mut maps, "heard")?,
            seats: table(&mut maps, "seats")?,
            devices: table(&mut maps, "devices")?,
            entrances: table(&mut maps, "entrances")?,
            counters: table(&mut maps, "counters")?,
            originated: table(&mut maps, "originated")?,
            totals: table(&mut maps, "totals")?,
            probe: table(&mut maps, "probe")?,
        })
    }
}

impl Maps {
    /// Says which seat a device has.
    pub(super) fn admit(&self, ifindex: u32, seat: u32) -> Result<(), KernelError> {
        self.devices.set(&ifindex, &seat)?;
        let (place, entrance) = self.entrance(ifindex)?;
        if entrance.ifindex == 0 || entrance.ifindex == ifindex {
            self.entrances.set(&place, &Entrance { ifindex, seat })?;
        }
        Ok(())
    }

    /// Says that a device has no seat any more.
    pub(super) fn forget(&self, ifindex: u32) -> Result<(), KernelError> {
        let (place, entrance) = self.entrance(ifindex)?;
        if entrance.ifindex == ifindex {
            self.entrances.set(&place, &Entrance::ZERO)?;
        }
        self.devices.remove(&ifindex)
    }

    fn entrance(&self, ifindex: u32) -> Result<(u32, Entrance), KernelError> {
        let place = ifindex % ENTRANCES;
        Ok((place, self.entrances.get(&place)?.unwrap_or(Entrance::ZERO)))
    }
}

fn table<K, V>(maps: &mut HashMap<&str, Map>, name: &'static str) -> Result<Table<K, V>, KernelError> {
    let map = maps.remove(name).ok_or_else(|| KernelError::Load(format!("it has no map `{name}`")))?;
    Ok(Table { name, map, types: PhantomData })
}

impl<K: Plain, V: Plain> Table<K, V> {
    pub(super) fn get(&self, key: &K) -> Result<Option<V>, KernelError> {
        let value = self.map.get(&bytes(*key)).map_err(self.failed("read"))?;
        Ok(value.map(|value| V::take(&mut &value[..])))
    }

    /// The value of each CPU, of a map that has one for each.
    pub(super) fn get_each(&self, key: &K) -> Result<Vec<V>, KernelError> {
        let value = self.map.get(&bytes(*key)).map_err(self.failed("read"))?.unwrap_or_default();
        Ok(value.chunks(V::SIZE.next_multiple_of(8)).map(|mut own| V::take(&mut own)).collect())
    }

    /// Sets the value of each CPU to zero.
    pub(super) fn clear_each(&self, key: &K) -> Result<(), KernelError> {
        let key = bytes(*key);
        let value = self.map.get(&key).map_err(self.failed("read"))?.unwrap_or_default();
        self.map.set(&key, &vec![0; value.len()]).map_err(self.failed("write"))
    }

    pub(super) fn set(&self, key: &K, value: &V) -> Result<(), KernelError> {
        self.map.set(&bytes(*key), &bytes(*value)).map_err(self.failed("write"))
    }

    pub(super) fn remove(&self, key: &K) -> Result<(), KernelError> {
        self.map.remove(&bytes(*key)).map_err(self.failed("delete from"))
    }

    pub(super) fn set_all(&self, entries: impl Iterator<Item = (K, V)>) -> Result<(), KernelError> {
        let (mut keys, mut values) = (Vec::new(), Vec::new());
        for (key, value) in entries {
            key.put(&mut keys);
            value.put(&mut values);
        }
        self.map.set_all(&keys, &values).map_err(self.failed("write"))
    }

    pub(super) fn remove_all(&self, gone: &[K]) -> Result<(), KernelError> {
        let mut keys = Vec::new();
        gone.iter().for_each(|key| key.put(&mut keys));
        self.map.remove_all(&keys).map_err(self.failed("delete from"))
    }

    pub(super) fn keys(&self) -> Result<Vec<K>, KernelError> {
        let keys = self.map.keys().map_err(self.failed("read"))?;
        Ok(keys.iter().map(|key| K::take(&mut &key[..])).collect())
    }

    fn failed(&self, operation: &'static str) -> impl FnOnce(std::io::Error) -> KernelError {
        let map = self.name;
        move |source| KernelError::Map { map, operation, source }
    }
}

impl<V: Plain> Table<u32, V> {
    /// `length` values from `first` on, of an array.
    pub(super) fn get_range(&self, first: u32, length: usize) -> Result<Vec<V>, KernelError> {
        let bytes = self.map.get_range(first, length).map_err(self.failed("read"))?;
        Ok(bytes.chunks(V::SIZE).map(|mut own| V::take(&mut own)).collect())
    }
}

fn bytes(value: impl Plain) -> Vec<u8> {
    let mut bytes = Vec::new();
    value.put(&mut bytes);
    bytes
}
