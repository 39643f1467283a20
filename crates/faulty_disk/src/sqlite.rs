//! The way into SQLite: a "VFS" that passes every call on to the ordinary one, unless the disk of
//! the file's directory says otherwise (<https://www.sqlite.org/vfs.html>).
#![allow(
    unsafe_code,
    reason = "SQLite takes its file access as a table of C functions that get raw pointers; each \
              function here states what it relies on"
)]

use std::ffi::{CStr, OsStr, c_char, c_int, c_void};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Once, OnceLock, PoisonError};

use rusqlite::ffi::{
    self, sqlite3_file, sqlite3_io_methods, sqlite3_vfs, sqlite3_vfs_find, sqlite3_vfs_register,
};

use crate::disk::{Call, Shared, Verdict};
use crate::files::Tracked;

/// The directories with a disk of their own.
static DISKS: Mutex<Vec<(PathBuf, Arc<Shared>)>> = Mutex::new(Vec::new());
static TAKEN_OVER: Once = Once::new();
/// Address of the ordinary VFS, which lives as long as the process.
static ORDINARY: OnceLock<usize> = OnceLock::new();

/// Gives a directory a disk of its own.
pub fn take_over(dir: &Path, shared: &Arc<Shared>) {
    TAKEN_OVER.call_once(register);
    let mut disks = DISKS.lock().unwrap_or_else(PoisonError::into_inner);
    disks.push((dir.to_owned(), Arc::clone(shared)));
}

/// Gives a directory back to the ordinary file access.
pub fn let_go(dir: &Path) {
    let mut disks = DISKS.lock().unwrap_or_else(PoisonError::into_inner);
    disks.retain(|(known, _)| known != dir);
}

fn disk_of(path: &Path) -> Option<Arc<Shared>> {
    let disks = DISKS.lock().unwrap_or_else(PoisonError::into_inner);
    let found = disks.iter().find(|(dir, _)| path.starts_with(dir));
    found.map(|(_, shared)| Arc::clone(shared))
}

fn register() {
    // SAFETY: the ordinary VFS is static; the copy and its name are leaked and so live for ever, and
    // the functions of the ordinary VFS read nothing of it but `pAppData`, which is copied too.
    unsafe {
        let ordinary = sqlite3_vfs_find(std::ptr::null());
        assert!(!ordinary.is_null(), "SQLite has a default VFS");
        ORDINARY.get_or_init(|| ordinary as usize);
        let mut faulty = *ordinary;
        faulty.zName = c"faulty_disk".as_ptr();
        faulty.pNext = std::ptr::null_mut();
        faulty.szOsFile = (*ordinary).szOsFile + size_of::<File>() as c_int;
        faulty.xOpen = Some(open);
        faulty.xDelete = Some(delete);
        let done = sqlite3_vfs_register(Box::leak(Box::new(faulty)), 1);
        assert_eq!(done, ffi::SQLITE_OK, "SQLite takes the VFS");
    }
}

fn ordinary() -> *mut sqlite3_vfs {
    ORDINARY.get().copied().unwrap_or_default() as *mut sqlite3_vfs
}

/// SQLite allocates `szOsFile` bytes: this, and behind it the file of the ordinary VFS.
#[repr(C)]
struct File {
    base: sqlite3_file,
    /// Boxed; null for a file of no disk.
    tracked: *mut Opened,
}

struct Opened {
    path: PathBuf,
    shared: Arc<Shared>,
}

/// The ordinary file behind ours.
unsafe fn real(file: *mut sqlite3_file) -> *mut sqlite3_file {
    // SAFETY: `register` asked for room for both, one behind the other.
    unsafe { file.cast::<File>().add(1).cast() }
}

/// The table of the ordinary file; SQLite calls only functions of files that were opened.
unsafe fn methods(file: *mut sqlite3_file) -> &'static sqlite3_io_methods {
    // SAFETY: a file that was opened has a table, and the tables of the ordinary VFS are static.
    unsafe { &*(*real(file)).pMethods }
}

unsafe fn opened<'a>(file: *mut sqlite3_file) -> Option<&'a Opened> {
    // SAFETY: the pointer is null or comes from `Box::into_raw` and is freed only by `close`.
    unsafe { (*file.cast::<File>()).tracked.as_ref() }
}

unsafe extern "C" fn open(
    _: *mut sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite hands over `szOsFile` bytes and a name that is null or lives until the close.
    unsafe {
        let ours = file.cast::<File>();
        (*ours).base.pMethods = std::ptr::null();
        (*ours).tracked = std::ptr::null_mut();
        let vfs = ordinary();
        let Some(real_open) = (*vfs).xOpen else {
            return ffi::SQLITE_CANTOPEN;
        };
        let done = real_open(vfs, name, real(file), flags, out);
        if done != ffi::SQLITE_OK {
            return done;
        }
        if !name.is_null() {
            let path = PathBuf::from(OsStr::from_bytes(CStr::from_ptr(name).to_bytes()));
            if let Some(shared) = disk_of(&path) {
                shared.opened(&path);
                (*ours).tracked = Box::into_raw(Box::new(Opened { path, shared }));
            }
        }
        (*ours).base.pMethods = &raw const METHODS;
        done
    }
}

