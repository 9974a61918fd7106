//! The program under test: the real binary with a home of its own.
use super::pty::Pty;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A home folder and the ways to start the program in it.
pub struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap() }
    }
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
    /// Writes a file into it.
    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }
    /// A file's path from where the screen runs: short, so that it is not broken over rows.
    pub fn short(&self, name: &str) -> String {
        format!("{}/{name}", self.path().file_name().unwrap().to_str().unwrap())
    }
    fn env(&self) -> Vec<(&'static str, String)> {
        let home = self.path().to_str().unwrap().to_owned();
        vec![("HOME", home.clone()), ("XDG_RUNTIME_DIR", home.clone()), ("TMPDIR", home)]
    }
    /// The screen on a terminal of so many columns and rows.
    pub fn screen(&self, size: (u16, u16), args: &[&str]) -> Pty {
        self.screen_with(size, args, &[])
    }
    /// The same with more environment.
    pub fn screen_with(&self, size: (u16, u16), args: &[&str], more: &[(&str, &str)]) -> Pty {
        let own = self.env();
        let env: Vec<(&str, &str)> = own.iter().map(|(k, v)| (*k, v.as_str())).chain(more.iter().copied()).collect();
        Pty::spawn(binary(), size, args, &env)
    }
    /// A headless command, to its end.
    pub fn run(&self, args: &[&str]) -> Output {
        Command::new(binary())
            .args(args)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("LANG", "C.UTF-8")
            .envs(self.env())
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }
}

pub fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_kopilot-tui"))
}

/// A kubeconfig whose only context, `test`, is at this address.
pub fn kubeconfig(server: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: test\nclusters:\n- name: c\n  cluster: {{server: '{server}'}}\nusers:\n- name: alice\n  user: {{token: t}}\ncontexts:\n- name: test\n  context: {{cluster: c, user: alice, namespace: shop}}\n"
    )
}
