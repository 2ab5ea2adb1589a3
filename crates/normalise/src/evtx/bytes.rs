//! Bytes read one after the other, never past their end.

/// Where reading stands.
#[derive(Clone, Copy, Debug)]
pub struct Bytes<'b> {
    all: &'b [u8],
    at: usize,
}

impl<'b> Bytes<'b> {
    /// From the beginning.
    pub fn new(all: &'b [u8]) -> Bytes<'b> {
        Bytes { all, at: 0 }
    }

    /// The same bytes from another place.
    pub fn at(self, at: usize) -> Option<Bytes<'b>> {
        (at <= self.all.len()).then_some(Bytes { all: self.all, at })
    }

    /// The place.
    pub fn place(&self) -> usize {
        self.at
    }

    /// All bytes, read or not.
    pub fn all(&self) -> &'b [u8] {
        self.all
    }

    /// The next bytes.
    pub fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let end = self.at.checked_add(count)?;
        let own = self.all.get(self.at..end)?;
        self.at = end;
        Some(own)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    pub fn u8(&mut self) -> Option<u8> {
        self.array().map(u8::from_le_bytes)
    }

    pub fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// UTF-16 with its length in characters before it, put at a text's end.
    pub fn counted(&mut self, out: &mut String) -> Option<()> {
        let count = self.u16()?;
        utf16(self.take(usize::from(count) * 2)?, out);
        Some(())
    }
}

/// UTF-16 up to its first zero, put at a text's end; broken pairs become their sign.
pub fn utf16(bytes: &[u8], out: &mut String) {
    let (units, _) = bytes.as_chunks::<2>();
    let plain = units.iter().take_while(|[low, high]| *high == 0 && low.is_ascii() && *low != 0).count();
    let (ascii, rest) = units.split_at_checked(plain).unwrap_or_default();
    out.extend(ascii.iter().map(|[low, _]| char::from(*low)));
    let rest = rest.iter().map(|unit| u16::from_le_bytes(*unit)).take_while(|unit| *unit != 0);
    out.extend(char::decode_utf16(rest).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
}
