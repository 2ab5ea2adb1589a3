//! Keys and signatures made for these tests by GnuPG 2.2.40.

use super::*;

const DOCUMENT: &[u8] = "{\"document\":\"thử\"}\n".as_bytes();
const ED_KEY: &str = "-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEawMUTxYJKwYBBAHaRw8BAQdAPFx2isDfMLj6rGZwuqZ/Mn1YcbzaFjBzWbQU
P+dCZsK0J0LDqm4gcGjDoXQgaMOgbmggPHBoYXQtaGFuaEBleGFtcGxlLnZuPoiQ
BBMWCAA4FiEEvT7WH462kadaF2Qk7sYzcdNcDKkFAmsDFE8CGwMFCwkIBwIGFQoJ
CAsCBBYCAwECHgECF4AACgkQ7sYzcdNcDKnd+QD/TtZlFqgzEYSmNhB452lpX6Wp
A1nq5pTqIlaxb1Bns0EA+QHQOeCE7XwWl/UQpAj19dsFRTDBwKHkGA5eOdQADpYA
=D8Je
-----END PGP PUBLIC KEY BLOCK-----\n";
const ED_REVOKED: &str = "-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEawMUTxYJKwYBBAHaRw8BAQdAPFx2isDfMLj6rGZwuqZ/Mn1YcbzaFjBzWbQU
P+dCZsKIeAQgFggAIBYhBL0+1h+OtpGnWhdkJO7GM3HTXAypBQJrAxRPAh0AAAoJ
EO7GM3HTXAypwBQBAP53NOA/wTn0OQCJmJ72br6Hvyj9uRETKn7yHseCEoR4AQDf
m/u918RCmHEd6QsLQxTj+/vwkKcMedrIhUR6E+qgCLQnQsOqbiBwaMOhdCBow6Bu
aCA8cGhhdC1oYW5oQGV4YW1wbGUudm4+iJAEExYIADgWIQS9PtYfjraRp1oXZCTu
xjNx01wMqQUCawMUTwIbAwULCQgHAgYVCgkICwIEFgIDAQIeAQIXgAAKCRDuxjNx
01wMqd35AP9O1mUWqDMRhKY2EHjnaWlfpakDWermlOoiVrFvUGezQQD5AdA54ITt
fBaX9RCkCPX12wVFMMHAoeQYDl451AAOlgA=
=EM6s
-----END PGP PUBLIC KEY BLOCK-----\n";
const ED_SIGNATURE: &str = "-----BEGIN PGP SIGNATURE-----

iIsEABYIADMWIQS9PtYfjraRp1oXZCTuxjNx01wMqQUCawMUTxUccGhhdC1oYW5o
QGV4YW1wbGUudm4ACgkQ7sYzcdNcDKlDrgD+ONkOv9UFf2gLNxWRyFQUuuNUmSzP
LZGYTVvNI/0tv2YA/j2wj0RQKNzY7g5rbAi8QhpWqlhPOgvxl7YnlFnzfBMG
=oHFw
-----END PGP SIGNATURE-----\n";
const ED_SHORT: &str = "-----BEGIN PGP SIGNATURE-----

iJEEABYIADkWIQS9PtYfjraRp1oXZCTuxjNx01wMqQUCawMUfQWDAAFRgBUccGhh
dC1oYW5oQGV4YW1wbGUudm4ACgkQ7sYzcdNcDKk2mQEA1sVMmbzGEds3uquLremc
zRic7+gHqHiYTE2+eATgghMA+wQVbQQzRiqd+wqVZphH7kYOnkXkNEFTc5pUlnFO
19MG
=pfNw
-----END PGP SIGNATURE-----\n";
const RSA_KEY: &str = "-----BEGIN PGP PUBLIC KEY BLOCK-----

