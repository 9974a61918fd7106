//! What a piece of text on the screen is, not how it looks: a theme maps each of these to a style.
//! No state is told by its ink alone; a word or a glyph says it too.

macro_rules! inks {
    ($($(#[$meta:meta])* $variant:ident => $name:literal),+ $(,)?) => {
        /// A role that every theme styles.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
        pub enum Ink { $($(#[$meta])* $variant),+ }
        impl Ink {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// Its name in a theme file.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }
    };
}

inks! {
    /// Ordinary text.
    #[default] Text => "text",
    /// Less important text.
    Dim => "dim",
    /// Names and words that matter.
    Strong => "strong",
    /// Emphasised prose.
    Emphasis => "emphasis",
    /// Rules and separators.
    Rule => "rule",
    /// The rule of the pane with the focus.
    RuleFocus => "rule-focus",
    /// A pane's title.
    Title => "title",
    /// The title of the pane with the focus.
    TitleFocus => "title-focus",
    /// Column headings.
    Column => "column",
    /// The selected row where the focus is.
    Selected => "selected",
    /// The selected row elsewhere.
    SelectedDim => "selected-dim",
    /// All is well.
    Ok => "ok",
    /// Look at it.
    Warn => "warn",
    /// It is broken.
    Error => "error",
    /// Not allowed to look.
    Denied => "denied",
    /// What is shown is old.
    Stale => "stale",
    /// A key to press.
    Key => "key",
    /// What the key does.
    Hint => "hint",
    /// The word NORMAL.
    ModeNormal => "mode-normal",
    /// The word INSERT.
    ModeInsert => "mode-insert",
    /// The word REVIEW.
    ModeReview => "mode-review",
    /// A passing notice.
    Notice => "notice",
    /// What matched a search or a filter.
    Match => "match",
    /// The person's question.
    Question => "question",
    /// The model's thinking.
    Thinking => "thinking",
    /// The program's own remark in the chat.
    Note => "note",
    /// A heading of an answer.
    Heading => "heading",
    /// Code in an answer.
    Code => "code",
    /// A link's address.
    Link => "link",
    /// Quoted prose.
    Quote => "quote",
    /// A citation of evidence that is in the ledger.
    Citation => "citation",
    /// A citation of evidence that is not.
    CitationUnknown => "citation-unknown",
    /// The citation or evidence that is chosen.
    CitationChosen => "citation-chosen",
    /// A line that a change adds.
    Added => "added",
    /// A line that a change removes.
    Removed => "removed",
    /// Risk medium or low.
    RiskMedium => "risk-medium",
    /// Risk high.
    RiskHigh => "risk-high",
    /// Risk critical.
    RiskCritical => "risk-critical",
    /// A button.
    Button => "button",
    /// The button with the focus.
    ButtonFocus => "button-focus",
    /// A key of a document.
    SyntaxKey => "syntax-key",
    /// A string of a document.
    SyntaxString => "syntax-string",
    /// A number of a document.
    SyntaxNumber => "syntax-number",
    /// `true`, `null` and the like.
    SyntaxConstant => "syntax-constant",
    /// A comment, or a mark left by a redaction or a cut.
    SyntaxComment => "syntax-comment",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_inks_share_a_name() {
        let names: std::collections::BTreeSet<_> = Ink::ALL.iter().map(|i| i.name()).collect();
        assert_eq!(names.len(), Ink::ALL.len());
    }
}
