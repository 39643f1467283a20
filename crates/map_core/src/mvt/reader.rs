//! A cursor over protocol buffer bytes that knows where it stands and never reads past its end.

use super::DecodeError;

/// Part of a message, with the place where it lies in the tile.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
    at: usize,
}

/// One field of a message.
pub(super) enum Field<'a> {
    /// Wire type 0.
    Varint(u64),
    /// Wire type 1.
    Fixed64([u8; 8]),
    /// Wire type 2.
    Bytes(Reader<'a>),
    /// Wire type 5.
    Fixed32([u8; 4]),
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, at: 0 }
    }

    /// Where the next byte lies in the tile.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// How many bytes are left.
    pub(super) fn len(&self) -> usize {
        self.rest.len()
    }

    pub(super) fn bytes(self) -> &'a [u8] {
        self.rest
    }

    fn take(&mut self, count: usize, what: &'static str) -> Result<Self, DecodeError> {
        let (taken, rest) = self
            .rest
            .split_at_checked(count)
            .ok_or(DecodeError::Truncated { what, at: self.at })?;
        let part = Self {
            rest: taken,
            at: self.at,
        };
        self.rest = rest;
        self.at += count;
        Ok(part)
    }

    pub(super) fn varint(&mut self, what: &'static str) -> Result<u64, DecodeError> {
        let mut value = 0_u64;
        for (i, byte) in self.rest.iter().take(10).enumerate() {
            value |= u64::from(byte & 0x7f) << (7 * i);
            if byte & 0x80 == 0 {
                self.rest = &self.rest[i + 1..];
                self.at += i + 1;
                return Ok(value);
            }
        }
        if self.rest.len() < 10 {
            return Err(DecodeError::Truncated { what, at: self.at });
        }
        Err(DecodeError::Malformed { what, at: self.at })
    }

    /// The next field's number and content, or `None` at the end.
    pub(super) fn field(
        &mut self,
        what: &'static str,
    ) -> Result<Option<(u64, Field<'a>)>, DecodeError> {
        if self.is_empty() {
            return Ok(None);
        }
        let at = self.at;
        let tag = self.varint(what)?;
        let field = match tag & 7 {
            0 => Field::Varint(self.varint(what)?),
            1 => Field::Fixed64(self.array(what)?),
            2 => {
                let length = self.varint(what)?;
                let length =
                    usize::try_from(length).map_err(|_| DecodeError::Truncated { what, at })?;
                Field::Bytes(self.take(length, what)?)
            }
            5 => Field::Fixed32(self.array(what)?),
            _ => return Err(DecodeError::Malformed { what, at }),
        };
        Ok(Some((tag >> 3, field)))
    }

    fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], DecodeError> {
        let at = self.at;
        let part = self.take(N, what)?;
        part.rest
            .try_into()
            .map_err(|_| DecodeError::Truncated { what, at })
    }
}
