//! The binary format of `COPY … TO STDOUT`, read row by row. Nothing the server sends is trusted to be well formed.

use super::PathError;

const SIGNATURE: &[u8; 11] = b"PGCOPY\n\xff\r\n\0";
/// Signature, flags and the length of an extension.
const HEADER: usize = 19;
/// The bits of the flags that a reader has to understand; none of them is known here.
const CRITICAL_FLAGS: u32 = 0xffff_0000;
/// No row of a graph without properties is larger: a key, two names and a list of classes.
const LARGEST_ROW: usize = 16 << 20;

/// The fields of a row; `None` is `NULL`.
pub(super) type Row<'a, const COLUMNS: usize> = [Option<&'a [u8]>; COLUMNS];

/// Takes the stream in pieces of any size and gives whole rows.
#[derive(Debug)]
pub(super) struct CopyReader<const COLUMNS: usize> {
    /// The beginning of what did not end in the last piece.
    rest: Vec<u8>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    Header,
    Rows,
    Ended,
}

impl<const COLUMNS: usize> CopyReader<COLUMNS> {
    pub(super) fn new() -> Self {
        Self { rest: Vec::new(), state: State::Header }
    }

    /// Gives every row that ends in this piece to `each`.
    pub(super) fn read(
        &mut self,
        piece: &[u8],
        mut each: impl FnMut(Row<'_, COLUMNS>) -> Result<(), PathError>,
    ) -> Result<(), PathError> {
        if self.rest.is_empty() {
            // The server sends a row in a piece, so that nothing has to be copied.
            let read = self.read_whole(piece, &mut each)?;
            self.rest.extend_from_slice(&piece[read..]);
        } else {
            self.rest.extend_from_slice(piece);
            let rest = std::mem::take(&mut self.rest);
            let read = self.read_whole(&rest, &mut each)?;
            self.rest.extend_from_slice(&rest[read..]);
        }
        if self.rest.len() > LARGEST_ROW { Err(PathError::Copy("a row is too large")) } else { Ok(()) }
    }

    /// Says whether the stream ended where it should.
    pub(super) fn finish(self) -> Result<(), PathError> {
        if self.state == State::Ended { Ok(()) } else { Err(PathError::Copy("the stream was cut off")) }
    }

    /// Reads what is there as a whole and says how much that was.
    fn read_whole(
        &mut self,
        bytes: &[u8],
        each: &mut impl FnMut(Row<'_, COLUMNS>) -> Result<(), PathError>,
    ) -> Result<usize, PathError> {
        let mut at = 0;
        loop {
            let left = &bytes[at..];
            let read = match self.state {
                State::Header => header(left)?.inspect(|_| self.state = State::Rows),
                State::Rows => match row(left)? {
                    Some(Parsed::Row(fields, length)) => {
                        each(fields)?;
                        Some(length)
                    }
                    Some(Parsed::End) => {
                        self.state = State::Ended;
                        Some(2)
                    }
                    None => None,
                },
                State::Ended if left.is_empty() => None,
                State::Ended => return Err(PathError::Copy("something follows the end of the rows")),
            };
            match read {
                Some(length) => at += length,
                None => return Ok(at),
            }
        }
    }
}

enum Parsed<'a, const COLUMNS: usize> {
    Row(Row<'a, COLUMNS>, usize),
    End,
}

/// The length of the header, once all of it is there.
fn header(bytes: &[u8]) -> Result<Option<usize>, PathError> {
    let known = bytes.len().min(SIGNATURE.len());
    if bytes[..known] != SIGNATURE[..known] {
        return Err(PathError::Copy("it does not begin with the signature of the binary format"));
    }
    let Some((flags, extension)) = u32_at(bytes, 11).zip(u32_at(bytes, 15)) else { return Ok(None) };
    if flags & CRITICAL_FLAGS != 0 {
        return Err(PathError::Copy("its flags are of a later version of the format"));
    }
    let length = HEADER + usize::try_from(extension).map_err(|_| too_large())?;
    if length > LARGEST_ROW {
        return Err(too_large());
    }
    Ok((bytes.len() >= length).then_some(length))
}

/// The next row, once all of it is there.
fn row<const COLUMNS: usize>(bytes: &[u8]) -> Result<Option<Parsed<'_, COLUMNS>>, PathError> {
    let Some(count) = bytes.first_chunk().map(|it| i16::from_be_bytes(*it)) else { return Ok(None) };
    if count == -1 {
        return Ok(Some(Parsed::End));
    }
    if usize::try_from(count) != Ok(COLUMNS) {
        return Err(PathError::Copy("a row has another number of columns"));
    }
    let mut fields = [None; COLUMNS];
    let mut at = 2;
    for field in &mut fields {
        let Some(length) = u32_at(bytes, at) else { return Ok(None) };
        at += 4;
        if length == u32::MAX {
            continue;
        }
        let length = usize::try_from(length).map_err(|_| too_large())?;
        if length > LARGEST_ROW {
            return Err(too_large());
        }
        let Some(value) = bytes.get(at..at + length) else { return Ok(None) };
        *field = Some(value);
        at += length;
    }
    Ok(Some(Parsed::Row(fields, at)))
}

fn too_large() -> PathError {
    PathError::Copy("a field is too large")
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|it| u32::from_be_bytes(*it))
}

