//! What a signature is worth: every step that must hold, in order.

use jiff::{SignedDuration, Timestamp};
use x509_parser::{
    certificate::X509Certificate,
    extensions::{ExtendedKeyUsage, ParsedExtension},
    prelude::FromDer,
};

use super::{
    Person, Roots, Signature, Signatures, Stamp, State, chain,
    cms::{Signed, SignerId, StampInfo, oid},
    crypto::{Checked, Hash, check},
    find::{Covered, Found, find},
    names, time,
    tlv::{OCTETS, SEQUENCE, Tlv},
};

/// How far a signer's clock may be ahead of ours.
const AHEAD: SignedDuration = SignedDuration::from_mins(10);
/// What a certificate for signing papers may be made for besides e-mail and signing in: documents (RFC 9336), Adobe's and
/// Microsoft's older ways to say so.
const DOCUMENTS: [&[u8]; 3] = [
    b"\x2b\x06\x01\x05\x05\x07\x03\x24",
    b"\x2a\x86\x48\x86\xf7\x2f\x01\x01\x05",
    b"\x2b\x06\x01\x04\x01\x82\x37\x0a\x03\x0c",
];

/// Why a signature does not get further: the state it ends in, and the code.
type End = (State, &'static str);

/// Who is trusted, and when it is now.
struct Eyes<'a> {
    anchors: Vec<X509Certificate<'a>>,
    now: Timestamp,
}

/// Judges all signatures of a file; none if it carries none.
pub(super) fn all(bytes: &[u8], roots: &Roots, now: Timestamp) -> Option<Signatures> {
    let (found, more) = find(bytes);
    if found.is_empty() {
        return None;
    }
    let anchors = roots.0.iter().filter_map(|der| Some(X509Certificate::from_der(der).ok()?.1)).collect();
    let eyes = Eyes { anchors, now };
    let ends: Vec<Option<usize>> = found.iter().map(|one| Some(one.covers.as_ref().ok()?.end)).collect();
    let mut list: Vec<Signature> = found.iter().map(|one| one_of(one, bytes, &eyes)).collect();
    let whole = |end: usize| {
        bytes
            .get(end..)
            .is_some_and(|rest| rest.iter().all(|b| matches!(b, 0 | b'\t' | b'\n' | b'\r' | b' ')))
    };
    // Who vouches for the file as it lies here. A stamp of the time approves of nothing.
    let now: Vec<State> = list
        .iter()
        .zip(&ends)
        .filter(|(one, end)| end.is_some_and(whole) && !one.stamp_only)
        .map(|(one, _)| one.state)
        .collect();
    for (one, end) in list.iter_mut().zip(&ends) {
        let Some(end) = *end else { continue };
        if whole(end) {
            continue;
        }
        // Whatever was added is another's word; it is fine only if somebody as good as this one signed it.
        let vouched = match one.state {
            State::Trusted => now.contains(&State::Trusted),
            State::Valid => now.iter().any(|state| matches!(state, State::Trusted | State::Valid)),
            _ => continue,
        };
        if !vouched {
            (one.state, one.why) = (State::Altered, Some("later".to_owned()));
        }
    }
    Some(Signatures { found: true, checked: eyes.now, list, more })
}

fn one_of(found: &Found<'_>, bytes: &[u8], eyes: &Eyes<'_>) -> Signature {
    let mut told = Signature::unchecked("damaged");
    let ended = match &found.covers {
        Ok(covered) => {
            told.revision = (revisions(bytes.get(..covered.end).unwrap_or_default()), revisions(bytes));
            judge(found, covered, eyes, &mut told)
        }
        Err("byte-range") => Err((State::Invalid, "byte-range")),
        Err(why) => Err((State::Unchecked, *why)),
    };
    match ended {
        Ok((state, why)) => (told.state, told.why) = (state, why.map(str::to_owned)),
        Err((state, why)) => (told.state, told.why) = (state, Some(why.to_owned())),
    }
    told.made_stamped &= !told.stamp_only || told.state == State::Trusted;
    told
}

/// Saved states of the file: each ends in a mark. One written for reading page by page has a mark more at its head.
fn revisions(bytes: &[u8]) -> u32 {
    let marks = memchr::memmem::find_iter(bytes, b"%%EOF").count();
    let head = bytes.get(..1024.min(bytes.len())).unwrap_or_default();
    let paged = usize::from(memchr::memmem::find(head, b"/Linearized").is_some());
    u32::try_from(marks.saturating_sub(paged).max(1)).unwrap_or(u32::MAX)
}

