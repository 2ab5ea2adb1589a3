//! The cookies of sign-in. All are `HttpOnly`, `SameSite=Lax`, and `__Host-` (so no other host or path can set them),
//! unless the operator runs plain HTTP on another host than loopback and says so.

use axum::{
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use domain::id::{Id, Secrets, kind};
use store::sign_in::{InstanceKey, text, untext};
use subtle::ConstantTimeEq;

use crate::prefs;

/// The session's secret.
pub(crate) const SESSION: &str = "canh";
/// Marks a browser on which some people have signed in before.
pub(crate) const DEVICE: &str = "canh-device";
/// Ties the forms of somebody not signed in to their browser.
pub(crate) const GUEST: &str = "canh-guest";
/// The body somebody chose to work for.
pub(crate) const BODY: &str = "canh-body";

/// The longest browsers keep a cookie: 400 days.
const DEVICE_SECONDS: u32 = 400 * 24 * 3600;
/// A device remembers so many people: a shared desk.
const PEOPLE_MAX: usize = 6;
/// Bytes of the marks within the device cookie.
const MARK: usize = 16;

/// How cookies are written here.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Jar {
    /// Without prefix and `Secure`: see [`crate::Config::insecure_cookies`].
    pub insecure: bool,
}

impl Jar {
    fn name(self, name: &str) -> String {
        if self.insecure { name.to_owned() } else { format!("__Host-{name}") }
    }
    /// Reads one.
    pub(crate) fn get(self, headers: &HeaderMap, name: &str) -> Option<String> {
        prefs::cookie(headers, &self.name(name)).filter(|v| !v.is_empty()).map(str::to_owned)
    }
    /// Sets one until the browser closes.
    pub(crate) fn set(self, response: &mut Response, name: &str, value: &str) {
        self.write(response, name, value, "");
    }
    /// Takes one away.
    pub(crate) fn clear(self, response: &mut Response, name: &str) {
        self.write(response, name, "", "; Max-Age=0");
    }
    /// Sets the device's.
    pub(crate) fn set_device(self, response: &mut Response, device: &Device) {
        self.write(response, DEVICE, &device.value(), &format!("; Max-Age={DEVICE_SECONDS}"));
    }
    /// Whether a response sets that one already.
    pub(crate) fn sets(self, response: &Response, name: &str) -> bool {
        let start = format!("{}=", self.name(name));
        response
            .headers()
            .get_all(header::SET_COOKIE)
            .iter()
            .any(|v| v.as_bytes().starts_with(start.as_bytes()))
    }
    fn write(self, response: &mut Response, name: &str, value: &str, more: &str) {
        let secure = if self.insecure { "" } else { "; Secure" };
        let cookie = format!("{}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{more}", self.name(name));
        if let Ok(value) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
    }
}

/// A browser on which people have signed in: a random number and, for each of them, a MAC of both. It tells whoever
/// holds it nothing, and lets those people try while a stranger elsewhere is made to wait.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Device {
    number: Vec<u8>,
    marks: Vec<Vec<u8>>,
}

impl Device {
    /// Reads a cookie's value; anything else is a new device.
    pub(crate) fn read(value: Option<&str>) -> Self {
        let mut parts = value.unwrap_or_default().split('.').map(untext);
        match parts.next().flatten() {
            Some(number) if number.len() == MARK => {
                Self { number, marks: parts.flatten().filter(|m| m.len() == MARK).take(PEOPLE_MAX).collect() }
            }
            _ => Self::default(),
        }
    }
    /// Whether that person has signed in here before.
    pub(crate) fn knows(&self, key: &InstanceKey, person: Id<kind::Person>) -> bool {
        let mark = self.mark(key, person);
        !self.number.is_empty() && self.marks.iter().any(|m| bool::from(m.ct_eq(&mark)))
    }
    /// Remembers that person; the one remembered longest goes if there are too many.
    pub(crate) fn with(mut self, key: &InstanceKey, secrets: &dyn Secrets, person: Id<kind::Person>) -> Self {
        if self.number.is_empty() {
            self.number = secrets.bytes().into_iter().take(MARK).collect();
        }
        let mark = self.mark(key, person);
        self.marks.retain(|m| *m != mark);
        self.marks.insert(0, mark);
        self.marks.truncate(PEOPLE_MAX);
        self
    }
    /// What failures on this device are counted by.
    pub(crate) fn number(&self) -> String {
        text(&self.number)
    }
    fn mark(&self, key: &InstanceKey, person: Id<kind::Person>) -> Vec<u8> {
        key.mac("device", &[&self.number, person.uuid().as_bytes()]).into_iter().take(MARK).collect()
    }
    fn value(&self) -> String {
        std::iter::once(&self.number).chain(&self.marks).map(|b| text(b)).collect::<Vec<_>>().join(".")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::id::Uuid;
    use store::testing::TestSecrets;

    #[test]
    fn a_device_knows_its_people_and_nobody_can_write_themselves_in() {
        let (key, secrets) = (InstanceKey::new([1; 32]), TestSecrets::default());
        let who = |n: u128| Id::from_uuid(Uuid::from_u128(n));
        let mut device = Device::read(None);
        assert!(!device.knows(&key, who(1)));
        for n in 1..=7 {
            device = device.with(&key, &secrets, who(n));
        }
        let read = Device::read(Some(&device.value()));
        assert_eq!(read, device);
        assert!(!read.knows(&key, who(1)) && read.knows(&key, who(2)) && read.knows(&key, who(7)));
        assert!(!read.knows(&InstanceKey::new([2; 32]), who(7)));
        let other = Device::default().with(&key, &secrets, who(9));
        let mixed = Device { number: other.number.clone(), marks: read.marks.clone() };
        assert!(!mixed.knows(&key, who(7)));
        assert_eq!(Device::read(Some("nonsense")), Device::default());
    }

    #[test]
    fn cookies_are_bound_to_this_host() {
        let mut response = Response::default();
        Jar { insecure: false }.set(&mut response, SESSION, "v");
        let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap();
        assert_eq!(cookie, "__Host-canh=v; Path=/; HttpOnly; SameSite=Lax; Secure");
        assert!(
            Jar { insecure: false }.sets(&response, SESSION)
                && !Jar { insecure: false }.sets(&response, BODY)
        );
    }
}