/// A `uuid` that may not be `NULL`.
pub(super) fn identity(field: Option<&[u8]>) -> Result<u128, PathError> {
    let bytes = field.and_then(|it| <[u8; 16]>::try_from(it).ok());
    bytes.map(u128::from_be_bytes).ok_or(PathError::Copy("an identity is not 16 bytes"))
}

/// A `smallint` that may not be `NULL`.
pub(super) fn small(field: Option<&[u8]>) -> Result<i16, PathError> {
    let bytes = field.and_then(|it| <[u8; 2]>::try_from(it).ok());
    bytes.map(i16::from_be_bytes).ok_or(PathError::Copy("a small number is not 2 bytes"))
}

/// An `int` that may be neither `NULL` nor negative.
pub(super) fn number(field: Option<&[u8]>) -> Result<u32, PathError> {
    let bytes = field.and_then(|it| <[u8; 4]>::try_from(it).ok());
    let number = bytes.and_then(|it| u32::try_from(i32::from_be_bytes(it)).ok());
    number.ok_or(PathError::Copy("a number is not 4 bytes, or negative"))
}

/// A `text`; `NULL` is empty.
pub(super) fn text(field: Option<&[u8]>) -> Result<&str, PathError> {
    std::str::from_utf8(field.unwrap_or_default()).map_err(|_| PathError::Copy("a text is not UTF-8"))
}

