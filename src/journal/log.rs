//! The log: commit groups one behind the other, as they came, before they go into the tables.
//!
//! Two files take turns: one is written while the other's groups go into the tables. A group is a frame: length,
//! checksum, content. Each checksum goes on from the one before it, from file to file, and is of this turn alone, so
//! that what a power cut left of an older turn is never taken for a part of this one. Knows no SQLite; may use `codec`.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::Arc;

use twox_hash::XxHash3_64;

use super::codec::Encoded;
use super::{Error, codec};
use crate::state::Record;

/// What a file of the log begins with; the digit is its version.
const MAGIC: [u8; 8] = *b"shsvlog2";
/// The version before: its checksums are of no turn.
const MAGIC_1: [u8; 8] = *b"shsvlog1";
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
    salt: Salt,
    mark: Mark,
    /// How long the file itself is, where that is to be ahead of what is written.
    length: Option<u64>,
}

/// Which turn of which file. The file stays open, for there may be no descriptor left when its turn comes.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) path: PathBuf,
    file: Arc<File>,
    /// Rises by one with each turn; 0 for none that is known.
    pub(super) generation: u64,
}

/// What makes the checksums of a turn its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Salt(u64);

/// How far what is written goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// The checksum of the last whole frame.
    pub(super) sum: u64,
    /// Where that ends.
    pub(super) bytes: u64,
}

/// What stands at the head of a file.
pub(super) struct Header {
    pub(super) place: Place,
    /// The last checksum of the generation before; 0 where that is in the tables.
    pub(super) seed: u64,
    /// The header's checksum, which the first frame goes on from.
    sum: u64,
    pub(super) salt: Salt,
}

/// What a file holds beside its records.
pub(super) struct Content {
    /// The next number that no row has; 0 where there is no group.
    pub(super) next_number: u64,
    /// How far it goes.
    pub(super) mark: Mark,
    /// Whether the log goes on in the other file.
    pub(super) ended: bool,
}

impl Place {
    /// Opens a file of the log, or makes it.
    pub(super) fn open(path: PathBuf) -> Result<Place, Error> {
        let opened = File::options().create(true).truncate(false).read(true).write(true).open(&path);
        let file = Arc::new(opened.map_err(|error| failed(&error))?);
        Ok(Place { path, file, generation: 0 })
    }

    /// Its turn of that number.
    pub(super) fn turn(self, generation: u64) -> Place {
        Place { generation, ..self }
    }

    /// Makes sure that all of it survives a power cut.
    pub(super) fn sync(&self) -> Result<(), Error> {
        sync(&self.file)
    }

    /// Makes it hold no more than so many bytes, for good.
    pub(super) fn cut(&self, bytes: u64) -> Result<(), Error> {
        let cut = self.file.set_len(bytes).and_then(|()| self.file.sync_all());
        cut.map_err(|error| failed(&error))
    }
}

