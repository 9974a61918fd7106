//! Where things are kept, and how: folders 0700, files 0600, each path resolved from what the environment says.
//!
//! The environment is given, never read here, so that a test can give another.
use std::io;
use std::path::{Path, PathBuf};

/// The environment as far as paths depend on it.
pub type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// `$KOPILOT_STATE_DIR`, else `$XDG_STATE_HOME/kopilot-tui`, else `~/.local/state/kopilot-tui`.
pub fn state(env: Env<'_>) -> Option<PathBuf> {
    let set = |name: &str| env(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    set("KOPILOT_STATE_DIR")
        .or_else(|| set("XDG_STATE_HOME").map(|p| p.join("kopilot-tui")))
        .or_else(|| set("HOME").map(|p| p.join(".local/state/kopilot-tui")))
}

/// `$KOPILOT_CONFIG`, else `$XDG_CONFIG_HOME/kopilot-tui/config.toml`, else `~/.config/kopilot-tui/config.toml`.
pub fn config(env: Env<'_>) -> Option<PathBuf> {
    let set = |name: &str| env(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    set("KOPILOT_CONFIG").or_else(|| {
        let base = set("XDG_CONFIG_HOME").or_else(|| set("HOME").map(|p| p.join(".config")));
        base.map(|p| p.join("kopilot-tui/config.toml"))
    })
}

/// Makes a folder and its parents, readable by its owner alone.
pub fn private(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Options for a file that its owner alone may read and write.
pub fn private_file() -> std::fs::OpenOptions {
    let mut options = std::fs::OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Replaces a file's content at once: another reader sees the old text or the new, never a part.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    use std::io::Write as _;
    let folder = path.parent().unwrap_or(Path::new("."));
    let beside = path.with_extension(format!("new-{}", std::process::id()));
    let result = (|| {
        let mut file = private_file().write(true).create(true).truncate(true).open(&beside)?;
        file.write_all(content)?;
        file.sync_all()?;
        std::fs::rename(&beside, path)?;
        std::fs::File::open(folder)?.sync_all()
    })();
    if result.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_setting_names_the_state_folder() {
        for (vars, want) in [
            (vec![("KOPILOT_STATE_DIR", "/k"), ("XDG_STATE_HOME", "/x"), ("HOME", "/h")], Some("/k")),
            (vec![("XDG_STATE_HOME", "/x"), ("HOME", "/h")], Some("/x/kopilot-tui")),
            (vec![("XDG_STATE_HOME", ""), ("HOME", "/h")], Some("/h/.local/state/kopilot-tui")),
            (vec![], None),
        ] {
            let env = |name: &str| vars.iter().find(|(k, _)| *k == name).map(|(_, v)| (*v).to_owned());
            assert_eq!(state(&env), want.map(PathBuf::from));
        }
    }
}
