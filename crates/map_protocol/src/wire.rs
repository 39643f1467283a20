//! Reading and writing of the plain byte encoding.

use core::fmt;

/// Why bytes could not be decoded as a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecodeError {
    /// The bytes ended at `at`, `needed` more were expected.
    Truncated { at: usize, needed: usize },
    /// The value read as `what` at byte `at` is none of the known ones.
    UnknownValue {
        what: &'static str,
        value: u8,
        at: usize,
    },
    /// The text that starts at byte `at` is not UTF-8.
    NotUtf8 { at: usize },
    /// A number at byte `at` is not finite.
    NotFinite { at: usize },
    /// The message was complete at byte `at`, but `extra` bytes follow.
    TrailingBytes { at: usize, extra: usize },
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated { at, needed } => {
                write!(
                    f,
                    "map message ends at byte {at}, {needed} more bytes were expected"
                )
            }
            Self::UnknownValue { what, value, at } => {
                write!(f, "unknown {what} {value} at byte {at} of a map message")
            }
            Self::NotUtf8 { at } => write!(f, "text at byte {at} of a map message is not UTF-8"),
            Self::NotFinite { at } => {
                write!(f, "number at byte {at} of a map message is not finite")
            }
            Self::TrailingBytes { at, extra } => {
                write!(
                    f,
                    "map message is complete at byte {at}, but {extra} bytes follow"
                )
            }
        }
    }
}

impl std::error::Error for DecodeError {}

/// A cursor over received bytes.
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The offset of the next byte.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    pub(crate) fn take(&mut self, len: usize) -> Result<&'a [u8], DecodeError> {
        let rest = &self.bytes[self.at..];
        let Some(taken) = rest.get(..len) else {
            return Err(DecodeError::Truncated {
                at: self.bytes.len(),
                needed: len - rest.len(),
            });
        };
        self.at += len;
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    pub(crate) fn finish(self) -> Result<(), DecodeError> {
        match self.bytes.len() - self.at {
            0 => Ok(()),
            extra => Err(DecodeError::TrailingBytes { at: self.at, extra }),
        }
    }
}

/// A value with a place in the byte encoding.
pub(crate) trait Wire: Sized {
    /// The fewest bytes one value takes; bounds the memory a forged length can reserve.
    const MIN_LEN: usize;

