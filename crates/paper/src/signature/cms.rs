//! Signed data (CMS, RFC 5652) as far as papers use it: one signer, certificates beside. Everything stays a slice of
//! what was signed.

use std::borrow::Cow;

use super::tlv::{INTEGER, OCTETS, OID, SEQUENCE, SET, Tlv, Values, choice, write};

/// Certificates of one signature; real ones bring two to six.
const CERTIFICATES: usize = 40;

/// Object identifiers as they stand in the file.
pub(super) mod oid {
    pub const SIGNED_DATA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";
    pub const CONTENT_TYPE: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03";
    pub const MESSAGE_DIGEST: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04";
    pub const SIGNING_TIME: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x05";
    pub const CERTIFICATE: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x0c";
    pub const CERTIFICATE_V2: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x2f";
    pub const TIME_STAMP: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x0e";
    pub const TIME_STAMP_INFO: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x04";
}

/// An algorithm: its identifier and what its parameters are made of.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Algorithm<'a> {
    pub oid: &'a [u8],
    pub parameters: &'a [u8],
}

/// Signed data with its one signer.
pub(super) struct Signed<'a> {
    pub content_type: &'a [u8],
    /// What was signed, if it stands inside.
    pub content: Option<Cow<'a, [u8]>>,
    pub certificates: Vec<&'a [u8]>,
    pub signer: Signer<'a>,
}

/// Who signed which attributes how.
pub(super) struct Signer<'a> {
    pub id: SignerId<'a>,
    pub digest: Algorithm<'a>,
    /// Attributes that are signed together; none if the content itself is signed.
    attributes: Option<&'a [u8]>,
    pub algorithm: Algorithm<'a>,
    pub signature: Cow<'a, [u8]>,
    unsigned: &'a [u8],
}

/// Which certificate is the signer's.
pub(super) enum SignerId<'a> {
    /// The whole name of its issuer, and its number.
    Issuer { name: &'a [u8], serial: &'a [u8] },
    /// The identifier of its key.
    Key(Cow<'a, [u8]>),
}

impl<'a> Signed<'a> {
    /// Reads it; what follows (the zeros a signature is filled up with) is left alone.
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut outer = Values(bytes).take(SEQUENCE)?.inside();
        if outer.take(OID)?.content != oid::SIGNED_DATA {
            return None;
        }
        let mut data = outer.take(choice(0))?.inside().take(SEQUENCE)?.inside();
        data.take(INTEGER)?;
        data.take(SET)?;
        let mut content = data.take(SEQUENCE)?.inside();
        let content_type = content.take(OID)?.content;
        let content = match content.maybe(choice(0)) {
            Some(inside) => Some(inside.inside().next().filter(|v| v.tag & !0x20 == OCTETS)?.octets()?),
            None => None,
        };
        let mut certificates = Vec::new();
        if let Some(list) = data.maybe(choice(0)) {
            let mut list = list.inside();
            while let Some(one) = list.next() {
                if one.tag == SEQUENCE && certificates.len() < CERTIFICATES {
                    certificates.push(one.raw);
                }
            }
        }
        // Lists of revoked certificates: not looked at.
        data.maybe(choice(1));
        let mut signers = data.take(SET)?.inside();
        let signer = Signer::read(signers.take(SEQUENCE)?)?;
        // A signature in a PDF has one signer; of two, nobody could say who signed.
        signers.is_empty().then_some(Self { content_type, content, certificates, signer })
    }
}

impl<'a> Signer<'a> {
    fn read(value: Tlv<'a>) -> Option<Self> {
        let mut values = value.inside();
        values.take(INTEGER)?;
        let id = values.next()?;
        let id = match id.tag {
            SEQUENCE => {
                let mut id = id.inside();
                SignerId::Issuer { name: id.take(SEQUENCE)?.raw, serial: id.take(INTEGER)?.content }
            }
            0x80 => SignerId::Key(Cow::Borrowed(id.content)),
            _ => return None,
        };
        let digest = algorithm(values.take(SEQUENCE)?)?;
        let attributes = values.maybe(choice(0)).map(|value| value.content);
        let algorithm = algorithm(values.take(SEQUENCE)?)?;
        let signature = values.next().filter(|v| v.tag & !0x20 == OCTETS)?.octets()?;
        let unsigned = values.maybe(choice(1)).map(|value| value.content).unwrap_or_default();
        Some(Self { id, digest, attributes, algorithm, signature, unsigned })
    }

    /// What the signature is computed over, if attributes are signed: the same bytes, as a set.
    pub fn attributes(&self) -> Option<Vec<u8>> {
        self.attributes.map(|content| write(SET, content))
    }

    /// The one value of a signed attribute. None if it is missing, or stands twice.
    pub fn attribute(&self, oid: &[u8]) -> Option<Tlv<'a>> {
        only(self.attributes?, oid)
    }

    /// The one value of an attribute that was added afterwards.
    pub fn added(&self, oid: &[u8]) -> Option<Tlv<'a>> {
        only(self.unsigned, oid)
    }
}

fn only<'a>(attributes: &'a [u8], wanted: &[u8]) -> Option<Tlv<'a>> {
    let (mut found, mut all) = (None, Values(attributes));
    while let Some(attribute) = all.next() {
        let mut parts = attribute.inside();
        if parts.take(OID)?.content != wanted {
            continue;
        }
        let mut values = parts.take(SET)?.inside();
        let value = values.next()?;
        if found.is_some() || !values.is_empty() {
            return None;
        }
        found = Some(value);
    }
    found
}

/// Reads an algorithm.
pub(super) fn algorithm(value: Tlv<'_>) -> Option<Algorithm<'_>> {
    let mut parts = value.inside();
    let oid = parts.take(OID)?.content;
    Some(Algorithm { oid, parameters: parts.next().map(|v| v.content).unwrap_or_default() })
}

/// What a time stamp says: over which digest, by which algorithm, and when.
pub(super) struct StampInfo<'a> {
    pub digest: Algorithm<'a>,
    pub of: &'a [u8],
    pub at: Tlv<'a>,
}

impl<'a> StampInfo<'a> {
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut info = Values(bytes).take(SEQUENCE)?.inside();
        info.take(INTEGER)?;
        info.take(OID)?;
        let mut imprint = info.take(SEQUENCE)?.inside();
        let digest = algorithm(imprint.take(SEQUENCE)?)?;
        let of = imprint.take(OCTETS)?.content;
        info.take(INTEGER)?;
        Some(Self { digest, of, at: info.next()? })
    }
}
