//! The log: commit groups one behind the other, as they came, before they go into the tables.
//!
//! Two files take turns: one is written while the other's groups go into the tables. A group is a frame: length,
//! checksum, content. Each checksum goes on from the one before it, from file to file, so that what a power cut
//! left of an older turn is never taken for a part of this one. Knows no SQLite; may use `codec`.

use std::fs::File;
use std::io::{BufReader, ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use twox_hash::XxHash3_64;

use super::codec::Encoded;
use super::{Error, codec};
use crate::state::Record;

/// What a file of the log begins with; the digit is its version.
const MAGIC: [u8; 8] = *b"shsvlog1";
/// Magic, generation, the checksum it goes on from, its own checksum.
const HEADER_BYTES: u64 = 32;
/// Length and checksum.
const FRAME_BYTES: usize = 12;
/// A file is made longer by so many zeros at a time: a sync of what has its place on the disk already is one write,
/// where else the file system writes down as well how long the file is now.
const AHEAD_BYTES: u64 = 1_048_576;
/// A page of them.
const ZEROS: [u8; 4_096] = [0; 4_096];
/// Content that says that the log goes on in the other file.
const END: &[u8] = &[0xff];

/// A file of the log that is being written.
pub(super) struct Segment {
    pub(super) place: Place,
    file: Arc<File>,
    /// The checksum of the last frame.
    sum: u64,
    bytes: u64,
    /// How long the file itself is, where that is to be ahead of what is written.
    length: Option<u64>,
}

/// Which turn of which file.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) path: PathBuf,
    /// Rises by one with each turn.
    pub(super) generation: u64,
}

/// What stands at the head of a file.
pub(super) struct Header {
    pub(super) place: Place,
    /// The last checksum of the generation before; 0 where that is in the tables.
    pub(super) seed: u64,
    /// The header's checksum, which the first frame goes on from.
    sum: u64,
}

/// What a file holds beside its records.
pub(super) struct Content {
    /// The next number that no row has; 0 where there is no group.
    pub(super) next_number: u64,
    /// The checksum of the last whole frame.
    pub(super) sum: u64,
    /// Where that ends.
    pub(super) bytes: u64,
    /// Whether the log goes on in the other file.
    pub(super) ended: bool,
}

impl Segment {
    /// Begins a turn: the file is made, or what is in it written over.
    pub(super) fn begin(place: Place, seed: u64) -> Result<Segment, Error> {
        let begun = File::options().create(true).truncate(false).read(true).write(true).open(&place.path);
        let mut file = begun.map_err(|error| failed(&error))?;
        let mut header = Vec::with_capacity(HEADER_BYTES as usize);
        header.extend_from_slice(&MAGIC);
        header.extend_from_slice(&place.generation.to_le_bytes());
        header.extend_from_slice(&seed.to_le_bytes());
        let sum = checksum(place.generation, &header);
        header.extend_from_slice(&sum.to_le_bytes());
        file.write_all(&header).map_err(|error| failed(&error))?;
        Ok(Segment { place, file: Arc::new(file), sum, bytes: HEADER_BYTES, length: None })
    }

    /// Goes on where the last whole frame ends.
    pub(super) fn resume(place: Place, sum: u64, bytes: u64) -> Result<Segment, Error> {
        let opened = File::options().read(true).write(true).open(&place.path).and_then(|mut file| {
            file.seek(SeekFrom::Start(bytes))?;
            Ok(file)
        });
        let file = Arc::new(opened.map_err(|error| failed(&error))?);
        Ok(Segment { place, file, sum, bytes, length: None })
    }

    /// Writes a group; `buffer` is for the bytes of it.
    pub(super) fn append(
        &mut self,
        records: &[Record],
        next_number: u64,
        buffer: &mut Vec<u8>,
    ) -> Result<(), Error> {
        buffer.clear();
        buffer.resize(FRAME_BYTES, 0);
        codec::write(records, next_number, buffer)?;
        self.write(buffer)
    }

    /// Says that the log goes on in the other file; returns the checksum that it goes on from.
    pub(super) fn end(&mut self) -> Result<u64, Error> {
        let mut frame = vec![0; FRAME_BYTES];
        frame.extend_from_slice(END);
        self.write(&mut frame)?;
        Ok(self.sum)
    }

    /// Writes a frame whose head is still empty.
    fn write(&mut self, frame: &mut [u8]) -> Result<(), Error> {
        let Some((head, content)) = frame.split_at_mut_checked(FRAME_BYTES) else { return Ok(()) };
        let length = u32::try_from(content.len())
            .map_err(|_| Error::Storage("a commit is too large for the data file".to_owned()))?;
        let sum = checksum(self.sum, content);
        let (first, second) = head.split_at_mut(4);
        first.copy_from_slice(&length.to_le_bytes());
        second.copy_from_slice(&sum.to_le_bytes());
        self.reach_ahead(frame.len());
        (&*self.file).write_all(frame).map_err(|error| failed(&error))?;
        self.sum = sum;
        self.bytes += frame.len() as u64;
        Ok(())
    }

    /// The file is to be longer than what is written: for who syncs each group.
    pub(super) fn ahead(mut self) -> Segment {
        self.length = self.file.metadata().ok().map(|metadata| metadata.len());
        self
    }

    /// Makes the file longer, if it is to be. Where the disk has no room for that, there may be room for the group.
    fn reach_ahead(&mut self, bytes: usize) {
        let needed = self.bytes.saturating_add(bytes as u64);
        if let Some(length) = self.length.filter(|length| needed > *length) {
            let ahead = needed.next_multiple_of(AHEAD_BYTES);
            // A page at a time: what is written at once Linux may keep, and write back, as one piece.
            let mut places = (length.next_multiple_of(ZEROS.len() as u64)..ahead).step_by(ZEROS.len());
            self.length =
                places.try_for_each(|place| self.file.write_all_at(&ZEROS, place)).ok().map(|()| ahead);
        }
    }

