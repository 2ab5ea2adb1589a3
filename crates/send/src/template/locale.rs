//! The words, from the locale files built into the program.

use std::sync::LazyLock;

use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};
use unic_langid::LanguageIdentifier;

use crate::{Error, Lang};

type Bundle = Result<FluentBundle<FluentResource>, String>;

static VI: LazyLock<Bundle> = LazyLock::new(|| read(Lang::Vi, include_str!("../../locales/vi/mail.ftl")));
static EN: LazyLock<Bundle> = LazyLock::new(|| read(Lang::En, include_str!("../../locales/en/mail.ftl")));

fn read(lang: Lang, source: &str) -> Bundle {
    let resource = FluentResource::try_new(source.to_owned()).map_err(|(_, errors)| format!("{errors:?}"))?;
    let id: LanguageIdentifier = lang.tag().parse().map_err(|e| format!("{e:?}"))?;
    let mut bundle = FluentBundle::new_concurrent(vec![id]);
    // Isolation marks would stand in codes, links and file names that people copy.
    bundle.set_use_isolating(false);
    bundle.add_resource(resource).map_err(|errors| format!("{errors:?}"))?;
    Ok(bundle)
}

/// The words of one language.
pub(super) struct Words {
    lang: Lang,
    bundle: &'static Bundle,
}

impl Words {
    pub(super) fn of(lang: Lang) -> Self {
        let bundle = match lang {
            Lang::Vi => &*VI,
            Lang::En => &*EN,
        };
        Words { lang, bundle }
    }

    /// Whether there is an `id.name`.
    pub(super) fn has(&self, id: &str, name: &str) -> bool {
        self.bundle.as_ref().is_ok_and(|b| b.get_message(id).and_then(|m| m.get_attribute(name)).is_some())
    }

    /// The text of `id.name`; any variable the text uses and `args` lack is an error.
    pub(super) fn attribute(&self, id: &str, name: &str, args: &FluentArgs<'_>) -> Result<String, Error> {
        let fault = |why: String| Error::Locale { template: id.to_owned(), lang: self.lang.tag(), why };
        let bundle = self.bundle.as_ref().map_err(|why| fault(why.clone()))?;
        let pattern = bundle
            .get_message(id)
            .and_then(|message| message.get_attribute(name))
            .ok_or_else(|| fault(format!("has no .{name}")))?
            .value();
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, Some(args), &mut errors);
        match errors.first() {
            None => Ok(text.trim().to_owned()),
            Some(error) => Err(fault(error.to_string())),
        }
    }
}