mQENBGsDFE8BCAC058pzuC25aKz/msUWIu+pRvjyPB60tuNfm6JJ0LCsoP2J5FdQ
oRrLZDPIxRkZMjPuQxFxek7fjth/y9wfWseVg+3EWnIkHQmHY8Gmoayr+Qy+EQNB
O4a+mYAnue6oGCE1jwbs4P2xuw6wMVRVWwqomnm153KTlRzWBpyP0HOZDn1+7str
9WZ6odxTRthZ1lZpgqxn6tejEJsqV/Bt4L6j4CYTWsgNYZMfT2vySFyguhkGf+gU
9UNK/a9gv3Y4Pu+b+EQ0JQX39l7i12lnhTsccJYIy5XB0kqGUIFX4m0TuYtmIQLQ
pNTt0Up0XNp4gnASFsVFL2+qi7wzhom9NeoTABEBAAG0FFJTQSA8cnNhQGV4YW1w
bGUudm4+iQFOBBMBCgA4FiEEbgdFlztJnBP/YXv5JaEDxHO26+MFAmsDFE8CGwEF
CwkIBwIGFQoJCAsCBBYCAwECHgECF4AACgkQJaEDxHO26+OrqQf/bpmRqIxfypro
28BUBkQOCazEt7OJCqBfZD/We75hElLeYchwNH5Z4n1bKovPc5QzXVl6qCuDWl/s
C0B4qXpuyaSTMtd0YHoebP35QMFGRELGlsPjMmcDOVwxp1f+T5sdd6a8YZdU0Vkm
onCdnA56bbwnU62l4boogoQCOFUDGmDl/V8Lj73peaHawZ/Hn6xydbv6BaNrTTkq
vvorAWr5jmX542JupadEq1blOX8I6t+/TdT/yWW6qS8QGlR6gryUKpKzn4EUWup0
uGMMTftPb3pBIQ0lZ+n8+bdFy3cz6IX5wYljXr4w1XXHyEpDSOyTqGZx63wvrBNK
vnMtH0FHlLkBDQRrAxRPAQgA0z8AkVbFnLNRxn2bVo0hib4YwdDPnj7He8eNfhoA
2jJELw3BDTDUAomk/hBmup7Lj/BTd6yjzrL8UoHSrsQ6tZZ7gWoBfUcraqXyrdC2
X9jpUXnQfpMZTzVnAPXkWzN/0gcUguGEEsm8lFWQfsc4wAodoatIM6iD9fQFPLxI
lnn199d39lyvp+3dWp5kxdhg8QMiyvU6S+U03X/avn98NM3jL5n/c2R+e5Y0OJop
o8zh3E6PIJL5507j5kk0l/PfwEGKMqcL5C0pCCR8AQBxml2qO62WV/LdHAU97Sg0
ykbUxDgda3o47FM7nkZwe8swTFLeUzctwwP7o/QnJtdiXwARAQABiQJsBBgBCgAg
FiEEbgdFlztJnBP/YXv5JaEDxHO26+MFAmsDFE8CGwIBQAkQJaEDxHO26+PAdCAE
GQEKAB0WIQRBMXClyj8SJfDKQIQgxwOkMOcMKAUCawMUTwAKCRAgxwOkMOcMKASH
CACODPm/dTILGUJMlopM+YUJHzk6pRTLi9neAhZ1yrGPoITc9C1vbDPIGUo6dP9Y
/OgP3M2Ur1va3r+WzAvQQuVFn+8IYfJ9q4Hqftj9DHuSm/+t7R2cTJ/qbrjzBpZR
9YJpC+bO25tjRKigeWBSR3D9fYVS0A5+VEGaO4wrST1Ly05SpqBIetN7oN916DWR
nYZ5Ujlf3+IimZMlMKREauOFk6duo3w/6qYyqU1ShRxKrQiYkLXRZ39SZgYqoA6u
pVrfF2V4kQxeiW8EmvZPe907uUuVpP4gkt+j5mucL5eIxwv3BSFyHqrQHaZMB3DY
25H/j7RHgcH8Uz4+h2iU+aexZcIIAI7KdVk3mw+9wf1+L0duQxBig1enDYYYtFhl
tRqz2Az82FCUEAceZ/23B8UPOVC//1fvC48GtwDWvpGOfL0mKVAnAOxBpA78va1T
doUYEWddomAoNGyL8Ubohb7f3j3RIKFS9fghABhRQ0DUxtb+ClLnqYF4K6jhWGeE
Znz0pdje6NWhItT+mq/rFx7CdTBAPevcsNLoIoTXPvekuutJ8sxek8NLE90fRyE1
1JLwsDDZaCAsyJoWIsqIQ3G/GA/Xlku6lhSSZIgBwigFlrlA3kdi4+O6dHifrPfE
G+d0va+XKBuAgS/qYaAouU68pJ8k+1BKHbHUTWIH5WPNSlI5GXc=
=+gwI
-----END PGP PUBLIC KEY BLOCK-----\n";
const RSA_SIGNATURE: &str = "-----BEGIN PGP SIGNATURE-----

