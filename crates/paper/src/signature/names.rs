//! Names in certificates, for people.

use x509_parser::{x509::AttributeTypeAndValue, x509::X509Name};

use crate::read::tidy;

/// Characters of a name that are shown; certificates allow 64 for most.
const LONG: usize = 200;
/// Two bytes a character, as old programs of Windows write.
const BMP_STRING: u32 = 30;

/// Whose it is: the person or body, else the organisation.
pub(super) fn called(name: &X509Name<'_>) -> Option<String> {
    name.iter_common_name().find_map(text).or_else(|| organisation(name)).or_else(|| unit(name))
}

pub(super) fn organisation(name: &X509Name<'_>) -> Option<String> {
    name.iter_organization().find_map(text)
}

pub(super) fn unit(name: &X509Name<'_>) -> Option<String> {
    name.iter_organizational_unit().find_map(text)
}

fn text(attribute: &AttributeTypeAndValue<'_>) -> Option<String> {
    let (bytes, wide) = (attribute.as_slice(), attribute.attr_value().tag().0 == BMP_STRING);
    let text = if wide {
        let pairs = bytes.chunks_exact(2).filter_map(|pair| Some(u16::from_be_bytes(pair.try_into().ok()?)));
        char::decode_utf16(pairs).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    } else {
        String::from_utf8_lossy(bytes).into_owned()
    };
    let text: String = tidy(&text).replace(['\n', '\t', '\u{c}'], " ").trim().chars().take(LONG).collect();
    (!text.is_empty()).then_some(text)
}
