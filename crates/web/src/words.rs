//! The texts of pages and API: Fluent, Vietnamese as source and fallback, English complete (`cargo xtask tidy` checks
//! that both have the same ids and that every id used exists).

use std::{borrow::Cow, collections::HashMap, sync::OnceLock};

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use rust_embed::RustEmbed;
use unic_langid::LanguageIdentifier;

/// A language of the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lang {
    /// Vietnamese.
    Vi,
    /// English.
    En,
}

impl Lang {
    /// Its code.
    pub const fn code(self) -> &'static str {
        match self {
            Lang::Vi => "vi",
            Lang::En => "en",
        }
    }
    /// What somebody chose, else Vietnamese unless the browser asks for English before it.
    pub fn choose(chosen: Option<&str>, accepts: Option<&str>) -> Self {
        match chosen {
            Some("en") => return Lang::En,
            Some("vi") => return Lang::Vi,
            _ => {}
        }
        let first = accepts
            .into_iter()
            .flat_map(|a| a.split(','))
            .map(str::trim)
            .find(|a| a.starts_with("vi") || a.starts_with("en"));
        if first.is_some_and(|a| a.starts_with("en")) { Lang::En } else { Lang::Vi }
    }
}

#[derive(RustEmbed)]
#[folder = "locales"]
struct Files;

type Bundle = FluentBundle<FluentResource>;

/// The texts of one language.
#[derive(Clone, Copy)]
pub struct Words(&'static Bundle, Lang);

/// The texts of that language.
pub fn of(lang: Lang) -> Words {
    static BUNDLES: OnceLock<HashMap<Lang, Bundle>> = OnceLock::new();
    static EMPTY: OnceLock<Bundle> = OnceLock::new();
    let bundles = BUNDLES.get_or_init(|| [Lang::Vi, Lang::En].into_iter().map(|l| (l, load(l))).collect());
    Words(bundles.get(&lang).unwrap_or_else(|| EMPTY.get_or_init(|| load(Lang::Vi))), lang)
}

fn load(lang: Lang) -> Bundle {
    let id: LanguageIdentifier = lang.code().parse().unwrap_or_default();
    let mut bundle = Bundle::new_concurrent(vec![id]);
    // Isolation marks are for mixed directions of writing, which neither language has.
    bundle.set_use_isolating(false);
    for path in Files::iter().filter(|p| p.starts_with(lang.code())) {
        let text =
            Files::get(&path).map(|f| String::from_utf8_lossy(&f.data).into_owned()).unwrap_or_default();
        let resource = FluentResource::try_new(text).unwrap_or_else(|(partly, errors)| {
            tracing::error!(%path, ?errors, "locale file has errors");
            partly
        });
        if let Err(errors) = bundle.add_resource(resource) {
            tracing::error!(%path, ?errors, "locale ids stand twice");
        }
    }
    bundle
}

impl Words {
    /// The texts of that language.
    pub fn of(lang: Lang) -> Self {
        of(lang)
    }
    /// Which language that is.
    pub const fn lang(self) -> Lang {
        self.1
    }
    /// A text without variables.
    pub fn t(self, id: &str) -> String {
        self.format(id, None)
    }
    /// A text with variables; numbers given as numbers choose plurals.
    pub fn with<'a>(self, id: &str, vars: impl IntoIterator<Item = (&'a str, FluentValue<'a>)>) -> String {
        let args: FluentArgs = vars.into_iter().map(|(k, v)| (Cow::from(k), v)).collect();
        self.format(id, Some(&args))
    }
    /// A text whose variables are all texts.
    pub fn with_texts(self, id: &str, vars: &[(&str, &str)]) -> String {
        self.with(id, vars.iter().map(|(k, v)| (*k, (*v).into())))
    }
    fn format(self, id: &str, args: Option<&FluentArgs>) -> String {
        // An unknown id is a fault of ours that tidy finds; the id itself still says more than nothing.
        let Some(pattern) = self.0.get_message(id).and_then(|m| m.value()) else {
            tracing::error!(id, "no such text");
            return id.to_owned();
        };
        let mut errors = Vec::new();
        let text = self.0.format_pattern(pattern, args, &mut errors).into_owned();
        if !errors.is_empty() {
            tracing::error!(id, ?errors, "text with a missing variable");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_persons_choice_outranks_the_browsers_and_vietnamese_is_the_fallback() {
        assert_eq!(Lang::choose(Some("en"), Some("vi")), Lang::En);
        assert_eq!(Lang::choose(None, Some("en-GB,vi;q=0.5")), Lang::En);
        assert_eq!(Lang::choose(None, Some("fr,vi;q=0.5")), Lang::Vi);
        assert_eq!(Lang::choose(None, None), Lang::Vi);
    }

    #[test]
    fn every_file_of_texts_is_well_formed() {
        for path in Files::iter() {
            let text = String::from_utf8(Files::get(&path).unwrap().data.into_owned()).unwrap();
            let errors = FluentResource::try_new(text).err().map(|(_, errors)| errors);
            assert!(errors.is_none(), "{path}: {errors:?}");
        }
    }

    #[test]
    fn both_languages_load() {
        assert_eq!(of(Lang::Vi).t("frame-logout"), "Đăng xuất");
        assert_ne!(of(Lang::En).t("frame-logout"), "frame-logout");
    }
}
