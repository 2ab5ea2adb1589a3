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

/// Units narrowed at once.
const NARROW: usize = 32;

/// UTF-16 up to its first zero, put at a text's end; broken pairs become their sign.
pub fn utf16(bytes: &[u8], out: &mut String) {
    let (mut units, _) = bytes.as_chunks::<2>();
    // Nearly all of it is ASCII: narrowed many at a time as long as that is so.
    while !units.is_empty() {
        let (block, rest) = units.split_at(units.len().min(NARROW));
        let (mut narrow, mut all, mut zero) = ([0_u8; NARROW], 0_u16, false);
        for (slot, unit) in narrow.iter_mut().zip(block) {
            let wide = u16::from_le_bytes(*unit);
            all |= wide;
            zero |= wide == 0;
            *slot = unit[0];
        }
        let plain = narrow.get(..block.len()).filter(|_| all < 0x80 && !zero);
        let Some(Ok(plain)) = plain.map(std::str::from_utf8) else { break };
        out.push_str(plain);
        units = rest;
    }
    let rest = units.iter().map(|unit| u16::from_le_bytes(*unit)).take_while(|unit| *unit != 0);
    out.extend(char::decode_utf16(rest).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
}
