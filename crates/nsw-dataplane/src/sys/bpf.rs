//! BPF maps: read, write, many entries in one call; and waiting until no program runs on what was.
//!
//! Keys and values are bytes here; what they mean is said in `engine/kernel/layout.rs`. Loading and attaching is done by a
//! library, which knows the object's format; it does not have the calls for many entries.
//!
//! Reference: `bpf(2)`, `linux/bpf.h`.

use std::ffi::CString;
use std::io;
use std::mem::size_of;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

const BPF_MAP_CREATE: libc::c_long = 0;
const BPF_MAP_LOOKUP_ELEM: libc::c_long = 1;
const BPF_MAP_UPDATE_ELEM: libc::c_long = 2;
const BPF_MAP_DELETE_ELEM: libc::c_long = 3;
const BPF_MAP_GET_NEXT_KEY: libc::c_long = 4;
const BPF_OBJ_GET: libc::c_long = 7;
const BPF_OBJ_GET_INFO_BY_FD: libc::c_long = 15;
const BPF_MAP_LOOKUP_BATCH: libc::c_long = 24;
const BPF_MAP_UPDATE_BATCH: libc::c_long = 26;
const BPF_MAP_DELETE_BATCH: libc::c_long = 27;

const BPF_MAP_TYPE_ARRAY: u32 = 2;
const BPF_MAP_TYPE_PERCPU_ARRAY: u32 = 6;
const BPF_MAP_TYPE_ARRAY_OF_MAPS: u32 = 12;

#[repr(C)]
struct ElementCall {
    map_fd: u32,
    padding: u32,
    key: u64,
    value_or_next_key: u64,
    flags: u64,
}

#[repr(C)]
struct BatchCall {
    in_batch: u64,
    out_batch: u64,
    keys: u64,
    values: u64,
    count: u32,
    map_fd: u32,
    element_flags: u64,
    flags: u64,
}

#[repr(C)]
struct CreateCall {
    map_type: u32,
    key_size: u32,
    value_size: u32,
    max_entries: u32,
    map_flags: u32,
    inner_map_fd: u32,
}

#[repr(C)]
struct PathCall {
    path: u64,
    fd: u32,
    flags: u32,
}

#[repr(C)]
struct InfoCall {
    fd: u32,
    len: u32,
    info: u64,
}

/// The beginning of `struct bpf_map_info`.
#[repr(C)]
#[derive(Default)]
struct MapInfo {
    map_type: u32,
    id: u32,
    key_size: u32,
    value_size: u32,
}

/// The beginning of `struct bpf_link_info`, of a tcx link.
#[repr(C)]
#[derive(Default)]
struct LinkInfo {
    link_type: u32,
    id: u32,
    program_id: u32,
    padding: u32,
    ifindex: u32,
    attach_type: u32,
}

/// A map, by a descriptor.
#[derive(Debug)]
pub(crate) struct Map {
    fd: OwnedFd,
    key_size: usize,
    /// As user space sees it: for a map with a value a CPU, all of them.
    value_size: usize,
}

impl Map {
    /// The map behind a descriptor. `cpus` is how many CPUs the kernel may have.
    pub(crate) fn new(fd: BorrowedFd<'_>, cpus: usize) -> io::Result<Self> {
        let fd = fd.try_clone_to_owned()?;
        let mut info = MapInfo::default();
        object_info(fd.as_fd(), &mut info)?;
        let one = info.value_size as usize;
        let value_size =
            if info.map_type == BPF_MAP_TYPE_PERCPU_ARRAY { one.next_multiple_of(8) * cpus } else { one };
        Ok(Self { fd, key_size: info.key_size as usize, value_size })
    }

    /// The value at `key`, if there is one.
    pub(crate) fn get(&self, key: &[u8]) -> io::Result<Option<Vec<u8>>> {
        self.check(key, None)?;
        let mut value = vec![0; self.value_size];
        let found = self.element(BPF_MAP_LOOKUP_ELEM, key.as_ptr(), value.as_mut_ptr());
        absent_is_none(found.map(|()| value))
    }

