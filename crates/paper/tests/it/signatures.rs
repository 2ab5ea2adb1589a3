//! Digital signatures: what holds, what does not, and that nothing holds by mistake.

use crate::{
    make,
    sign::{Hash, How, Make, Person, append, der},
    worker,
};
use jiff::Timestamp;
use paper::{
    FileKind,
    signature::{Roots, Signature, State, check, read},
};

/// When the papers are looked at.
fn now() -> Timestamp {
    "2027-02-01T00:00:00Z".parse().unwrap()
}

fn paper() -> Vec<u8> {
    make::pages(&[make::says("So 112")], "")
}

fn nobody() -> Roots {
    Roots::default()
}

fn all(bytes: &[u8], roots: &Roots) -> Vec<Signature> {
    read(bytes, roots, now()).unwrap().list
}

fn one(bytes: &[u8], roots: &Roots) -> Signature {
    let mut list = all(bytes, roots);
    assert_eq!(list.len(), 1);
    list.remove(0)
}

fn state(bytes: &[u8], roots: &Roots) -> (State, Option<String>) {
    let one = one(bytes, roots);
    (one.state, one.why)
}

fn why(code: &str) -> Option<String> {
    Some(code.to_owned())
}

/// An authority, and a signer under it.
fn signer(how: How) -> (Person, Person) {
    let root = Person::own(Person::authority("CA gốc", 1), How::P384);
    let signer = Person::under(Person::params("Trần Văn Bình"), how, &root);
    (root, signer)
}

fn trusting(root: &Person) -> Roots {
    Roots::of(vec![root.cert.clone()])
}

#[tokio::test]
async fn a_good_signature_holds_and_is_trusted_only_under_a_trusted_root() {
    let (root, signer) = signer(How::Rsa(Hash::Sha256));
    let signed = Make::by(&signer).sign(&paper());
    assert_eq!(state(&signed, &nobody()), (State::Valid, why("issuer")));
    let (other, _) = self::signer(How::P256);
    assert_eq!(state(&signed, &trusting(&other)).0, State::Valid);
    // Whoever made their own certificate is told from one of an authority that is not known.
    let alone = Person::own(Person::params("Trần Văn Bình"), How::P256);
    assert_eq!(state(&Make::by(&alone).sign(&paper()), &trusting(&root)), (State::Valid, why("own")));
    // In the child, where it is done in earnest.
    let found = check(&worker(), &trusting(&root), now(), FileKind::Pdf, &signed).await.unwrap();
    assert_eq!((found.checked, found.more, found.list.len()), (now(), false, 1));
    let one = &found.list[0];
    assert_eq!((one.state, one.why.as_deref(), one.revision), (State::Trusted, None, (2, 2)));
    let person = one.signer.as_ref().unwrap();
    assert_eq!(person.name.as_deref(), Some("Trần Văn Bình"));
    assert_eq!(person.organisation.as_deref(), Some("Công an tỉnh Sông Trà"));
    assert_eq!(person.issuer.as_deref(), Some("CA gốc"));
    assert_eq!(one.made.unwrap().to_string(), "2027-01-12T01:30:00Z");
    assert!(!one.made_stamped && one.stamp.is_none() && !one.weak);
    assert_eq!(one.how.as_deref(), Some("RSA 2048, SHA-256"));
}

#[test]
fn every_usual_kind_of_key_and_digest_is_checked_and_old_ones_are_flagged() {
    for (how, named, weak) in [
        (How::Rsa(Hash::Sha384), "RSA 2048, SHA-384", false),
        (How::Rsa(Hash::Sha512), "RSA 2048, SHA-512", false),
        (How::Rsa(Hash::Sha1), "RSA 2048, SHA-1", true),
        (How::Pss, "RSA 2048, SHA-256", false),
        (How::P256, "ECDSA P-256, SHA-256", false),
        (How::P384, "ECDSA P-384, SHA-384", false),
    ] {
        let (root, signer) = signer(how);
        for kind in ["adbe.pkcs7.detached", "ETSI.CAdES.detached", "adbe.pkcs7.sha1"] {
            let good = one(&Make { kind, ..Make::by(&signer) }.sign(&paper()), &trusting(&root));
            assert_eq!((good.state, good.how.as_deref()), (State::Trusted, Some(named)), "{kind}");
            assert_eq!(good.weak, weak || kind == "adbe.pkcs7.sha1", "{named} {kind}");
            let bad = Make { kind, wrong: "signature", ..Make::by(&signer) }.sign(&paper());
            assert_eq!(state(&bad, &trusting(&root)), (State::Invalid, why("signature")), "{named} {kind}");
        }
    }
}