iQFDBAABCgAtFiEEQTFwpco/EiXwykCEIMcDpDDnDCgFAmsDFE8PHHJzYUBleGFt
cGxlLnZuAAoJECDHA6Qw5wwoWX8IAJ92XM7+bFAu6nhaUO7jtd2EvnVH1E0BIDYz
yVb5Ult8UJk/W09hjRbTdo1avm+15q4yNEFBWlP6KJCSEICIMQjDCWhNcn0LZyVR
0AfH3pG9oDPCMiifIlOjqQ4q3nH7i14ypRGOX3xRhtEiW4xM8XpfeKIC8/Yk8D/T
7+OcivR67uvj8Oby79lcRoXyk8IhwutpLcT6FtdZ73DocjUN40RvYLN5kPNh1Jyn
7B+7NGcpJYyfPrwXoZHEb5dZ7J0NW4wCBAkkSsWgaFf9ET8W77TvFeWmhM/lB0xR
6dMDXoU00kscCeWdO63qoLeNC5I1l9XF3Um4wqO1VOhkVqfQLTE=
=BQpy
-----END PGP SIGNATURE-----\n";

fn now() -> Timestamp {
    "2026-11-22T20:00:00Z".parse().unwrap()
}

#[test]
fn good_is_what_a_given_key_signed() {
    let (ed, rsa) = (Keys::parse(ED_KEY.as_bytes()).unwrap(), Keys::parse(RSA_KEY.as_bytes()).unwrap());
    assert_eq!(ed.fingerprints(), ["BD3ED61F8EB691A75A176424EEC63371D35C0CA9"]);
    assert_eq!(rsa.fingerprints().len(), 1, "the first key only vouches, its subordinate signs");
    assert!(ed.signed(DOCUMENT, ED_SIGNATURE.as_bytes(), now()));
    assert!(rsa.signed(DOCUMENT, RSA_SIGNATURE.as_bytes(), now()));
    assert!(!ed.signed(DOCUMENT, RSA_SIGNATURE.as_bytes(), now()), "another's");
    assert!(!rsa.signed(DOCUMENT, ED_SIGNATURE.as_bytes(), now()), "another's");
    assert!(!ed.signed(b"{}\n", ED_SIGNATURE.as_bytes(), now()), "of another document");
    let before = "2026-11-20T20:00:00Z".parse().unwrap();
    assert!(!ed.signed(DOCUMENT, ED_SIGNATURE.as_bytes(), before), "of days to come");
    let both = Keys::parse(format!("{ED_KEY}{RSA_KEY}").as_bytes()).unwrap();
    assert!(both.signed(DOCUMENT, ED_SIGNATURE.as_bytes(), now()));
    assert!(both.signed(DOCUMENT, RSA_SIGNATURE.as_bytes(), now()));
}

/// Gives a byte at a time, with an interruption before each.
struct Slow<'a>(&'a [u8], bool);

impl std::io::Read for Slow<'_> {
    fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
        self.1 = !self.1;
        if self.1 {
            return Err(std::io::ErrorKind::Interrupted.into());
        }
        let (first, rest) = self.0.split_at(self.0.len().min(1));
        self.0 = rest;
        to[..first.len()].copy_from_slice(first);
        Ok(first.len())
    }
}