/// A `text[]` of one dimension.
pub(super) fn texts(field: Option<&[u8]>) -> Result<Vec<&str>, PathError> {
    let wrong = PathError::Copy("a list of texts is malformed");
    let Some(bytes) = field else { return Ok(Vec::new()) };
    let (Some(dimensions), Some(count)) = (u32_at(bytes, 0), u32_at(bytes, 12)) else {
        let is_empty = bytes.len() == 12 && u32_at(bytes, 0) == Some(0);
        return if is_empty { Ok(Vec::new()) } else { Err(wrong) };
    };
    if dimensions != 1 {
        return Err(wrong);
    }
    let mut left = bytes.get(20..).unwrap_or_default();
    let mut texts = Vec::new();
    for _ in 0..count {
        let length = u32_at(left, 0).and_then(|it| usize::try_from(it).ok());
        let value = length.and_then(|it| left.get(4..)?.get(..it));
        let Some(value) = value else { return Err(wrong) };
        texts.push(text(Some(value))?);
        left = &left[4 + value.len()..];
    }
    if left.is_empty() { Ok(texts) } else { Err(wrong) }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    type Owned = Vec<Vec<Option<Vec<u8>>>>;

    fn written(rows: &[Vec<Option<Vec<u8>>>]) -> Vec<u8> {
        let mut bytes = SIGNATURE.to_vec();
        bytes.extend([0; 8]);
        for row in rows {
            bytes.extend(i16::try_from(row.len()).unwrap().to_be_bytes());
            for field in row {
                match field {
                    None => bytes.extend((-1_i32).to_be_bytes()),
                    Some(value) => {
                        bytes.extend(u32::try_from(value.len()).unwrap().to_be_bytes());
                        bytes.extend(value);
                    }
                }
            }
        }
        bytes.extend((-1_i16).to_be_bytes());
        bytes
    }

    fn read(pieces: &[&[u8]]) -> Result<Owned, PathError> {
        let mut rows = Vec::new();
        let mut reader = CopyReader::<2>::new();
        for piece in pieces {
            reader.read(piece, |row| {
                rows.push(row.iter().map(|it| it.map(<[u8]>::to_vec)).collect());
                Ok(())
            })?;
        }
        reader.finish().map(|()| rows)
    }

    proptest! {
        #[test]
        fn rows_come_back_however_the_stream_is_cut(
            rows in vec(vec(proptest::option::of(vec(any::<u8>(), 0..40)), 2..3), 0..20),
            piece in 1_usize..60,
        ) {
            let bytes = written(&rows);

            prop_assert_eq!(read(&bytes.chunks(piece).collect::<Vec<_>>()).unwrap(), rows);
        }

        #[test]
        fn a_stream_that_is_cut_off_is_an_error(
            rows in vec(vec(proptest::option::of(vec(any::<u8>(), 0..40)), 2..3), 0..20),
            kept in 0.0..1.0,
        ) {
            let bytes = written(&rows);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss,
                reason = "a share of a small number")]
            let kept = (bytes.len() as f64 * kept) as usize;

            prop_assert!(read(&[&bytes[..kept]]).is_err());
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in vec(any::<u8>(), 0..200), piece in 1_usize..60, cut in 0_usize..60) {
            let mut stream = written(&[vec![Some(vec![1]), None]]);
            stream.truncate(stream.len() - 2 - cut.min(20));
            stream.extend(&bytes);

            let _ = read(&stream.chunks(piece).collect::<Vec<_>>());
            let _ = texts(Some(&bytes));
        }
    }

    #[test]
    fn what_is_not_the_format_is_refused_by_name() {
        let good = written(&[vec![Some(b"a".to_vec()), None]]);
        let changed = |at: usize, value: u8| {
            let mut bytes = good.clone();
            bytes[at] = value;
            read(&[&bytes]).unwrap_err().to_string()
        };
        let mut longer = good.clone();
        longer.push(0);

        assert!(changed(0, b'X').contains("signature"));
        assert!(changed(12, 1).contains("flags"));
        assert!(changed(15, 0x7f).contains("too large"));
        assert!(changed(20, 3).contains("number of columns"));
        assert!(changed(21, 0x7f).contains("too large"));
        assert!(read(&[&longer]).unwrap_err().to_string().contains("follows the end"));
        assert!(read(&[]).unwrap_err().to_string().contains("cut off"));
    }

    #[test]
    fn a_value_of_another_size_is_refused() {
        assert!(identity(Some(&[0; 15])).is_err() && identity(None).is_err());
        assert!(small(Some(&[0; 4])).is_err() && small(None).is_err());
        assert!(number(Some(&[0; 2])).is_err() && number(Some(&[0xff; 4])).is_err() && number(None).is_err());
        assert!(text(Some(&[0xff])).is_err());
        assert_eq!(small(Some(&[0xff, 0xfe])).unwrap(), -2);
        assert_eq!(number(Some(&[0, 0, 1, 2])).unwrap(), 258);
    }

    #[test]
    fn lists_are_read_as_the_server_writes_them() {
        // One dimension, no NULL, type 25 (text), 2 members from 1.
        let mut bytes = [1_u32, 0, 25, 2, 1].map(u32::to_be_bytes).concat();
        bytes.extend(b"\0\0\0\x04Host\0\0\0\x02\xc3\xa9");
        let empty = [0_u32, 0, 25].map(u32::to_be_bytes).concat();

        assert_eq!(texts(Some(&bytes)).unwrap(), ["Host", "é"]);
        assert_eq!(texts(Some(&empty)).unwrap(), Vec::<&str>::new());
        assert!(texts(Some(&bytes[..bytes.len() - 1])).is_err());
        assert!(texts(Some(&empty[..11])).is_err());
    }
}
