//! Signs papers as signing software does: keys, certificates, signed data and the PDF around it, all made in the test.

use std::sync::OnceLock;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_RSA_SHA256, SigningKey,
    date_time_ymd,
};
use ring::digest;
use rsa::{Pkcs1v15Sign, Pss, RsaPrivateKey, pkcs8::EncodePrivateKey};
use x509_parser::{certificate::X509Certificate, prelude::FromDer};

/// What DER is made of.
pub fn der(tag: u8, content: impl AsRef<[u8]>) -> Vec<u8> {
    let content = content.as_ref();
    let mut out = vec![tag];
    match content.len() {
        length @ ..=0x7f => out.push(u8::try_from(length).unwrap()),
        length => {
            let bytes: Vec<u8> = length.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
            out.push(0x80 | u8::try_from(bytes.len()).unwrap());
            out.extend(bytes);
        }
    }
    out.extend(content);
    out
}

pub fn seq(parts: &[Vec<u8>]) -> Vec<u8> {
    der(0x30, parts.concat())
}

pub fn set(parts: &[Vec<u8>]) -> Vec<u8> {
    der(0x31, parts.concat())
}

/// Written with dots.
pub fn oid(dotted: &str) -> Vec<u8> {
    let numbers: Vec<u64> = dotted.split('.').map(|n| n.parse().unwrap()).collect();
    let mut out = vec![u8::try_from(numbers[0] * 40 + numbers[1]).unwrap()];
    for number in &numbers[2..] {
        let mut sevens = vec![u8::try_from(number & 0x7f).unwrap()];
        let mut rest = number >> 7;
        while rest > 0 {
            sevens.push(0x80 | u8::try_from(rest & 0x7f).unwrap());
            rest >>= 7;
        }
        out.extend(sevens.iter().rev());
    }
    der(6, out)
}

#[derive(Clone, Copy, PartialEq)]
pub enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    pub fn of(self, bytes: &[u8]) -> Vec<u8> {
        let ring = match self {
            Self::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        };
        digest::digest(ring, bytes).as_ref().to_vec()
    }

    pub fn algorithm(self) -> Vec<u8> {
        let name = match self {
            Self::Sha1 => "1.3.14.3.2.26",
            Self::Sha256 => "2.16.840.1.101.3.4.2.1",
            Self::Sha384 => "2.16.840.1.101.3.4.2.2",
            Self::Sha512 => "2.16.840.1.101.3.4.2.3",
        };
        seq(&[oid(name)])
    }

    /// What PKCS #1 puts before a digest.
    fn prefix(self) -> Vec<u8> {
        let inner = seq(&[[self.algorithm()[2..].to_vec(), der(5, [])].concat()]);
        let length = u8::try_from(self.of(b"").len()).unwrap();
        [&[0x30, u8::try_from(inner.len()).unwrap() + 2 + length], &inner[..], &[4, length]].concat()
    }
}

/// How a signature is computed.
#[derive(Clone, Copy, PartialEq)]
pub enum How {
    Rsa(Hash),
    Pss,
    P256,
    P384,
}

pub enum Key {
    Rsa(&'static RsaPrivateKey, KeyPair),
    Ec(KeyPair),
}

/// One key for all tests: making it takes a second.
fn rsa() -> &'static RsaPrivateKey {
    static KEY: OnceLock<RsaPrivateKey> = OnceLock::new();
    KEY.get_or_init(|| RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).unwrap())
}

impl Key {
    pub fn of(how: How) -> Self {
        match how {
            How::Rsa(_) | How::Pss => {
                let pkcs8 = rsa().to_pkcs8_der().unwrap();
                let pair = KeyPair::from_pkcs8_der_and_sign_algo(&pkcs8.as_bytes().into(), &PKCS_RSA_SHA256);
                Self::Rsa(rsa(), pair.unwrap())
            }
            How::P256 => Self::Ec(KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap()),
            How::P384 => Self::Ec(KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap()),
        }
    }

    fn pair(&self) -> &KeyPair {
        match self {
            Self::Rsa(_, pair) | Self::Ec(pair) => pair,
        }
    }

