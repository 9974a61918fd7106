//! What the terminal can do, read off the environment once; never asked of the terminal itself.

/// See the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Abilities {
    /// The locale is UTF-8: glyphs beyond ASCII may be drawn.
    pub utf8: bool,
    /// Colours may be used (`NO_COLOR` is unset).
    pub colour: bool,
    /// The terminal is at the other end of SSH: fewer frames.
    pub remote: bool,
    /// It is tmux.
    pub tmux: bool,
}

impl Abilities {
    /// What the environment says; `Err` with a sentence when no screen can be drawn at all.
    pub fn read(env: &dyn Fn(&str) -> Option<String>, terminal: bool) -> Result<Self, String> {
        let set = |name: &str| env(name).is_some_and(|v| !v.is_empty());
        let headless = "the screen needs a terminal; without one use `kopilot-tui ask \"QUESTION\"` or `kopilot-tui diagnose`";
        if !terminal {
            return Err(format!("stdin and stdout are not both a terminal: {headless}"));
        }
        if env("TERM").is_none_or(|t| t.is_empty() || t == "dumb") {
            return Err(format!("TERM is {}: {headless}", env("TERM").filter(|t| !t.is_empty()).unwrap_or_else(|| "not set".into())));
        }
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|n| env(n).filter(|v| !v.is_empty())).unwrap_or_default().to_ascii_lowercase();
        Ok(Self {
            utf8: locale.contains("utf-8") || locale.contains("utf8"),
            colour: !set("NO_COLOR"),
            remote: set("SSH_CONNECTION") || set("SSH_TTY"),
            tmux: set("TMUX"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(vars: &[(&str, &str)]) -> Result<Abilities, String> {
        Abilities::read(&|name| vars.iter().find(|(k, _)| *k == name).map(|(_, v)| (*v).to_owned()), true)
    }

    #[test]
    fn the_first_locale_that_is_set_decides_about_glyphs() {
        for (vars, utf8) in [
            (vec![("LANG", "en_US.UTF-8")], true),
            (vec![("LANG", "de_DE.utf8")], true),
            (vec![("LANG", "C")], false),
            (vec![], false),
            (vec![("LC_ALL", "C"), ("LANG", "en_US.UTF-8")], false),
            (vec![("LC_ALL", ""), ("LC_CTYPE", "C.UTF-8"), ("LANG", "C")], true),
        ] {
            let vars: Vec<_> = vars.into_iter().chain([("TERM", "xterm")]).collect();
            assert_eq!(of(&vars).unwrap().utf8, utf8, "{vars:?}");
        }
    }

    #[test]
    fn no_terminal_and_a_dumb_one_are_refused_with_the_headless_command_named() {
        for refusal in [of(&[("TERM", "dumb")]), of(&[]), Abilities::read(&|_| Some("xterm".into()), false)] {
            assert!(refusal.unwrap_err().contains("kopilot-tui ask"));
        }
    }
}