    fn write(&self, out: &mut Vec<u8>);
    fn read(from: &mut Reader<'_>) -> Result<Self, DecodeError>;
}

/// Decodes exactly one value from all of `bytes`.
pub(crate) fn decode_all<T: Wire>(bytes: &[u8]) -> Result<T, DecodeError> {
    let mut reader = Reader::new(bytes);
    let value = T::read(&mut reader)?;
    reader.finish()?;
    Ok(value)
}

/// Encodes one value.
pub(crate) fn encode<T: Wire>(value: &T) -> Vec<u8> {
    let mut out = Vec::new();
    value.write(&mut out);
    out
}

macro_rules! wire_integers {
    ($($int:ty),*) => {$(
        impl Wire for $int {
            const MIN_LEN: usize = size_of::<$int>();
            fn write(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }
            fn read(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
                Ok(<$int>::from_le_bytes(from.array()?))
            }
        }
    )*};
}
wire_integers!(u8, u16, u32);

macro_rules! wire_floats {
    ($($float:ty),*) => {$(
        impl Wire for $float {
            const MIN_LEN: usize = size_of::<$float>();
            fn write(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }
            fn read(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
                let at = from.at();
                let value = <$float>::from_le_bytes(from.array()?);
                if value.is_finite() { Ok(value) } else { Err(DecodeError::NotFinite { at }) }
            }
        }
    )*};
}
wire_floats!(f32, f64);

impl Wire for bool {
    const MIN_LEN: usize = 1;
    fn write(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = from.at();
        match u8::read(from)? {
            0 => Ok(false),
            1 => Ok(true),
            value => Err(DecodeError::UnknownValue {
                what: "boolean",
                value,
                at,
            }),
        }
    }
}

impl Wire for String {
    const MIN_LEN: usize = 4;
    fn write(&self, out: &mut Vec<u8>) {
        write_len(self.len(), out);
        out.extend_from_slice(self.as_bytes());
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let len = u32::read(from)? as usize;
        let at = from.at();
        let bytes = from.take(len)?;
        match core::str::from_utf8(bytes) {
            Ok(text) => Ok(text.to_owned()),
            Err(_) => Err(DecodeError::NotUtf8 { at }),
        }
    }
}

impl<T: Wire> Wire for Vec<T> {
    const MIN_LEN: usize = 4;
    fn write(&self, out: &mut Vec<u8>) {
        write_len(self.len(), out);
        out.reserve(self.len() * T::MIN_LEN);
        for item in self {
            item.write(out);
        }
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let len = u32::read(from)? as usize;
        let remaining = from.bytes.len() - from.at;
        // A forged length must not reserve more than the bytes at hand can fill.
        let wanted = len.saturating_mul(T::MIN_LEN);
        if wanted > remaining {
            return Err(DecodeError::Truncated {
                at: from.bytes.len(),
                needed: wanted - remaining,
            });
        }
        let mut items = Vec::with_capacity(len);
        for _ in 0..len {
            items.push(T::read(from)?);
        }
        Ok(items)
    }
}

impl<T: Wire> Wire for Option<T> {
    const MIN_LEN: usize = 1;
    fn write(&self, out: &mut Vec<u8>) {
        self.is_some().write(out);
        if let Some(value) = self {
            value.write(out);
        }
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(if bool::read(from)? {
            Some(T::read(from)?)
        } else {
            None
        })
    }
}

impl<T: Wire, const N: usize> Wire for [T; N] {
    const MIN_LEN: usize = T::MIN_LEN * N;
    fn write(&self, out: &mut Vec<u8>) {
        for item in self {
            item.write(out);
        }
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut items = Vec::with_capacity(N);
        for _ in 0..N {
            items.push(T::read(from)?);
        }
        let at = from.at();
        items
            .try_into()
            .map_err(|_| DecodeError::Truncated { at, needed: 0 })
    }
}

/// Lengths beyond `u32` cannot occur: one side always has a 32-bit address space.
fn write_len(len: usize, out: &mut Vec<u8>) {
    u32::try_from(len)
        .expect("a map message has fewer than 2^32 items")
        .write(out);
}

/// Writes the fields of a struct one after the other.
macro_rules! wire_struct {
    ($name:ty { $($field:ident: $kind:ty),* $(,)? }) => {
        impl crate::wire::Wire for $name {
            const MIN_LEN: usize = 0 $(+ <$kind as crate::wire::Wire>::MIN_LEN)*;
            fn write(&self, out: &mut Vec<u8>) {
                $(crate::wire::Wire::write(&self.$field, out);)*
            }
            fn read(
                from: &mut crate::wire::Reader<'_>,
            ) -> Result<Self, crate::wire::DecodeError> {
                Ok(Self { $($field: crate::wire::Wire::read(from)?,)* })
            }
        }
    };
}
pub(crate) use wire_struct;

/// Declares an enum of one byte, its list of all values and its encoding.
macro_rules! wire_enum {
    (
        $(#[$meta:meta])*
        pub enum $name:ident, $what:literal { $($(#[$item_meta:meta])* $item:ident = $value:literal),* $(,)? }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum $name { $($(#[$item_meta])* $item = $value),* }

        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$item),*];

            /// The value of a byte, or `None` where the byte names none.
            pub const fn from_u8(value: u8) -> Option<Self> {
                match value {
                    $($value => Some(Self::$item),)*
                    _ => None,
                }
            }
        }

        impl crate::wire::Wire for $name {
            const MIN_LEN: usize = 1;
            fn write(&self, out: &mut Vec<u8>) {
                out.push(*self as u8);
            }
            fn read(
                from: &mut crate::wire::Reader<'_>,
            ) -> Result<Self, crate::wire::DecodeError> {
                let at = from.at();
                let value = <u8 as crate::wire::Wire>::read(from)?;
                Self::from_u8(value)
                    .ok_or(crate::wire::DecodeError::UnknownValue { what: $what, value, at })
            }
        }
    };
}
pub(crate) use wire_enum;

/// Declares an enum of messages: one tag byte, then the fields in their order.
macro_rules! wire_messages {
    (
        $(#[$meta:meta])*
        pub enum $name:ident, $what:literal {
            $($(#[$item_meta:meta])* $item:ident = $tag:literal
                { $($(#[$field_meta:meta])* $field:ident: $kind:ty),* $(,)? }),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        pub enum $name {
            $($(#[$item_meta])* $item { $($(#[$field_meta])* $field: $kind),* }),*
        }

        impl crate::wire::Wire for $name {
            const MIN_LEN: usize = 1;
            fn write(&self, out: &mut Vec<u8>) {
                match self {
                    $(Self::$item { $($field),* } => {
                        out.push($tag);
                        $(crate::wire::Wire::write($field, out);)*
                    })*
                }
            }
            fn read(
                from: &mut crate::wire::Reader<'_>,
            ) -> Result<Self, crate::wire::DecodeError> {
                let at = from.at();
                match <u8 as crate::wire::Wire>::read(from)? {
                    $($tag => Ok(Self::$item { $($field: crate::wire::Wire::read(from)?),* }),)*
                    value => {
                        Err(crate::wire::DecodeError::UnknownValue { what: $what, value, at })
                    }
                }
            }
        }

        impl $name {
            /// The bytes of this message.
            pub fn encode(&self) -> Vec<u8> {
                crate::wire::encode(self)
            }

            /// The message that makes up all of `bytes`.
            pub fn decode(bytes: &[u8]) -> Result<Self, crate::wire::DecodeError> {
                crate::wire::decode_all(bytes)
            }
        }
    };
}
pub(crate) use wire_messages;

/// Gives a byte of flags its test and its encoding.
macro_rules! flag_bits {
    ($($name:ty),*) => {$(
        impl $name {
            /// Whether every bit of `flag` is set.
            pub const fn has(self, flag: u8) -> bool {
                self.0 & flag == flag
            }
        }
        impl crate::wire::Wire for $name {
            const MIN_LEN: usize = 1;
            fn write(&self, out: &mut Vec<u8>) {
                out.push(self.0);
            }
            fn read(
                from: &mut crate::wire::Reader<'_>,
            ) -> Result<Self, crate::wire::DecodeError> {
                Ok(Self(<u8 as crate::wire::Wire>::read(from)?))
            }
        }
    )*};
}
pub(crate) use flag_bits;