    fn sign(&self, how: How, message: &[u8]) -> Vec<u8> {
        match (self, how) {
            (Self::Rsa(key, _), How::Rsa(hash)) => {
                let padding =
                    Pkcs1v15Sign { hash_len: Some(hash.of(b"").len()), prefix: hash.prefix().into() };
                key.sign(padding, &hash.of(message)).unwrap()
            }
            (Self::Rsa(key, _), How::Pss) => {
                let padding = Pss::new::<sha2::Sha256>();
                key.sign_with_rng(&mut rsa::rand_core::OsRng, padding, &Hash::Sha256.of(message)).unwrap()
            }
            (Self::Ec(pair), _) => pair.sign(message).unwrap(),
            _ => panic!("not of this key"),
        }
    }
}

impl How {
    fn hash(self) -> Hash {
        match self {
            Self::Rsa(hash) => hash,
            Self::Pss | Self::P256 => Hash::Sha256,
            Self::P384 => Hash::Sha384,
        }
    }

    fn algorithm(self) -> Vec<u8> {
        match self {
            Self::Rsa(_) => seq(&[oid("1.2.840.113549.1.1.1"), der(5, [])]),
            Self::Pss => {
                let hash = Hash::Sha256.algorithm();
                let mask = seq(&[oid("1.2.840.113549.1.1.8"), hash.clone()]);
                let parameters = seq(&[der(0xa0, hash), der(0xa1, mask), der(0xa2, der(2, [32]))]);
                seq(&[oid("1.2.840.113549.1.1.10"), parameters])
            }
            Self::P256 => seq(&[oid("1.2.840.10045.4.3.2")]),
            Self::P384 => seq(&[oid("1.2.840.10045.4.3.3")]),
        }
    }
}

/// A key with its certificate.
pub struct Person {
    pub key: Key,
    pub how: How,
    pub cert: Vec<u8>,
    pub params: CertificateParams,
}

impl Person {
    /// A signer of papers, not yet certified.
    pub fn params(name: &str) -> CertificateParams {
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        params.distinguished_name.push(DnType::OrganizationName, "Công an tỉnh Sông Trà");
        params.not_before = date_time_ymd(2026, 1, 1);
        params.not_after = date_time_ymd(2028, 1, 1);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::ContentCommitment];
        params
    }

    /// An authority that may certify `below` authorities under it.
    pub fn authority(name: &str, below: u8) -> CertificateParams {
        let mut params = Self::params(name);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(below));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2040, 1, 1);
        params
    }

    /// One who stamps times.
    pub fn stamper(name: &str) -> CertificateParams {
        let mut params = Self::params(name);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::TimeStamping];
        params
    }

    pub fn own(params: CertificateParams, how: How) -> Self {
        let key = Key::of(how);
        let cert = params.self_signed(key.pair()).unwrap().der().to_vec();
        Self { key, how, cert, params }
    }

    pub fn under(params: CertificateParams, how: How, issuer: &Self) -> Self {
        let key = Key::of(how);
        let by = Issuer::from_params(&issuer.params, issuer.key.pair());
        let cert = params.signed_by(key.pair(), &by).unwrap().der().to_vec();
        Self { key, how, cert, params }
    }
}

/// How signed data is made, and what is wrong with it.
pub struct Make<'a> {
    pub by: &'a Person,
    /// Certificates beside the signer's.
    pub with: Vec<&'a Person>,
    /// `YYMMDDhhmmssZ`.
    pub time: &'a str,
    pub kind: &'a str,
    pub wrong: &'a str,
    pub stamp: Option<&'a Person>,
}

impl<'a> Make<'a> {
    pub fn by(by: &'a Person) -> Self {
        Self {
            by,
            with: Vec::new(),
            time: "270112013000Z",
            kind: "adbe.pkcs7.detached",
            wrong: "",
            stamp: None,
        }
    }

    fn attribute(name: &str, value: Vec<u8>) -> Vec<u8> {
        seq(&[oid(name), set(&[value])])
    }