fn judge(
    found: &Found<'_>,
    covered: &Covered<'_>,
    eyes: &Eyes<'_>,
    told: &mut Signature,
) -> Result<(State, Option<&'static str>), End> {
    told.stamp_only = found.kind == "ETSI.RFC3161";
    let known = ["adbe.pkcs7.detached", "ETSI.CAdES.detached", "adbe.pkcs7.sha1", "ETSI.RFC3161"];
    if !known.contains(&found.kind.as_str()) {
        return Err((State::Unchecked, "kind"));
    }
    let signed = Signed::read(&covered.signature).ok_or((State::Unchecked, "damaged"))?;
    let message = covered.message();
    let certificates = parsed(&signed);
    let signer = signer(&signed, &certificates).ok_or((State::Unchecked, "no-certificate"))?;
    told.signer = Some(person(signer));

    // What the signature is over, and that this is the file.
    let content: &[u8] = match (found.kind.as_str(), &signed.content) {
        ("adbe.pkcs7.sha1", Some(inside)) => {
            if **inside != *Hash::Sha1.digest(&message).as_ref() {
                return Err((State::Altered, "digest"));
            }
            told.weak = true;
            inside
        }
        ("ETSI.RFC3161", Some(inside)) => {
            told.made = imprinted(inside, &signed, &message)?;
            told.made_stamped = true;
            inside
        }
        ("adbe.pkcs7.detached" | "ETSI.CAdES.detached", None) => &message,
        _ => return Err((State::Unchecked, "damaged")),
    };
    let (how, weak) = holds(&signed, signer, content)?;
    told.how = Some(how);
    told.weak |= weak;

    // When, and whether the certificate was valid then.
    told.stamp = stamp(&signed, eyes);
    let stamped =
        told.stamp.as_ref().filter(|stamp| stamp.state == State::Trusted).and_then(|stamp| stamp.at);
    if !told.stamp_only {
        let said = signed.signer.attribute(oid::SIGNING_TIME).and_then(time::asn1);
        let said = said.or_else(|| found.made.as_deref().and_then(time::pdf));
        told.made = stamped.or(said);
        told.made_stamped = stamped.is_some();
    }
    if told.made.is_some_and(|made| made > eyes.now.saturating_add(AHEAD).unwrap_or(Timestamp::MAX)) {
        return Err((State::Invalid, "ahead"));
    }
    let state = worth(signer, &certificates, told.made, eyes, told.stamp_only)?;
    let own = signer.subject().as_raw() == signer.issuer().as_raw();
    let why = match state {
        State::Trusted => None,
        _ if own => Some("own"),
        _ => Some("issuer"),
    };
    Ok((state, why))
}