impl Salt {
    /// Far apart for turns that follow each other.
    fn of(generation: u64) -> Salt {
        Salt(generation.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// The checksum of a frame, which goes on from that of the one before it.
    fn checksum(self, seed: u64, content: &[u8]) -> u64 {
        checksum(seed ^ self.0, content)
    }
}

impl Segment {
    /// Begins a turn: what is in the file is written over.
    pub(super) fn begin(place: Place, seed: u64) -> Result<Segment, Error> {
        let mut header = Vec::with_capacity(HEADER_BYTES as usize);
        header.extend_from_slice(&MAGIC);
        header.extend_from_slice(&place.generation.to_le_bytes());
        header.extend_from_slice(&seed.to_le_bytes());
        let sum = checksum(place.generation, &header);
        header.extend_from_slice(&sum.to_le_bytes());
        place.file.write_all_at(&header, 0).map_err(|error| failed(&error))?;
        let salt = Salt::of(place.generation);
        Segment::resume(place, salt, Mark { sum, bytes: HEADER_BYTES })
    }

    /// Goes on where the last whole frame ends.
    pub(super) fn resume(place: Place, salt: Salt, mark: Mark) -> Result<Segment, Error> {
        (&*place.file).seek(SeekFrom::Start(mark.bytes)).map_err(|error| failed(&error))?;
        Ok(Segment { place, salt, mark, length: None })
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

    /// Says that the log goes on in the other file; how far this one goes.
    pub(super) fn end(&mut self) -> Result<Mark, Error> {
        let mut frame = vec![0; FRAME_BYTES];
        frame.extend_from_slice(END);
        self.write(&mut frame)?;
        Ok(self.mark)
    }

    /// Writes a frame whose head is still empty.
    fn write(&mut self, frame: &mut [u8]) -> Result<(), Error> {
        let Some((head, content)) = frame.split_at_mut_checked(FRAME_BYTES) else { return Ok(()) };
        let length = u32::try_from(content.len())
            .map_err(|_| Error::Storage("a commit is too large for the data file".to_owned()))?;
        let sum = self.salt.checksum(self.mark.sum, content);
        let (first, second) = head.split_at_mut(4);
        first.copy_from_slice(&length.to_le_bytes());
        second.copy_from_slice(&sum.to_le_bytes());
        self.reach_ahead(frame.len());
        (&*self.place.file).write_all(frame).map_err(|error| failed(&error))?;
        self.mark = Mark { sum, bytes: self.mark.bytes + frame.len() as u64 };
        Ok(())
    }

    /// The file is to be longer than what is written: for who syncs each group.
    pub(super) fn ahead(mut self) -> Segment {
        self.length = self.place.file.metadata().ok().map(|metadata| metadata.len());
        self
    }

    /// Makes the file longer, if it is to be. Where the disk has no room for that, there may be room for the group.
    fn reach_ahead(&mut self, bytes: usize) {
        let needed = self.mark.bytes.saturating_add(bytes as u64);
        if let Some(length) = self.length.filter(|length| needed > *length) {
            let ahead = needed.next_multiple_of(AHEAD_BYTES);
            // A page at a time: what is written at once Linux may keep, and write back, as one piece.
            let mut places = (length.next_multiple_of(ZEROS.len() as u64)..ahead).step_by(ZEROS.len());
            self.length =
                places.try_for_each(|place| self.place.file.write_all_at(&ZEROS, place)).ok().map(|()| ahead);
        }
    }

    /// Makes sure that all of it survives a power cut.
    pub(super) fn sync(&self) -> Result<(), Error> {
        self.place.sync()
    }

    /// The file, for another thread to sync.
    pub(super) fn file(&self) -> Arc<File> {
        Arc::clone(&self.place.file)
    }

    /// How far it goes by now.
    pub(super) fn mark(&self) -> Mark {
        self.mark
    }
}

/// Makes sure that all of a file survives a power cut.
pub(super) fn sync(file: &File) -> Result<(), Error> {
    file.sync_data().map_err(|error| Error::Storage(format!("the disk cannot be synced: {}", error.kind())))
}

/// What stands at the head of a file; `None` where no turn of it ever began.
pub(super) fn header(place: &Place) -> Result<Option<Header>, Error> {
    let mut bytes = Vec::with_capacity(HEADER_BYTES as usize);
    let head = Reader { file: &place.file, at: 0 }.take(HEADER_BYTES).read_to_end(&mut bytes);
    head.map_err(|error| unreadable(&error))?;
    let number = |at: usize| {
        let bytes = bytes.get(at..at + 8).and_then(|bytes| <[u8; 8]>::try_from(bytes).ok());
        bytes.map(u64::from_le_bytes)
    };
    let (Some(generation), Some(seed), Some(sum)) = (number(8), number(16), number(24)) else {
        return Ok(None);
    };
    let summed = bytes.get(..24).unwrap_or_default();
    let salt = match bytes.first_chunk() {
        Some(&MAGIC) => Salt::of(generation),
        Some(&MAGIC_1) => Salt(0),
        _ => return Ok(None),
    };
    if checksum(generation, summed) != sum {
        return Ok(None);
    }
    Ok(Some(Header { place: place.clone().turn(generation), seed, sum, salt }))
}

/// What a file holds: every whole frame up to the first that is none, which is where a crash cut it. Its records go
/// to `take`, in order, not read yet.
pub(super) fn content<E: From<Error>>(
    header: &Header,
    mut take: impl FnMut(Encoded<'_>) -> Result<(), E>,
) -> Result<Content, E> {
    let mut frames = Frames::from(header, Mark { sum: header.sum, bytes: HEADER_BYTES })?;
    let mut found = Content { next_number: 0, mark: frames.mark, ended: false };
    let mut frame = Vec::new();
    while !found.ended && frames.next(&mut frame)? {
        if frame == END {
            found.ended = true;
        } else {
            let (next_number, mut records) = codec::split(&frame).ok_or_else(damaged)?;
            found.next_number = next_number.max(found.next_number);
            records.try_for_each(|record| take(record.ok_or_else(damaged)?))?;
        }
        found.mark = frames.mark;
    }
    Ok(found)
}

/// How many bytes are lost where what was read of a file ends: those of the frame there that is not whole, and of the
/// whole ones behind it, which go on from the checksum that it says it had. 0 where there are none: then it is the end
/// of what was written, or what a kill left of the last group.
pub(super) fn lost(header: &Header, end: Mark) -> Result<u64, Error> {
    let mut frames = Frames::from(header, end)?;
    let Some(broken) = frames.head()? else { return Ok(0) };
    let mut frames = Frames::from(header, broken)?;
    let mut frame = Vec::new();
    while frames.next(&mut frame)? {}
    Ok(if frames.mark == broken { 0 } else { frames.mark.bytes - end.bytes })
}

/// The frames of a file, one after the other.
struct Frames<'f> {
    file: BufReader<Reader<'f>>,
    length: u64,
    salt: Salt,
    /// How far those go that were read.
    mark: Mark,
}

impl<'f> Frames<'f> {
    /// Those behind that mark.
    fn from(header: &'f Header, mark: Mark) -> Result<Frames<'f>, Error> {
        let Header { place, salt, .. } = header;
        let length = place.file.metadata().map_err(|error| unreadable(&error))?.len();
        let file = BufReader::with_capacity(1 << 16, Reader { file: &place.file, at: mark.bytes });
        Ok(Frames { file, length, salt: *salt, mark })
    }

    /// Reads the content of the next frame; whether there is a whole one.
    fn next(&mut self, frame: &mut Vec<u8>) -> Result<bool, Error> {
        let Some(said) = self.head()? else { return Ok(false) };
        let length = said.bytes - self.mark.bytes - FRAME_BYTES as u64;
        frame.resize(usize::try_from(length).unwrap_or_default(), 0);
        self.file.read_exact(frame).map_err(|error| unreadable(&error))?;
        let whole = self.salt.checksum(self.mark.sum, frame) == said.sum;
        if whole {
            self.mark = said;
        }
        Ok(whole)
    }

    /// Reads the head of the next frame: where that says that it ends, if it can be so.
    fn head(&mut self) -> Result<Option<Mark>, Error> {
        let begins = self.mark.bytes.saturating_add(FRAME_BYTES as u64);
        if begins > self.length {
            return Ok(None);
        }
        let mut head = [0; FRAME_BYTES];
        self.file.read_exact(&mut head).map_err(|error| unreadable(&error))?;
        let [a, b, c, d, sum @ ..] = head;
        let length = u64::from(u32::from_le_bytes([a, b, c, d]));
        let bytes = begins.saturating_add(length);
        Ok((length > 0 && bytes <= self.length).then_some(Mark { sum: u64::from_le_bytes(sum), bytes }))
    }
}

/// Reads a file from a place on that is not the file's own, which is where it is written.
struct Reader<'f> {
    file: &'f File,
    at: u64,
}

impl Read for Reader<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read_at(bytes, self.at)?;
        self.at += count as u64;
        Ok(count)
    }
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
