//! The data file: sections name what a line finds in its world, a line is a command, `!` before it says that we refuse
//! it, and what is indented under it behind `|` is the manifest in the call.
//!
//! `NS` is the namespace of the line's world; a line that does not name it has it from its context. `ID` is a word that
//! no other line has, for the names of cluster-scoped objects. What the grammar reads more generously than kubectl (a
//! short name in capitals, which kubectl does not know) has no oracle and is not here.
use kopilot_tui::kubectl::kinds::Kinds;
use kopilot_tui::model::Operation;

/// One command.
pub struct Line {
    /// In the file.
    pub number: usize,
    /// As it stands there.
    pub text: String,
    /// Whether we refuse it.
    pub refused: bool,
    /// What is there before.
    pub fixtures: Vec<String>,
    manifest: String,
}

/// Every line of the file.
pub fn read() -> Vec<Line> {
    let (mut out, mut fixtures): (Vec<Line>, Vec<String>) = (Vec::new(), Vec::new());
    for (at, text) in include_str!("lines.txt").lines().enumerate() {
        if let Some(more) = text.strip_prefix("  |") {
            let last = out.last_mut().unwrap();
            last.manifest += more.strip_prefix(' ').unwrap_or(more);
            last.manifest += "\n";
        } else if let Some(section) = text.strip_prefix('[') {
            fixtures = section.trim_end_matches(']').split_whitespace().map(str::to_owned).collect();
        } else if !text.trim().is_empty() && !text.starts_with('#') {
            let (text, refused) = text.strip_prefix("! ").map_or((text, false), |t| (t, true));
            out.push(Line { number: at + 1, text: text.to_owned(), refused, fixtures: fixtures.clone(), manifest: String::new() });
        }
    }
    out
}

impl Line {
    /// The word of this line for one side, `k` or `o`; another in every run.
    pub fn id(&self, side: &str) -> String {
        format!("{side}{:03}x{}x", self.number, std::process::id())
    }
    /// The namespace of this line's world.
    pub fn namespace(&self, side: &str) -> String {
        format!("oracle-{}", self.id(side))
    }
    /// The namespace of the context: elsewhere where the line names its own.
    pub fn context(&self, side: &str) -> String {
        if self.text.contains("NS") { "default".to_owned() } else { self.namespace(side) }
    }
    /// The command.
    pub fn words(&self, side: &str) -> String {
        self.fill(&self.text, side)
    }
    /// The manifest in the call.
    pub fn manifest(&self, side: &str) -> String {
        self.fill(&self.manifest, side)
    }
    fn fill(&self, text: &str, side: &str) -> String {
        text.replace("NS", &self.namespace(side)).replace("ID", &self.id(side))
    }
    /// The operation that the grammar makes of it.
    pub fn parse(&self, side: &str, kinds: &Kinds) -> Result<Operation, String> {
        let manifest = self.manifest(side);
        let carried = (!manifest.is_empty()).then_some(manifest.as_str());
        kopilot_tui::kubectl::parse_with(&self.words(side), carried, kinds).map_err(|refusal| refusal.to_string())
    }
}
