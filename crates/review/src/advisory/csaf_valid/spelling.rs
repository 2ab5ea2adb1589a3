//! Spelling (6.3.8), without a dictionary: words that miss one of the trade's own by one letter. Whatever else is misspelt
//! is not seen.

use std::{collections::HashSet, sync::LazyLock};

use serde_json::Value;

use super::Faults;

/// Fields that hold what people wrote, wherever they stand; `name` of a product's branch or definition among them.
const FIELDS: &[&str] = &[
    "audience",
    "details",
    "entitlements",
    "issuing_authority",
    "names",
    "organization",
    "summary",
    "text",
    "title",
];
/// Shorter words miss each other by one letter too easily.
const SHORTEST: usize = 7;

/// Words of the trade.
const TRADE: &str = "
ability abuses access accessed accessible account accounts achieve activate active actively addition additional
additionally address addresses administer administration administrative administrator administrators advance
advanced advisories advisory affected affecting algorithm allocate allocated allocation allowed allowing alternative
analyses analysis anonymous another appliance appliances application applications appropriate arbitrarily arbitrary
argument arguments attach attached attachment attachments attacker attackers attacking attempt attempts attribute
attributes authenticate authenticated authentication authenticity author authorised authorization authorized
automagic automatic automatically availability available awaiting aware awareness batches because become becomes
before behavior behaviour between beverage bindings blogging boundaries boundary browse browser browsers buffers
bypassed bypasses bypassing calculated calculation capabilities capability carefully catches category certain
certificate certificates channel character characters checked checker checking checksum clashes classes cleartext
clement command commands communicate communication community company compile compiled compiler complete completely
complexity complied component components compromise compromised compromising computer condition conditions conduct
confidential confidentiality configuration configurations configure configured confirm confirmed conform conformed
connect connected connection connections consent consequence consequences consider consult contact contain contained
container containers containing contains contend content contents context continue contract contrast control
controlled controller controls corporation correct corrected correctly corrupt corrupted corruption crafted crashed
crashes crated crates create created creates creating credential credentials critical cryptographic current
currently customer customers dangerous dashing database databases deduced default deferred delayed delete deleted
deletion denial dependence dependencies dependency dereference describe described description deserialization
designed destination details detected detection determine develop developed developer development device devices
different digital directly directories directory disable disabled disabling disclose disclosed discloses disclosure
discovered discovery display displayed distribution document documentation documents domains download downloaded
downloads dynamic earlier effect effected effective effects element elements elevate elevated elevation embedded
enabled enables enabling encoded encoding encrypted encryption ending endpoint endpoints enforce enforced
enforcement engineer engineering ensure ensures enterprise entries environment environments equipment errors
escalate escalation escaped especially essential evaluate evaluation example examples exceed exception exceptions
exchange exchanged executable executables execute executed executes executing execution existing exists expended
expired exploit exploitable exploitation exploited exploiting exploits expose exposed exposure extended extension
extensions external extract failure failures feature features feeding filesystem filter filtered filters finding
findings fireball firewall firmware fitting fixed flagging follow following follows foreign forgery formatting
forward framework function functionality functions funding further gateway general generate generated generation
generator getting granted group groups handled handler handling hardcoded hardened hardware hashing hatches heading
hidden higher hijacking hitting hollowing however identified identifier identifies identify identity ignore ignored
illegal image images immediate immediately impact impacted impacts impersonate implement implementation implemented
implements important improper improperly improved improvement include included includes including incorrect
incorrectly indicate individual industrial infected infection inflicted information informed inherent initial
initialization inject injected injecting injection inputs insecure insecurely insert install installation installed
installer instance instances instead instruction instructions insufficient insufficiently integer integers
integration integrity intended interaction interface interfaces internal internet interpreted interpreter interval
invalid investigate investigated investigation involve involved isolate isolated isolation javascript kernel lagging
language leading leakage leaking leaving letting leverage libraries library licence license licensed licensee
limitation limited limits linked listening loaded loading locally location logging machine machines maintain
maintained malformed malicious maliciously malware manage managed management manager manipulate manipulated
manipulation manufacturer marking matched matches mechanism mechanisms memory message messages messing method
methods minimal missing misusing mitigate mitigated mitigation mitigations mobile modification modified modifier
modify module modules modulus monitor monitoring multiple multiplex multiply needing negative nesting network
networks neutralization notice notices notification number numbers object objects obtain obtained obtaining occurs
official offset operate operating operation operations operator option optional options organisation organization
origin original otherwise outdated outside overflow overflows override overwrite overwritten overwrote package
packages packet packets packing painter parameter parameters parking parsed parser parsing partial partially
particular passing password passwords pasting patched patches pathname payload pending perform performed performing
performs permission permissions permitted persistent pertain physical physically pinning platform platforms pointee
pointer pointers policies policy possible possibly potential potentially precious predictable preference preferences
preferred prepare prepared prerequisite present preserved preset prevent prevented preventing prevents previous
previously printed printer privilege privileged privileges problem problems procedure process processed processes
processing processor produce product production products profile program programs project properly property protect
protected protection protocol protocols provide provided provider provides providing public publication publicly
publish published publisher punning punting purpose purposes quickly randomly reading receive received receiving
recommend recommendation recommendations recommended reduce reduced reference references referred reflected regular
relate related relaxed release released releases relevant reliable reliably remediate remediated remediation
remotely removed renegotiation replace replaced replacement replayed reported reporter reports request requested
requests require required requirement requirements requires requiring research researcher researchers reserve
reserved resolve resolved resource resources respond response responses responsible restart restarted restarting
restrict restricted restriction restrictions resulting results retrieve returned revision revolve rewrite rewrote
running runtime sandbox sanitization sanitize sanitized schedule scheduled scoping scoring script scripting scripts
section sections secured securely security seeding seeking segment segmentation segments sending sensitive separate
sequence sequences serialized serious server servers serves service services session sessions setting settings
several severe severity signature signatures significand significant similar sitting slashes software solution
solutions source sources special specially specific specifically specification specified speeding spending spoofing
standard started stated statement storage stored storing strictly string strings structure structures subsequent
succeed successful successfully sufficient sufficiently suitable summary supplied supplier supplies support
supported supports suspected suspicious switched switches system systems table tagging target targeted targets
technical technique techniques technologies technology temporarily temporary terminate terminated termination
testing themselves therefore thorough thoroughly though thousand threads threat threats through timeout together
traffic transaction transfer transferred translation transmission transmit transmitted traversal treated treating
trigger triggered triggering triggers trusted unable unauthenticated unauthorised unauthorized uncontrolled
undefined underlying undisclosed unencrypted unexpected unless unlimited unpatched unprivileged unrestricted unsafe
unspecified unsupported untrusted update updated updater updates updating upgrade upgraded upgrades upgrading
uploaded uploads usually utilities utility validate validated validation validity valuable values variable variables
variant various vendors verification verified verifier verify version versions victim victims virtual virtualization
visible visibly vulnerabilities vulnerability vulnerable waiting wanting warning warnings wasting watched watches
weakness weaknesses weaving website websites whether whitelist winding windows wireless without workaround
workarounds writing written";