    /// Makes sure that all of it survives a power cut.
    pub(super) fn sync(&self) -> Result<(), Error> {
        sync(&self.file)
    }

    /// The file, for another thread to sync.
    pub(super) fn file(&self) -> Arc<File> {
        Arc::clone(&self.file)
    }

    /// How long the file is by now.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }
}

/// Makes sure that all of a file survives a power cut.
pub(super) fn sync(file: &File) -> Result<(), Error> {
    file.sync_data().map_err(|error| Error::Storage(format!("the disk cannot be synced: {}", error.kind())))
}

/// The same, by its path.
pub(super) fn sync_at(path: &Path) -> Result<(), Error> {
    sync(&File::open(path).map_err(|error| unreadable(&error))?)
}

/// Makes a file hold nothing, for good.
pub(super) fn clear(path: &Path) -> Result<(), Error> {
    let cleared = File::options().write(true).open(path).and_then(|file| {
        file.set_len(0)?;
        file.sync_all()
    });
    cleared.map_err(|error| failed(&error))
}

/// What stands at the head of a file; `None` where there is no file, or none whose turn ever began.
pub(super) fn header(path: &Path) -> Result<Option<Header>, Error> {
    let mut bytes = Vec::with_capacity(HEADER_BYTES as usize);
    match File::open(path).and_then(|file| file.take(HEADER_BYTES).read_to_end(&mut bytes)) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(unreadable(&error)),
        _ => {}
    }
    let number = |at: usize| {
        let bytes = bytes.get(at..at + 8).and_then(|bytes| <[u8; 8]>::try_from(bytes).ok());
        bytes.map(u64::from_le_bytes)
    };
    let (Some(generation), Some(seed), Some(sum)) = (number(8), number(16), number(24)) else {
        return Ok(None);
    };
    let summed = bytes.get(..24).unwrap_or_default();
    if !bytes.starts_with(&MAGIC) || checksum(generation, summed) != sum {
        return Ok(None);
    }
    Ok(Some(Header { place: Place { path: path.to_path_buf(), generation }, seed, sum }))
}

/// How long a file is.
pub(super) fn bytes(header: &Header) -> Result<u64, Error> {
    Ok(std::fs::metadata(&header.place.path).map_err(|error| unreadable(&error))?.len())
}

/// What a file holds: every whole frame up to the first that is none, which is where a crash cut it. Its records go
/// to `take`, in order, not read yet.
pub(super) fn content<E: From<Error>>(
    header: &Header,
    mut take: impl FnMut(Encoded<'_>) -> Result<(), E>,
) -> Result<Content, E> {
    let mut file = File::open(&header.place.path).map_err(|error| unreadable(&error))?;
    let length = file.metadata().map_err(|error| unreadable(&error))?.len();
    file.seek(SeekFrom::Start(HEADER_BYTES)).map_err(|error| unreadable(&error))?;
    let mut file = BufReader::with_capacity(1 << 16, file);
    let mut found = Content { next_number: 0, sum: header.sum, bytes: HEADER_BYTES, ended: false };
    let mut frame = Vec::new();
    while !found.ended {
        let left = length - found.bytes.min(length);
        let Some(sum) = next_frame(&mut file, left, found.sum, &mut frame)? else { break };
        if frame == END {
            found.ended = true;
        } else {
            let (next_number, mut records) = codec::split(&frame).ok_or_else(damaged)?;
            found.next_number = next_number.max(found.next_number);
            records.try_for_each(|record| take(record.ok_or_else(damaged)?))?;
        }
        found.sum = sum;
        found.bytes += (FRAME_BYTES + frame.len()) as u64;
    }
    Ok(found)
}

/// Reads the content of the next frame, of which `left` bytes can be there; its checksum, which goes on from `seed`.
/// Nothing where there is no whole one.
fn next_frame(file: &mut impl Read, left: u64, seed: u64, frame: &mut Vec<u8>) -> Result<Option<u64>, Error> {
    let mut head = [0; FRAME_BYTES];
    let Some(room) = left.checked_sub(FRAME_BYTES as u64) else { return Ok(None) };
    file.read_exact(&mut head).map_err(|error| unreadable(&error))?;
    let [a, b, c, d, expected @ ..] = head;
    let length = u32::from_le_bytes([a, b, c, d]);
    if length == 0 || u64::from(length) > room {
        return Ok(None);
    }
    frame.resize(length as usize, 0);
    file.read_exact(frame).map_err(|error| unreadable(&error))?;
    let sum = checksum(seed, frame);
    Ok((sum == u64::from_le_bytes(expected)).then_some(sum))
}

/// A checksum that goes on from another.
fn checksum(seed: u64, bytes: &[u8]) -> u64 {
    XxHash3_64::oneshot_with_seed(seed, bytes)
}

pub(super) fn damaged() -> Error {
    Error::Storage("the data file is damaged: its log holds a row that cannot be read".to_owned())
}

fn failed(error: &std::io::Error) -> Error {
    Error::Storage(match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "the disk is full".to_owned(),
        kind => format!("the disk cannot be written: {kind}"),
    })
}

fn unreadable(error: &std::io::Error) -> Error {
    Error::Storage(format!("the data file cannot be read: {}", error.kind()))
}

#[cfg(test)]
mod tests;