/// The one that matters most: no byte outside the signature itself can change unnoticed.
#[test]
fn one_byte_altered_anywhere_is_noticed() {
    let (root, signer) = signer(How::P256);
    let signed = Make::by(&signer).sign(&paper());
    let at = |word: &[u8]| memchr::memmem::find(&signed, word).unwrap();
    let (hole, after) = (at(b"/Contents <") + 11, at(b"/ByteRange"));
    for place in (0..hole).chain(after..signed.len()) {
        let mut altered = signed.clone();
        altered[place] ^= 1;
        if let Some(found) = read(&altered, &trusting(&root), now()) {
            for one in found.list {
                assert!(!matches!(one.state, State::Trusted | State::Valid), "byte {place}: {one:?}");
            }
        }
    }
    let mut altered = signed.clone();
    altered[at(b"So 112")] = b's';
    assert_eq!(state(&altered, &trusting(&root)), (State::Altered, why("digest")));
    let mut altered = signed.clone();
    let end = altered.len() - 8;
    altered[end] = b'1';
    assert_eq!(state(&altered, &trusting(&root)), (State::Altered, why("digest")));
}

#[test]
fn what_is_added_after_signing_is_said() {
    let (root, signer) = signer(How::P256);
    let roots = trusting(&root);
    let signed = Make::by(&signer).sign(&paper());
    let more =
        [&signed[..], b"\n5 0 obj\n<<>>\nendobj\nxref\n0 0\ntrailer\n<</Root 1 0 R>>\nstartxref\n0\n%%EOF\n"]
            .concat();
    let found = one(&more, &roots);
    assert_eq!((found.state, found.why, found.revision), (State::Altered, why("later"), (2, 3)));
    // White space at the end is nothing.
    assert_eq!(state(&[&signed[..], b"\r\n\0"].concat(), &roots).0, State::Trusted);
    // Somebody as trusted signs what was added: both hold.
    let clerk = Person::under(Person::params("Văn thư"), How::P256, &root);
    let twice = Make::by(&clerk).sign(&more);
    let states: Vec<_> = all(&twice, &roots).into_iter().map(|one| (one.state, one.revision)).collect();
    assert_eq!(states, [(State::Trusted, (2, 4)), (State::Trusted, (4, 4))]);
    // Somebody unknown does: what they made of it is not what the first one signed.
    let stranger = Person::own(Person::params("Văn thư"), How::P256);
    let twice = Make::by(&stranger).sign(&more);
    let states: Vec<_> = all(&twice, &roots).into_iter().map(|one| one.state).collect();
    assert_eq!(states, [State::Altered, State::Valid]);
    // A mere stamp of the time approves of nothing.
    let stamper = Person::under(Person::stamper("TSA"), How::P256, &root);
    let stamped = Make { kind: "ETSI.RFC3161", ..Make::by(&stamper) }.sign(&more);
    let states: Vec<_> = all(&stamped, &roots).into_iter().map(|one| (one.state, one.stamp_only)).collect();
    assert_eq!(states, [(State::Altered, false), (State::Trusted, true)]);
}