static WORDS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| TRADE.split_whitespace().filter(|word| word.len() >= SHORTEST).collect());

static STEMS: LazyLock<HashSet<&str>> = LazyLock::new(|| TRADE.split_whitespace().map(stem).collect());

pub fn check(value: &Value, faults: &mut Faults) {
    let Some(language) = value.pointer("/document/lang").and_then(Value::as_str) else { return };
    let first = language.split('-').next().unwrap_or_default();
    if !first.eq_ignore_ascii_case("en") {
        // So the standard wants it of a language that is not known.
        faults.add("6.3.8", "/document/lang");
        return;
    }
    each(value, "", faults);
}

fn each(value: &Value, at: &str, faults: &mut Faults) {
    match value {
        Value::Object(map) => {
            let is_product =
                map.contains_key("product_id") || map.contains_key("product") || map.contains_key("branches");
            for (key, value) in map {
                let at = format!("{at}/{key}");
                let written = FIELDS.contains(&key.as_str()) || is_product && key == "name";
                let mut texts = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice).iter();
                if written
                    && texts.any(|text| text.as_str().is_some_and(|text| misspelt(text).next().is_some()))
                {
                    faults.add("6.3.8", at.as_str());
                }
                each(value, &at, faults);
            }
        }
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(n, value)| each(value, &format!("{at}/{n}"), faults));
        }
        _ => {}
    }
}

