//! From a signer's certificate up to one the agency trusts.

use x509_parser::{
    certificate::X509Certificate,
    extensions::{KeyUsage, ParsedExtension},
};

use super::cms::Algorithm;
use super::crypto::{Checked, check};

/// Certificates above each other; real ones have two to four.
const DEPTH: usize = 8;
/// Signatures of certificates checked for one signer, whatever a hostile bundle suggests.
const CHECKS: usize = 100;

/// Whether a chain leads from `leaf` through `between` to one of `anchors`, every certificate valid at `at` (seconds
/// since 1970) and allowed to issue the one below. A certificate that is itself among the anchors is trusted.
pub(super) fn leads(
    leaf: &X509Certificate<'_>,
    between: &[X509Certificate<'_>],
    anchors: &[X509Certificate<'_>],
    at: i64,
) -> bool {
    let mut left = CHECKS;
    up(leaf, between, anchors, at, 0, &mut left)
}

fn up(
    of: &X509Certificate<'_>,
    between: &[X509Certificate<'_>],
    anchors: &[X509Certificate<'_>],
    at: i64,
    below: usize,
    left: &mut usize,
) -> bool {
    if !valid(of, at) || !understood(of) || below > DEPTH {
        return false;
    }
    if anchors.iter().any(|anchor| anchor.as_raw() == of.as_raw()) {
        return true;
    }
    let mut issued = |by: &X509Certificate<'_>| {
        if by.subject().as_raw() != of.issuer().as_raw() || *left == 0 {
            return false;
        }
        *left -= 1;
        valid(by, at) && understood(by) && may_issue(by, below) && signed(of, by)
    };
    if anchors.iter().any(&mut issued) {
        return true;
    }
    let issuers: Vec<_> = between.iter().filter(|by| by.as_raw() != of.as_raw() && issued(by)).collect();
    issuers.into_iter().any(|by| up(by, between, anchors, at, below + 1, left))
}

/// Whether the certificate was valid then.
pub(super) fn valid(certificate: &X509Certificate<'_>, at: i64) -> bool {
    let validity = certificate.validity();
    (validity.not_before.timestamp()..=validity.not_after.timestamp()).contains(&at)
}

/// What the certificate's key may be used for, if it says.
pub(super) fn usage<'a>(certificate: &'a X509Certificate<'_>) -> Option<&'a KeyUsage> {
    certificate.iter_extensions().find_map(|extension| match extension.parsed_extension() {
        ParsedExtension::KeyUsage(usage) => Some(usage),
        _ => None,
    })
}

/// A condition that must be heeded and is not known here makes the certificate useless; limits of names are among those.
fn understood(certificate: &X509Certificate<'_>) -> bool {
    certificate.iter_extensions().filter(|extension| extension.critical).all(|extension| {
        matches!(
            extension.parsed_extension(),
            ParsedExtension::BasicConstraints(_)
                | ParsedExtension::KeyUsage(_)
                | ParsedExtension::ExtendedKeyUsage(_)
                | ParsedExtension::CertificatePolicies(_)
                | ParsedExtension::SubjectAlternativeName(_)
        )
    })
}

fn may_issue(certificate: &X509Certificate<'_>, below: usize) -> bool {
    let authority = certificate.iter_extensions().find_map(|extension| match extension.parsed_extension() {
        ParsedExtension::BasicConstraints(constraints) => Some(constraints),
        _ => None,
    });
    let depth = |limit: Option<u32>| limit.is_none_or(|limit| below <= limit as usize);
    authority.is_some_and(|a| a.ca && depth(a.path_len_constraint))
        && usage(certificate).is_none_or(KeyUsage::key_cert_sign)
}

fn signed(of: &X509Certificate<'_>, by: &X509Certificate<'_>) -> bool {
    if of.signature_algorithm != of.tbs_certificate.signature {
        return false;
    }
    let algorithm = &of.signature_algorithm;
    let algorithm = Algorithm {
        oid: algorithm.algorithm.as_bytes(),
        parameters: algorithm.parameters.as_ref().map(|any| any.data).unwrap_or_default(),
    };
    let signature = &*of.signature_value.data;
    // A certificate under a weak signature may be a forger's; its issuer may be put among the anchors instead.
    let checked = check(by.public_key(), algorithm, None, of.tbs_certificate.as_ref(), signature);
    matches!(checked, Checked::Holds { weak: false, .. })
}
