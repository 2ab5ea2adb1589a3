//! The form: which object has which keys, which must be there, which values they may have (schema, 6.2.20).

use serde_json::Value;

use super::{DEEPEST, Faults};

/// `object: key! key[]>object key=value|value`: `!` must be there, `[]` is a list, `>` is such an object.
const FORMS: &str = "
csaf: $schema document!>document product_tree>product_tree vulnerabilities[]>flaw
document: acknowledgments[]>thanks aggregate_severity>grade category! csaf_version!=2.0 distribution>distribution lang notes[]>note publisher!>publisher references[]>reference source_lang title! tracking!>tracking
thanks: names[] organization summary urls[]
grade: namespace text!
distribution: text tlp>tlp
tlp: label!=AMBER|GREEN|RED|WHITE url
note: audience category!=description|details|faq|general|legal_disclaimer|other|summary text! title
publisher: category!=coordinator|discoverer|other|translator|user|vendor contact_details issuing_authority name! namespace!
reference: category=external|self summary! url!
engine: name! version
generator: date engine!>engine
revision: date! legacy_version number! summary!
tracking: aliases[] current_release_date! generator>generator id! initial_release_date! revision_history![]>revision status!=draft|final|interim version!
sum: algorithm! value!
hash: file_hashes![]>sum filename!
uri: namespace! uri!
helper: cpe hashes[]>hash model_numbers[] purl sbom_urls[] serial_numbers[] skus[] x_generic_uris[]>uri
product: name! product_id! product_identification_helper>helper
branch: branches[]>branch category!=architecture|host_name|language|legacy|patch_level|product_family|product_name|product_version|product_version_range|service_pack|specification|vendor name! product>product
group: group_id! product_ids![] summary
relation: category!=default_component_of|external_component_of|installed_on|installed_with|optional_component_of full_product_name!>product product_reference! relates_to_product_reference!
product_tree: branches[]>branch full_product_names[]>product product_groups[]>group relationships[]>relation
cwe: id! name!
flag: date group_ids[] label!=component_not_present|inline_mitigations_already_exist|vulnerable_code_cannot_be_controlled_by_adversary|vulnerable_code_not_in_execute_path|vulnerable_code_not_present product_ids[]
id: system_name! text!
involvement: date party!=coordinator|discoverer|other|user|vendor status!=completed|contact_attempted|disputed|in_progress|not_contacted|open summary
status: first_affected[] first_fixed[] fixed[] known_affected[] known_not_affected[] last_affected[] recommended[] under_investigation[]
restart: category!=connected|dependencies|machine|none|parent|service|system|vulnerable_component|zone details
remedy: category!=mitigation|no_fix_planned|none_available|vendor_fix|workaround date details! entitlements[] group_ids[] product_ids[] restart_required>restart url
score: cvss_v2 cvss_v3 products![]
threat: category!=exploit_status|impact|target_set date details! group_ids[] product_ids[]
flaw: acknowledgments[]>thanks cve cwe>cwe discovery_date flags[]>flag ids[]>id involvements[]>involvement notes[]>note product_status>status references[]>reference release_date remediations[]>remedy scores[]>score threats[]>threat title
";

struct Key<'a> {
    name: &'a str,
    must: bool,
    list: bool,
    object: Option<&'a str>,
    values: Option<&'a str>,
}

pub fn check(value: &Value, faults: &mut Faults) {
    object("csaf", value, "", 0, faults);
}

fn object(kind: &str, value: &Value, at: &str, depth: usize, faults: &mut Faults) {
    let Some(map) = value.as_object().filter(|map| !map.is_empty() && depth <= DEEPEST) else {
        faults.add("schema", at);
        return;
    };
    let keys: Vec<Key<'_>> = keys(kind).collect();
    for key in &keys {
        match map.get(key.name) {
            None if key.must => faults.add("schema", format!("{at}/{}", key.name)),
            None => {}
            Some(value) => one(key, value, &format!("{at}/{}", key.name), depth, faults),
        }
    }
    for name in map.keys().filter(|name| !keys.iter().any(|key| key.name == *name)) {
        faults.add("6.2.20", format!("{at}/{name}"));
    }
    if kind == "branch" && map.contains_key("branches") == map.contains_key("product") {
        faults.add("schema", at);
    }
}

fn one(key: &Key<'_>, value: &Value, at: &str, depth: usize, faults: &mut Faults) {
    let all = match (key.list, value.as_array()) {
        (true, Some(all)) if !all.is_empty() => all.as_slice(),
        (true, _) => return faults.add("schema", at),
        (false, _) => std::slice::from_ref(value),
    };
    for (n, value) in all.iter().enumerate() {
        let at = if key.list { format!("{at}/{n}") } else { at.to_owned() };
        match (key.object, key.name) {
            (Some(kind), _) => object(kind, value, &at, depth + 1, faults),
            // Of a form of their own, tested with their values.
            (None, "cvss_v2" | "cvss_v3") => {}
            (None, _) => {
                let text = value.as_str().filter(|t| !t.is_empty());
                let known = |t: &str| key.values.is_none_or(|all| all.split('|').any(|v| v == t));
                if !text.is_some_and(known) {
                    faults.add("schema", at);
                }
            }
        }
    }
}

fn keys(kind: &str) -> impl Iterator<Item = Key<'static>> {
    let line = FORMS.lines().find_map(|line| line.split_once(": ").filter(|(name, _)| *name == kind));
    line.map_or("", |(_, rest)| rest).split(' ').filter(|word| !word.is_empty()).map(|word| {
        let (word, object) = word.split_once('>').map_or((word, None), |(w, o)| (w, Some(o)));
        let (word, values) = word.split_once('=').map_or((word, None), |(w, v)| (w, Some(v)));
        let name = word.trim_end_matches("[]").trim_end_matches('!');
        Key { name, must: word.contains('!'), list: word.ends_with("[]"), object, values }
    })
}