unsafe extern "C" fn delete(_: *mut sqlite3_vfs, name: *const c_char, sync_dir: c_int) -> c_int {
    // SAFETY: the name is a C string for the time of the call.
    unsafe {
        let path = PathBuf::from(OsStr::from_bytes(CStr::from_ptr(name).to_bytes()));
        let disk = disk_of(&path);
        if let Some(disk) = &disk
            && let Verdict::Fail(code) | Verdict::Half(code) = disk.judge(Call::Delete)
        {
            return code;
        }
        let vfs = ordinary();
        let done = (*vfs)
            .xDelete
            .map_or(ffi::SQLITE_ERROR, |delete| delete(vfs, name, sync_dir));
        if done == ffi::SQLITE_OK
            && let Some(disk) = disk
        {
            disk.forget(&path);
        }
        done
    }
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    // SAFETY: SQLite closes a file once; the box is not used afterwards.
    unsafe {
        let done = methods(file)
            .xClose
            .map_or(ffi::SQLITE_ERROR, |close| close(real(file)));
        let ours = file.cast::<File>();
        if !(*ours).tracked.is_null() {
            drop(Box::from_raw((*ours).tracked));
            (*ours).tracked = std::ptr::null_mut();
        }
        done
    }
}

unsafe extern "C" fn write(
    file: *mut sqlite3_file,
    from: *const c_void,
    len: c_int,
    at: i64,
) -> c_int {
    // SAFETY: `from` points to `len` bytes for the time of the call.
    unsafe {
        let Some(real_write) = methods(file).xWrite else {
            return ffi::SQLITE_ERROR;
        };
        let Some(opened) = opened(file) else {
            return real_write(real(file), from, len, at);
        };
        let mut size = 0;
        if let Some(file_size) = methods(file).xFileSize {
            file_size(real(file), &raw mut size);
        }
        let grows = at + i64::from(len) > size;
        let (len, failure) = match opened.shared.judge(Call::Write { grows }) {
            Verdict::Pass => (len, None),
            Verdict::Fail(code) => return code,
            Verdict::Half(code) => (len / 2, Some(code)),
        };
        let done = real_write(real(file), from, len, at);
        if done == ffi::SQLITE_OK {
            let bytes = std::slice::from_raw_parts(from.cast::<u8>(), len as usize);
            opened
                .shared
                .note(&opened.path, |file| file.wrote(at as usize, bytes));
        }
        failure.unwrap_or(done)
    }
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, len: i64) -> c_int {
    // SAFETY: as for every function of the table.
    unsafe {
        let opened = opened(file);
        if let Some(opened) = opened
            && let Verdict::Fail(code) | Verdict::Half(code) = opened.shared.judge(Call::Truncate)
        {
            return code;
        }
        let done = methods(file)
            .xTruncate
            .map_or(ffi::SQLITE_ERROR, |truncate| truncate(real(file), len));
        if let Some(opened) = opened.filter(|_| done == ffi::SQLITE_OK) {
            opened
                .shared
                .note(&opened.path, |file| file.truncated(len as usize));
        }
        done
    }
}

unsafe extern "C" fn sync(file: *mut sqlite3_file, flags: c_int) -> c_int {
    // SAFETY: as for every function of the table.
    unsafe {
        let Some(opened) = opened(file) else {
            return methods(file)
                .xSync
                .map_or(ffi::SQLITE_ERROR, |sync| sync(real(file), flags));
        };
        if let Verdict::Fail(code) | Verdict::Half(code) = opened.shared.judge(Call::Sync) {
            return code;
        }
        // What a power cut leaves is decided here, so the machine's own disk need not be waited
        // for.
        opened.shared.note(&opened.path, Tracked::sync);
        ffi::SQLITE_OK
    }
}

unsafe extern "C" fn read(
    file: *mut sqlite3_file,
    into: *mut c_void,
    len: c_int,
    at: i64,
) -> c_int {
    // SAFETY: as for every function of the table; `into` has room for `len` bytes.
    unsafe {
        if let Some(opened) = opened(file)
            && opened.shared.refuses_read_of(&opened.path)
        {
            return ffi::SQLITE_IOERR_READ;
        }
        let real_read = methods(file).xRead;
        real_read.map_or(ffi::SQLITE_ERROR, |read| read(real(file), into, len, at))
    }
}

/// A function of the table that only passes the call on.
macro_rules! pass_on {
    ($name:ident, $field:ident, ($($arg:ident: $kind:ty),*)) => {
        unsafe extern "C" fn $name(file: *mut sqlite3_file, $($arg: $kind),*) -> c_int {
            // SAFETY: the arguments are passed on as they came, with the ordinary file.
            unsafe { methods(file).$field.map_or(ffi::SQLITE_ERROR, |call| call(real(file), $($arg),*)) }
        }
    };
}

pass_on!(file_size, xFileSize, (size: *mut i64));
pass_on!(lock, xLock, (level: c_int));
pass_on!(unlock, xUnlock, (level: c_int));
pass_on!(check_reserved, xCheckReservedLock, (out: *mut c_int));
pass_on!(file_control, xFileControl, (op: c_int, arg: *mut c_void));
pass_on!(sector_size, xSectorSize, ());
pass_on!(characteristics, xDeviceCharacteristics, ());
pass_on!(shm_map, xShmMap, (page: c_int, size: c_int, extend: c_int, out: *mut *mut c_void));
pass_on!(shm_lock, xShmLock, (offset: c_int, n: c_int, flags: c_int));
pass_on!(shm_unmap, xShmUnmap, (delete: c_int));

unsafe extern "C" fn shm_barrier(file: *mut sqlite3_file) {
    // SAFETY: as for every function of the table.
    unsafe {
        if let Some(barrier) = methods(file).xShmBarrier {
            barrier(real(file));
        }
    }
}

/// Version 2: with the shared memory of the log, without memory-mapped reading, so that every
/// change passes through here.
static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};
