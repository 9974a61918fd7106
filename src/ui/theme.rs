//! Themes: names of what is drawn, mapped to styles. Data files in `themes/*.toml`; a theme names every ink and nothing
//! else. None paints a background of its own: a full frame costs half the bytes that way, and fits every terminal.
use crate::app::ink::Ink;
use ratatui::style::{Color, Modifier, Style};
use std::collections::BTreeMap;

const BUILTIN: &[(&str, &str)] = &[("default", include_str!("../../themes/default.toml")), ("mono", include_str!("../../themes/mono.toml"))];

/// A theme. `default` uses the terminal's own 16 colours, `mono` none.
#[derive(Clone, Debug, Default)]
pub struct Theme {
    styles: Vec<Style>,
}

/// Why a theme file is none.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Fault {
    /// Not TOML, or not a table of styles.
    #[error("theme: {0}")]
    Format(String),
    /// A style is missing.
    #[error("theme: `{0}` is missing; every theme styles every name")]
    Missing(&'static str),
    /// A name that nothing is drawn with.
    #[error("theme: `{0}` is no name that is styled")]
    Unknown(String),
}

/// A style as a file writes it: `key = { fg = "cyan", bold = true }`.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Written {
    #[serde(deserialize_with = "colour")]
    fg: Option<Color>,
    #[serde(deserialize_with = "colour")]
    bg: Option<Color>,
    bold: bool,
    dim: bool,
    italic: bool,
    underline: bool,
    reverse: bool,
}

/// `cyan`, `#0fa`, `42`.
fn colour<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Color>, D::Error> {
    let word: String = serde::Deserialize::deserialize(from)?;
    word.parse().map(Some).map_err(|_| serde::de::Error::custom(format!("`{word}` is no colour")))
}

impl From<&Written> for Style {
    fn from(w: &Written) -> Self {
        let mut style = Self { fg: w.fg, bg: w.bg, ..Self::default() };
        for (on, modifier) in [
            (w.bold, Modifier::BOLD),
            (w.dim, Modifier::DIM),
            (w.italic, Modifier::ITALIC),
            (w.underline, Modifier::UNDERLINED),
            (w.reverse, Modifier::REVERSED),
        ] {
            if on {
                style = style.add_modifier(modifier);
            }
        }
        style
    }
}

impl Theme {
    /// A built-in theme by name.
    pub fn builtin(name: &str) -> Option<Self> {
        BUILTIN.iter().find(|(n, _)| *n == name).and_then(|(_, text)| Self::parse(text).ok())
    }
    /// The names of the built-in themes.
    pub fn names() -> &'static [&'static str] {
        crate::app::act::command::THEMES
    }
    /// A theme out of a file's text.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let written: BTreeMap<String, Written> = toml::from_str(text).map_err(|e| Fault::Format(e.to_string()))?;
        if let Some(name) = written.keys().find(|k| Ink::ALL.iter().all(|i| i.name() != k.as_str())) {
            return Err(Fault::Unknown(name.clone()));
        }
        let style = |ink: &Ink| written.get(ink.name()).map(Style::from).ok_or(Fault::Missing(ink.name()));
        Ok(Self { styles: Ink::ALL.iter().map(style).collect::<Result<_, _>>()? })
    }
    /// How an ink looks.
    pub fn style(&self, ink: Ink) -> Style {
        self.styles.get(ink as usize).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_builtin_theme_names_every_ink_and_nothing_else() {
        assert_eq!(BUILTIN.iter().map(|(n, _)| *n).collect::<Vec<_>>(), Theme::names());
        for (name, text) in BUILTIN {
            assert!(Theme::parse(text).is_ok(), "{name}: {:?}", Theme::parse(text).err());
        }
    }

    #[test]
    fn mono_has_no_colour_and_default_only_the_terminals_own() {
        let mono = Theme::builtin("mono").unwrap();
        let default = Theme::builtin("default").unwrap();
        for ink in Ink::ALL {
            let style = mono.style(*ink);
            assert_eq!((style.fg, style.bg), (None, None), "{}", ink.name());
            for colour in [default.style(*ink).fg, default.style(*ink).bg].into_iter().flatten() {
                assert!(!matches!(colour, Color::Rgb(..) | Color::Indexed(16..)), "{}", ink.name());
            }
        }
    }

    #[test]
    fn a_theme_that_is_wrong_says_what() {
        let whole = BUILTIN[1].1;
        assert_eq!(Theme::parse(&whole.replace("text = {}\n", "")).err(), Some(Fault::Missing("text")));
        assert_eq!(Theme::parse(&format!("{whole}\nsparkle = {{}}\n")).err(), Some(Fault::Unknown("sparkle".into())));
        assert!(matches!(Theme::parse("text = { fg = \"no-colour\" }"), Err(Fault::Format(_))));
        assert!(Theme::builtin("nowhere").is_none());
    }
}