    /// Writes one value.
    pub(crate) fn set(&self, key: &[u8], value: &[u8]) -> io::Result<()> {
        self.check(key, Some(value))?;
        self.element(BPF_MAP_UPDATE_ELEM, key.as_ptr(), value.as_ptr().cast_mut())
    }

    /// Deletes one entry; one that is not there is no error.
    pub(crate) fn remove(&self, key: &[u8]) -> io::Result<()> {
        self.check(key, None)?;
        absent_is_none(self.element(BPF_MAP_DELETE_ELEM, key.as_ptr(), std::ptr::null_mut())).map(drop)
    }

    /// Writes as many values as there are keys, each one after the other, in one call.
    pub(crate) fn set_all(&self, keys: &[u8], values: &[u8]) -> io::Result<()> {
        let count = keys.len() / self.key_size;
        if keys.len() != count * self.key_size || values.len() != count * self.value_size {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        self.batch(BPF_MAP_UPDATE_BATCH, keys, values, count)
    }

    /// Deletes all these keys in one call. Each must be there.
    pub(crate) fn remove_all(&self, keys: &[u8]) -> io::Result<()> {
        let count = keys.len() / self.key_size;
        if keys.len() != count * self.key_size {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        self.batch(BPF_MAP_DELETE_BATCH, keys, &[], count)
    }

    /// All keys. What is written meanwhile may or may not be among them.
    pub(crate) fn keys(&self) -> io::Result<Vec<Vec<u8>>> {
        let mut keys: Vec<Vec<u8>> = Vec::new();
        loop {
            let mut next = vec![0; self.key_size];
            let last = keys.last().map_or(std::ptr::null(), Vec::as_ptr);
            let found = self.element(BPF_MAP_GET_NEXT_KEY, last, next.as_mut_ptr());
            match absent_is_none(found)? {
                Some(()) => keys.push(next),
                None => return Ok(keys),
            }
        }
    }

    /// `length` values of an array, from the one with number `first` on, in one call.
    pub(crate) fn get_range(&self, first: u32, length: usize) -> io::Result<Vec<u8>> {
        if self.key_size != size_of::<u32>() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let mut keys = vec![0_u32; length];
        let mut values = vec![0; length * self.value_size];
        // The kernel is told what comes before the first, or nothing, and tells where it stopped.
        let before = first.wrapping_sub(1);
        let mut stopped = 0_u32;
        let mut call = BatchCall {
            in_batch: if first == 0 { 0 } else { &raw const before as u64 },
            out_batch: &raw mut stopped as u64,
            keys: keys.as_mut_ptr() as u64,
            values: values.as_mut_ptr() as u64,
            count: u32::try_from(length).map_err(|_| io::ErrorKind::InvalidInput)?,
            map_fd: self.number(),
            element_flags: 0,
            flags: 0,
        };
        bpf(BPF_MAP_LOOKUP_BATCH, &mut call)?;
        values.truncate(call.count as usize * self.value_size);
        Ok(values)
    }

    fn check(&self, key: &[u8], value: Option<&[u8]>) -> io::Result<()> {
        let fits = key.len() == self.key_size && value.is_none_or(|value| value.len() == self.value_size);
        if fits { Ok(()) } else { Err(io::ErrorKind::InvalidInput.into()) }
    }

    /// `key` and `value` point to as many bytes as the map has for each, or are null where the call permits that.
    fn element(&self, command: libc::c_long, key: *const u8, value: *mut u8) -> io::Result<()> {
        let mut call = ElementCall {
            map_fd: self.number(),
            padding: 0,
            key: key as u64,
            value_or_next_key: value as u64,
            flags: 0,
        };
        bpf(command, &mut call).map(drop)
    }

    fn batch(&self, command: libc::c_long, keys: &[u8], values: &[u8], count: usize) -> io::Result<()> {
        if count == 0 {
            return Ok(());
        }
        let mut call = BatchCall {
            in_batch: 0,
            out_batch: 0,
            keys: keys.as_ptr() as u64,
            values: values.as_ptr() as u64,
            count: u32::try_from(count).map_err(|_| io::ErrorKind::InvalidInput)?,
            map_fd: self.number(),
            element_flags: 0,
            flags: 0,
        };
        bpf(command, &mut call).map(drop)
    }

    fn number(&self) -> u32 {
        self.fd.as_raw_fd().cast_unsigned()
    }
}

/// The device that the tcx link pinned at `path` is attached to; `None` if the device is gone.
pub(crate) fn link_device(path: &Path) -> io::Result<Option<u32>> {
    let path = CString::new(path.as_os_str().as_bytes())?;
    let mut call = PathCall { path: path.as_ptr() as u64, fd: 0, flags: 0 };
    let fd = owned(bpf(BPF_OBJ_GET, &mut call)?);
    let mut info = LinkInfo::default();
    object_info(fd.as_fd(), &mut info)?;
    Ok(Some(info.ifindex).filter(|ifindex| *ifindex != 0))
}

/// Waits for programs: a map of maps, of which no program knows. The kernel promises that a write to such a map returns
/// after every program that may have read the old entry has ended, which holds for all programs alike.
#[derive(Debug)]
pub(crate) struct Grace {
    outer: OwnedFd,
    inner: OwnedFd,
}

impl Grace {
    pub(crate) fn new() -> io::Result<Self> {
        let mut call = CreateCall {
            map_type: BPF_MAP_TYPE_ARRAY,
            key_size: 4,
            value_size: 4,
            max_entries: 1,
            map_flags: 0,
            inner_map_fd: 0,
        };
        let inner = create(&mut call)?;
        call.map_type = BPF_MAP_TYPE_ARRAY_OF_MAPS;
        call.inner_map_fd = inner.as_raw_fd().cast_unsigned();
        Ok(Self { outer: create(&mut call)?, inner })
    }

    /// Returns when every program that ran at the time of the call has ended.
    pub(crate) fn wait(&self) -> io::Result<()> {
        let (key, value) = (0_u32, self.inner.as_raw_fd().cast_unsigned());
        let mut call = ElementCall {
            map_fd: self.outer.as_raw_fd().cast_unsigned(),
            padding: 0,
            key: &raw const key as u64,
            value_or_next_key: &raw const value as u64,
            flags: 0,
        };
        bpf(BPF_MAP_UPDATE_ELEM, &mut call).map(drop)
    }
}

fn create(call: &mut CreateCall) -> io::Result<OwnedFd> {
    bpf(BPF_MAP_CREATE, call).map(owned)
}

/// The descriptor that a command returned.
fn owned(fd: libc::c_int) -> OwnedFd {
    // JUSTIFICATION: the descriptor must be closed when it is no longer used.
    // SAFETY: `fd` was just created by the kernel and belongs to nobody else.
    unsafe { OwnedFd::from_raw_fd(fd) }
}

fn object_info<T>(fd: BorrowedFd<'_>, info: &mut T) -> io::Result<()> {
    let mut call = InfoCall {
        fd: fd.as_raw_fd().cast_unsigned(),
        len: u32::try_from(size_of::<T>()).map_err(|_| io::ErrorKind::InvalidInput)?,
        info: std::ptr::from_mut(info) as u64,
    };
    bpf(BPF_OBJ_GET_INFO_BY_FD, &mut call).map(drop)
}

/// The addresses in `call` are of memory of the sizes that the kernel will read and write; every caller stands in this
/// file, and has checked them.
fn bpf<T>(command: libc::c_long, call: &mut T) -> io::Result<libc::c_int> {
    let pointer = std::ptr::from_mut(call);
    // JUSTIFICATION: no safe wrapper knows these commands.
    // SAFETY: `call` is as long as is said, laid out as the kernel's union for the command, and lives through the call;
    // what it points to does too, as its makers in this file see to.
    let result = unsafe { libc::syscall(libc::SYS_bpf, command, pointer, size_of::<T>()) };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(libc::c_int::try_from(result).unwrap_or(0)) }
}

fn absent_is_none<T>(found: io::Result<T>) -> io::Result<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.raw_os_error() == Some(libc::ENOENT) => Ok(None),
        Err(error) => Err(error),
    }
}