#[test]
fn signed_data_that_contradicts_itself_does_not_hold() {
    let (root, signer) = signer(How::P256);
    for (wrong, state_, code) in [
        ("digest", State::Altered, "digest"),
        ("signature", State::Invalid, "signature"),
        ("type", State::Invalid, "attributes"),
        ("twice", State::Invalid, "attributes"),
        ("certificate", State::Invalid, "certificate"),
        ("no-certificate", State::Unchecked, "no-certificate"),
        ("two", State::Unchecked, "damaged"),
    ] {
        let signed = Make { wrong, ..Make::by(&signer) }.sign(&paper());
        assert_eq!(state(&signed, &trusting(&root)), (state_, why(code)), "{wrong}");
    }
    let other = Make { kind: "adbe.x509.rsa_sha1", ..Make::by(&signer) }.sign(&paper());
    assert_eq!(state(&other, &trusting(&root)), (State::Unchecked, why("kind")));
}

#[test]
fn the_certificate_must_have_been_valid_when_the_paper_was_signed() {
    let (root, signer) = signer(How::P256);
    let at = |time| state(&Make { time, ..Make::by(&signer) }.sign(&paper()), &trusting(&root));
    assert_eq!(at("251231235959Z"), (State::Invalid, why("expired")));
    assert_eq!(at("260101000000Z"), (State::Trusted, None));
    assert_eq!(at("270302000000Z"), (State::Invalid, why("ahead")));
    // Looked at after it ended: it still holds, for it was valid then.
    let signed = Make::by(&signer).sign(&paper());
    let later = read(&signed, &trusting(&root), "2029-01-01T00:00:00Z".parse().unwrap()).unwrap();
    assert_eq!(later.list[0].state, State::Trusted);
    // Without a time of its own the one beside it counts.
    assert_eq!(at(""), (State::Trusted, None));
}

#[test]
fn a_chain_is_followed_only_through_those_who_may_issue() {
    let root = Person::own(Person::authority("CA gốc", 1), How::P384);
    let middle = Person::under(Person::authority("CA cấp dưới", 0), How::P256, &root);
    let signer = Person::under(Person::params("Bình"), How::P256, &middle);
    let by = |with: Vec<&Person>, signer: &Person, roots: &Roots| {
        state(&Make { with, ..Make::by(signer) }.sign(&paper()), roots).0
    };
    let roots = trusting(&root);
    assert_eq!(by(vec![&middle], &signer, &roots), State::Trusted);
    assert_eq!(by(vec![], &signer, &roots), State::Valid, "the one between is missing");
    assert_eq!(by(vec![], &signer, &trusting(&middle)), State::Trusted, "it may be trusted itself");
    // An authority that may have none under it, and a mere signer that issues.
    let third = Person::under(Person::authority("CA cấp ba", 0), How::P256, &middle);
    let below = Person::under(Person::params("Bình"), How::P256, &third);
    assert_eq!(by(vec![&third, &middle], &below, &roots), State::Valid);
    let forged = Person::under(Person::params("Giám đốc"), How::P256, &signer);
    assert_eq!(by(vec![&signer, &middle], &forged, &roots), State::Valid);
    // The same name as a trusted root is not the root.
    let twin = Person::own(Person::authority("CA gốc", 1), How::P384);
    let of_twin = Person::under(Person::params("Bình"), How::P256, &twin);
    assert_eq!(by(vec![&twin], &of_twin, &roots), State::Valid);
    // A condition nobody here understands; an authority whose time is over.
    let mut limited = Person::authority("CA hẹp", 0);
    let mut condition = rcgen::CustomExtension::from_oid_content(&[1, 2, 3, 4], der(5, []));
    condition.set_criticality(true);
    limited.custom_extensions = vec![condition];
    let limited = Person::under(limited, How::P256, &root);
    let of_limited = Person::under(Person::params("Bình"), How::P256, &limited);
    assert_eq!(by(vec![&limited], &of_limited, &roots), State::Valid);
    let mut old = Person::authority("CA cũ", 0);
    old.not_after = rcgen::date_time_ymd(2026, 6, 1);
    let old = Person::under(old, How::P256, &root);
    let of_old = Person::under(Person::params("Bình"), How::P256, &old);
    assert_eq!(by(vec![&old], &of_old, &roots), State::Valid);
    // A server's certificate does not sign papers.
    let mut server = Person::params("www");
    server.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    let server = Person::under(server, How::P256, &root);
    assert_eq!(by(vec![], &server, &roots), State::Invalid);
}