/// Of a signature that holds: whether its certificate was valid and meant for this, and whether the agency trusts it.
fn worth(
    signer: &X509Certificate<'_>,
    certificates: &[X509Certificate<'_>],
    made: Option<Timestamp>,
    eyes: &Eyes<'_>,
    stamping: bool,
) -> Result<State, End> {
    let at = made.unwrap_or(eyes.now).as_second();
    if !chain::valid(signer, at) {
        return Err((State::Invalid, "expired"));
    }
    if !meant(signer, stamping) {
        return Err((State::Invalid, "usage"));
    }
    let trusted = chain::leads(signer, certificates, &eyes.anchors, at);
    Ok(if trusted { State::Trusted } else { State::Valid })
}

/// The signature over content or attributes, and what the attributes must say.
fn holds(signed: &Signed<'_>, by: &X509Certificate<'_>, content: &[u8]) -> Result<(String, bool), End> {
    let signer = &signed.signer;
    let hash = Hash::of(signer.digest).ok_or((State::Unchecked, "algorithm"))?;
    let checked = match signer.attributes() {
        None => check(by.public_key(), signer.algorithm, Some(hash), content, &signer.signature),
        Some(attributes) => {
            let digest = signer.attribute(oid::MESSAGE_DIGEST).filter(|value| value.tag == OCTETS);
            if digest.ok_or((State::Invalid, "attributes"))?.content != hash.digest(content).as_ref() {
                return Err((State::Altered, "digest"));
            }
            let kind = signer.attribute(oid::CONTENT_TYPE).map(|value| value.content);
            if kind != Some(signed.content_type) {
                return Err((State::Invalid, "attributes"));
            }
            if !names_certificate(signed, by).unwrap_or(false) {
                return Err((State::Invalid, "certificate"));
            }
            check(by.public_key(), signer.algorithm, Some(hash), &attributes, &signer.signature)
        }
    };
    match checked {
        Checked::Holds { how, weak } => Ok((how, weak || hash == Hash::Sha1)),
        Checked::Wrong => Err((State::Invalid, "signature")),
        Checked::Unknown => Err((State::Unchecked, "algorithm")),
    }
}

/// Whether the signed attributes, if they name a certificate by its digest, name this one. `None`: not to be read.
fn names_certificate(signed: &Signed<'_>, by: &X509Certificate<'_>) -> Option<bool> {
    for (kind, default) in [(oid::CERTIFICATE_V2, Hash::Sha256), (oid::CERTIFICATE, Hash::Sha1)] {
        let Some(value) = signed.signer.attribute(kind) else { continue };
        // The first of the list is the signer's own.
        let mut one = value.inside().take(SEQUENCE)?.inside().take(SEQUENCE)?.inside();
        let hash = match one.maybe(SEQUENCE) {
            Some(named) => Hash::of(super::cms::algorithm(named)?)?,
            None => default,
        };
        if one.take(OCTETS)?.content != hash.digest(by.as_raw()).as_ref() {
            return Some(false);
        }
    }
    Some(true)
}

/// The time a stamp gives, if it is a stamp of this message.
fn imprinted(info: &[u8], signed: &Signed<'_>, message: &[u8]) -> Result<Option<Timestamp>, End> {
    let damaged = (State::Unchecked, "damaged");
    let info =
        StampInfo::read(info).filter(|_| signed.content_type == oid::TIME_STAMP_INFO).ok_or(damaged)?;
    let hash = Hash::of(info.digest).ok_or((State::Unchecked, "algorithm"))?;
    if info.of != hash.digest(message).as_ref() {
        return Err((State::Altered, "digest"));
    }
    Ok(Some(time::asn1(info.at).ok_or(damaged)?))
}

/// The time stamp on a signature, judged like a signature.
fn stamp(signed: &Signed<'_>, eyes: &Eyes<'_>) -> Option<Stamp> {
    let token: Tlv<'_> = signed.signer.added(oid::TIME_STAMP)?;
    let mut told = Stamp { state: State::Unchecked, by: None, at: None };
    let judged = (|| {
        let damaged = (State::Unchecked, "damaged");
        let inner = Signed::read(token.raw).ok_or(damaged)?;
        let info = inner.content.as_deref().ok_or(damaged)?;
        told.at = imprinted(info, &inner, &signed.signer.signature)?;
        let certificates = parsed(&inner);
        let by = signer(&inner, &certificates).ok_or((State::Unchecked, "no-certificate"))?;
        told.by = names::called(by.subject());
        holds(&inner, by, info)?;
        worth(by, &certificates, told.at, eyes, true)
    })();
    told.state = judged.unwrap_or_else(|(state, _)| state);
    Some(told)
}

fn parsed<'a>(signed: &Signed<'a>) -> Vec<X509Certificate<'a>> {
    signed.certificates.iter().filter_map(|der| Some(X509Certificate::from_der(der).ok()?.1)).collect()
}

fn signer<'a, 'b>(
    signed: &Signed<'_>,
    certificates: &'a [X509Certificate<'b>],
) -> Option<&'a X509Certificate<'b>> {
    certificates.iter().find(|certificate| match &signed.signer.id {
        SignerId::Issuer { name, serial } => {
            certificate.issuer().as_raw() == *name && certificate.raw_serial() == *serial
        }
        SignerId::Key(id) => certificate.iter_extensions().any(|extension| {
            matches!(extension.parsed_extension(), ParsedExtension::SubjectKeyIdentifier(key) if *key.0 == **id)
        }),
    })
}

/// Whether the certificate says that its key is for signing papers, or stamping times; silence on papers is consent.
fn meant(certificate: &X509Certificate<'_>, stamping: bool) -> bool {
    let extended = certificate.iter_extensions().find_map(|extension| match extension.parsed_extension() {
        ParsedExtension::ExtendedKeyUsage(usage) => Some(usage),
        _ => None,
    });
    let papers = |usage: &ExtendedKeyUsage<'_>| {
        let documents = usage.other.iter().any(|oid| DOCUMENTS.contains(&oid.as_bytes()));
        usage.any || usage.email_protection || usage.client_auth || documents
    };
    let for_this = match extended {
        Some(usage) if stamping => usage.time_stamping,
        Some(usage) => papers(usage),
        None => !stamping,
    };
    for_this
        && chain::usage(certificate).is_none_or(|usage| usage.digital_signature() || usage.non_repudiation())
}

fn person(certificate: &X509Certificate<'_>) -> Person {
    let (subject, validity) = (certificate.subject(), certificate.validity());
    let time = |seconds| Timestamp::from_second(seconds).ok();
    Person {
        name: names::called(subject),
        organisation: names::organisation(subject),
        unit: names::unit(subject),
        issuer: names::called(certificate.issuer()),
        serial: certificate.raw_serial().iter().map(|byte| format!("{byte:02x}")).collect(),
        from: time(validity.not_before.timestamp()),
        until: time(validity.not_after.timestamp()),
    }
}