#[test]
fn a_document_may_come_piece_by_piece() {
    for (key, signature) in [(ED_KEY, ED_SIGNATURE), (RSA_KEY, RSA_SIGNATURE)] {
        let keys = Keys::parse(key.as_bytes()).unwrap();
        let signed = |document: &[u8]| {
            keys.signed_as_read(Slow(document, false), signature.as_bytes(), now()).unwrap()
        };
        assert!(signed(DOCUMENT));
        assert!(!signed(&DOCUMENT[1..]));
        struct Broken;
        impl std::io::Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
                Err(std::io::ErrorKind::InvalidData.into())
            }
        }
        assert!(keys.signed_as_read(Broken, signature.as_bytes(), now()).is_err());
    }
}

#[test]
fn what_ran_out_or_was_taken_back_is_not_believed() {
    let ed = Keys::parse(ED_KEY.as_bytes()).unwrap();
    assert!(ed.signed(DOCUMENT, ED_SHORT.as_bytes(), now()));
    let later = "2026-11-24T20:00:00Z".parse().unwrap();
    assert!(!ed.signed(DOCUMENT, ED_SHORT.as_bytes(), later));
    assert!(Keys::parse(ED_REVOKED.as_bytes()).is_none());
    for empty in
        ["", "xin chào", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n-----END PGP PUBLIC KEY BLOCK-----\n"]
    {
        assert!(Keys::parse(empty.as_bytes()).is_none());
        assert!(!ed.signed(DOCUMENT, empty.as_bytes(), now()));
    }
    assert!(Keys::parse(ED_SIGNATURE.as_bytes()).is_none(), "a signature is no key");
}

/// A key that nobody vouches for signs nothing: the subordinate without what binds it, the first without its own words.
#[test]
fn what_binds_a_key_must_be_there() {
    let all = packets(RSA_KEY.as_bytes()).unwrap();
    assert_eq!(all.iter().map(|p| p.0).collect::<Vec<_>>(), [6, 13, 2, 14, 2]);
    let without = |n: usize| -> Vec<Packet> {
        all.iter().enumerate().filter(|(at, _)| *at != n).map(|(_, p)| p.clone()).collect()
    };
    assert_eq!(certificate(&all).unwrap().len(), 1);
    assert_eq!(certificate(&without(4)).unwrap().len(), 0);
    assert!(certificate(&without(2)).is_none());
    // A subordinate of another's is not taken over.
    let mut foreign = packets(ED_KEY.as_bytes()).unwrap();
    foreign.extend(all[3..].iter().cloned());
    assert_eq!(certificate(&foreign).unwrap().len(), 1);
}

#[test]
fn nothing_damaged_is_good() {
    let keys = Keys::parse(ED_KEY.as_bytes()).unwrap();
    let signature = &packets(ED_SIGNATURE.as_bytes()).unwrap()[0].1;
    for at in 0..signature.len() {
        for bit in 0..8 {
            let mut body = signature.clone();
            body[at] ^= 1 << bit;
            let file = [&[0xc2, u8::try_from(body.len()).unwrap()], &body[..]].concat();
            // What it does not cover may say anything: the name of the key, the first bytes of the hash.
            let covered = 6 + usize::from(u16::from_be_bytes([signature[4], signature[5]]));
            let free = covered..signature.len() - 68;
            assert!(free.contains(&at) || !keys.signed(DOCUMENT, &file, now()), "byte {at} bit {bit}");
        }
    }
    let whole = packets(RSA_KEY.as_bytes()).unwrap();
    let bytes: Vec<u8> = whole
        .iter()
        .flat_map(|(tag, body)| {
            let length = u32::try_from(body.len()).unwrap().to_be_bytes();
            [&[0xc0 | tag, 255], &length[..], body].concat()
        })
        .collect();
    assert!(Keys::parse(&bytes).is_some(), "not armoured");
    for end in 0..bytes.len() {
        let _ = Keys::parse(&bytes[..end]);
    }
}