/// Words that miss one of the trade's by one letter.
pub fn misspelt(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| {
        let plain = word.is_ascii() && (SHORTEST..=30).contains(&word.len());
        let name = word.bytes().skip(1).any(|b| b.is_ascii_uppercase());
        let numbered = |b: Option<&u8>| b.is_some_and(u8::is_ascii_digit);
        let numbered = numbered(word.as_bytes().first()) || numbered(word.as_bytes().last());
        plain && !name && !numbered && is_misspelt(&word.to_ascii_lowercase())
    })
}

fn is_misspelt(word: &str) -> bool {
    if is_known(word) {
        return false;
    }
    let bytes = word.as_bytes();
    let known = |bytes: &[u8]| std::str::from_utf8(bytes).is_ok_and(|word| WORDS.contains(word));
    // One too many, two in the other's place, another, one too few.
    let mut tried = Vec::with_capacity(bytes.len() + 1);
    (0..=bytes.len()).any(|at| {
        let (before, after) = bytes.split_at(at);
        let mut with = |middle: &[u8], after: &[u8]| {
            tried.clear();
            tried.extend_from_slice(before);
            tried.extend_from_slice(middle);
            tried.extend_from_slice(after);
            known(&tried)
        };
        match after {
            [] => (b'a'..=b'z').any(|letter| with(&[letter], &[])),
            [one, rest @ ..] => {
                with(&[], rest)
                    || (b'a'..=b'z').any(|letter| with(&[letter], rest) || with(&[letter, *one], rest))
                    || matches!(rest, [two, rest @ ..] if with(&[*two, *one], rest))
            }
        }
    })
}

/// Whether it is one of the trade's, however it is bent.
fn is_known(word: &str) -> bool {
    const BEFORE: &[&str] = &["", "dis", "in", "mis", "non", "over", "pre", "re", "sub", "un", "under"];
    BEFORE.iter().filter_map(|before| word.strip_prefix(before)).any(|word| STEMS.contains(stem(word)))
}

/// What is left without its endings.
fn stem(mut word: &str) -> &str {
    const AFTER: &[&str] = &[
        "able", "al", "ation", "d", "e", "ed", "er", "es", "i", "ies", "ing", "ion", "iz", "ly", "or", "r",
        "s", "y",
    ];
    loop {
        let shorter = AFTER.iter().filter_map(|after| word.strip_suffix(after)).min_by_key(|left| left.len());
        match shorter.filter(|left| left.len() >= 4) {
            Some(left) => word = left,
            None => return word,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::misspelt;

    #[test]
    fn what_misses_a_word_of_the_trade_by_one_letter_is_told() {
        let found: Vec<&str> = misspelt(
            "A vulnerabilty lets an unauthentcated atttacker excuted commmands; Privleges. Appliaction 7.",
        )
        .collect();
        let expected = "vulnerabilty unauthentcated atttacker excuted commmands Privleges Appliaction";
        assert_eq!(found, expected.split(' ').collect::<Vec<_>>());
        let sound = "Attackers reattached unsecured, reconfigured PostgreSQL servers to productive OpenSSL; log4j-core \
                     commander Securitas 10.0.19045 CVE-2099-1 Lỗ hổng nghiêm trọng VERSIONX attaching";
        assert_eq!(misspelt(sound).collect::<Vec<_>>(), Vec::<&str>::new());
    }
}
