//! Themes: names of what is drawn, mapped to styles. Data files in `themes/*.toml`.

/// A theme. `default` uses the terminal's own 16 colours, `mono` none.
#[derive(Clone, Debug, Default)]
pub struct Theme {}

impl Theme {
    /// A built-in theme by name.
    pub fn builtin(name: &str) -> Option<Self> {
        matches!(name, "default" | "mono").then(Self::default)
    }
    /// The names of the built-in themes.
    pub fn names() -> &'static [&'static str] {
        &["default", "mono"]
    }
}