#[test]
fn a_time_stamp_counts_only_if_it_is_trusted_and_of_this_signature() {
    let (root, signer) = signer(How::P256);
    let stamper = Person::under(Person::stamper("TSA"), How::Rsa(Hash::Sha256), &root);
    let make = |wrong| Make { stamp: Some(&stamper), wrong, ..Make::by(&signer) };
    let good = one(&make("").sign(&paper()), &trusting(&root));
    let stamp = good.stamp.unwrap();
    assert_eq!((good.state, stamp.state, stamp.by.as_deref()), (State::Trusted, State::Trusted, Some("TSA")));
    assert_eq!((good.made.unwrap().to_string().as_str(), good.made_stamped), ("2027-01-12T01:31:00Z", true));
    let unknown = one(&make("").sign(&paper()), &nobody());
    assert_eq!((unknown.stamp.unwrap().state, unknown.made_stamped), (State::Valid, false));
    assert_eq!(unknown.made.unwrap().to_string(), "2027-01-12T01:30:00Z");
    let of_another = one(&make("stamp").sign(&paper()), &trusting(&root));
    assert_eq!((of_another.stamp.unwrap().state, of_another.made_stamped), (State::Altered, false));
    // Who may not stamp does not.
    let make = Make { stamp: Some(&signer), ..Make::by(&signer) };
    assert_eq!(one(&make.sign(&paper()), &trusting(&root)).stamp.unwrap().state, State::Invalid);
}

#[tokio::test]
async fn garbage_and_giants_are_said_to_be_unchecked() {
    let sign = |bytes: Vec<u8>| append(&paper(), "adbe.pkcs7.detached", |_| bytes);
    for garbage in
        [vec![], vec![0xff; 9000], [0x30, 0x80].repeat(5000), vec![0x30, 0x84, 0xff, 0xff, 0xff, 0xff]]
    {
        assert_eq!(state(&sign(garbage), &nobody()), (State::Unchecked, why("damaged")));
    }
    let (head, digits) = ("7 0 obj <</SubFilter/x/Contents ", 16 << 20);
    let (from, to) = (head.len(), head.len() + digits + 2);
    let huge = format!("{head}<{}>/ByteRange[0 {from} {to} 9]>>endobj", "0".repeat(digits));
    assert_eq!(state(huge.as_bytes(), &nobody()), (State::Unchecked, why("too-large")));
    let many =
        [&paper()[..], &b"\n7 0 obj <</ByteRange [0 1 2 3]/Contents <00>>> endobj".repeat(2000)].concat();
    let found = check(&worker(), &nobody(), now(), FileKind::Pdf, &many).await.unwrap();
    assert!(found.more && found.list.iter().all(|one| one.state == State::Invalid));
    let word = check(&worker(), &nobody(), now(), FileKind::Docx, b"").await.unwrap();
    assert_eq!(word.list[0].why.as_deref(), Some("word"));
    assert_eq!(check(&worker(), &nobody(), now(), FileKind::Pdf, &paper()).await, None);
}

#[test]
fn trusted_certificates_are_read_from_a_folder() {
    let (root, signer) = signer(How::P256);
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("goc.der"), &root.cert).unwrap();
    std::fs::write(
        dir.path().join("hong.pem"),
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    )
    .unwrap();
    std::fs::write(dir.path().join("readme.txt"), "x").unwrap();
    let (roots, without) = Roots::load(dir.path()).unwrap();
    assert_eq!(roots, trusting(&root));
    assert_eq!(roots.list().map(|root| root.name).collect::<Vec<_>>(), ["CA gốc"]);
    assert!(without.len() == 1 && without[0].ends_with("hong.pem"));
    assert_eq!(state(&Make::by(&signer).sign(&paper()), &roots).0, State::Trusted);
    assert!(Roots::load(&dir.path().join("none")).is_err());
}