    /// Signed data over a message that does not stand inside, or over `inside`.
    pub fn cms(&self, message: &[u8], inside: Option<(&str, Vec<u8>)>) -> Vec<u8> {
        let hash = self.by.how.hash();
        let (_, cert) = X509Certificate::from_der(&self.by.cert).unwrap();
        let kind = oid(inside.as_ref().map_or("1.2.840.113549.1.7.1", |(kind, _)| kind));
        let content = inside.as_ref().map_or(message, |(_, inside)| inside);
        let mut digest = hash.of(content);
        if self.wrong == "digest" {
            digest[0] ^= 1;
        }
        let mut named = Hash::Sha256.of(&self.by.cert);
        if self.wrong == "certificate" {
            named[0] ^= 1;
        }
        let mut attributes = vec![
            Self::attribute(
                "1.2.840.113549.1.9.3",
                if self.wrong == "type" { oid("1.2.3") } else { kind.clone() },
            ),
            Self::attribute("1.2.840.113549.1.9.4", der(4, &digest)),
            Self::attribute("1.2.840.113549.1.9.16.2.47", seq(&[seq(&[seq(&[der(4, named)])])])),
        ];
        if !self.time.is_empty() {
            attributes.push(Self::attribute("1.2.840.113549.1.9.5", der(0x17, self.time)));
        }
        if self.wrong == "twice" {
            attributes.push(Self::attribute("1.2.840.113549.1.9.4", der(4, &digest)));
        }
        let mut signature = self.by.key.sign(self.by.how, &set(&attributes));
        if self.wrong == "signature" {
            *signature.last_mut().unwrap() ^= 1;
        }
        let id = seq(&[cert.issuer().as_raw().to_vec(), der(2, cert.raw_serial())]);
        let mut signer = vec![
            der(2, [1]),
            id,
            hash.algorithm(),
            der(0xa0, attributes.concat()),
            self.by.how.algorithm(),
            der(4, &signature),
        ];
        if let Some(stamper) = self.stamp {
            let of = if self.wrong == "stamp" { b"another".to_vec() } else { signature };
            signer.push(der(0xa1, Self::attribute("1.2.840.113549.1.9.16.2.14", stamp(stamper, &of))));
        }
        let mut content = vec![kind];
        if let Some((_, inside)) = inside {
            content.push(der(0xa0, der(4, inside)));
        }
        let mut certificates: Vec<u8> =
            if self.wrong == "no-certificate" { Vec::new() } else { self.by.cert.clone() };
        certificates.extend(self.with.iter().flat_map(|person| person.cert.clone()));
        let signers =
            if self.wrong == "two" { set(&[seq(&signer), seq(&signer)]) } else { set(&[seq(&signer)]) };
        let data =
            seq(&[der(2, [1]), set(&[hash.algorithm()]), seq(&content), der(0xa0, certificates), signers]);
        seq(&[oid("1.2.840.113549.1.7.2"), der(0xa0, data)])
    }

    /// The signature for a paper of these bytes.
    pub fn over(&self, message: &[u8]) -> Vec<u8> {
        match self.kind {
            "adbe.pkcs7.sha1" => self.cms(message, Some(("1.2.840.113549.1.7.1", Hash::Sha1.of(message)))),
            "ETSI.RFC3161" => stamp(self.by, message),
            _ => self.cms(message, None),
        }
    }

    /// The paper with a signature added at its end, as a further revision.
    pub fn sign(&self, paper: &[u8]) -> Vec<u8> {
        append(paper, self.kind, |message| self.over(message))
    }
}

/// A time stamp over these bytes, of 12/01/2027 08:31:00 (+07).
pub fn stamp(by: &Person, of: &[u8]) -> Vec<u8> {
    let imprint = seq(&[Hash::Sha256.algorithm(), der(4, Hash::Sha256.of(of))]);
    let info = seq(&[der(2, [1]), oid("1.2.3.4"), imprint, der(2, [7]), der(0x18, "20270112013100Z")]);
    Make { time: "", ..Make::by(by) }.cms(b"", Some(("1.2.840.113549.1.9.16.1.4", info)))
}

/// Room for a signature, in digits.
const ROOM: usize = 24_000;

/// The paper with a further revision that carries what `sign` makes of its bytes.
pub fn append(paper: &[u8], kind: &str, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let head = format!(
        "\n90 0 obj\n<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/{kind}/M(D:20270112083000+07'00')/Contents <{}>",
        "0".repeat(ROOM)
    );
    let mut out = [paper, head.as_bytes()].concat();
    let to = out.len();
    let from = to - ROOM - 2;
    let rest = format!(
        "/ByteRange [0 {from} {to} {:06}]>>\nendobj\nxref\n0 0\ntrailer\n<</Size 91/Root 1 0 R>>\nstartxref\n0\n%%EOF\n",
        0
    );
    let length = format!(" {to} {:06}]", rest.len());
    out.extend(rest.replace(&format!(" {to} 000000]"), &length).into_bytes());
    let signature = sign(&[&out[..from], &out[to..]].concat());
    let digits: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(digits.len() <= ROOM, "{}", digits.len());
    out[from + 1..=from + digits.len()].copy_from_slice(digits.as_bytes());
    out
}
