//! The real binary on a pseudo-terminal, its output fed to a terminal model: keys in, a screen out, bytes counted.
//!
//! Nothing here waits for a time: every wait is for a condition, with a bound that only a broken program reaches.
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read as _, Write as _};
use std::num::NonZeroU16;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

/// How long a condition may take to come true; only a broken program takes so long.
pub const BOUND: Duration = Duration::from_secs(20);

/// What the program has written.
struct Output {
    model: vt100::Parser,
    raw: Vec<u8>,
    closed: bool,
}

/// A program on a terminal; dropping it kills the program.
pub struct Pty {
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn std::io::Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    output: Arc<(Mutex<Output>, Condvar)>,
    before: String,
}

fn cells(n: u16) -> NonZeroU16 {
    NonZeroU16::new(n).unwrap()
}

impl Pty {
    /// Starts `binary` with `args` and `env` on a terminal of so many columns and rows. Nothing of the surrounding
    /// environment that could change what is drawn reaches it.
    pub fn spawn(binary: &Path, size: (u16, u16), args: &[&str], env: &[(&str, &str)]) -> Self {
        let pair = native_pty_system().openpty(PtySize { cols: size.0, rows: size.1, pixel_width: 0, pixel_height: 0 }).unwrap();
        let before = format!("{:?}", pair.master.get_termios());
        let mut command = CommandBuilder::new(binary);
        command.args(args);
        command.cwd(env!("CARGO_TARGET_TMPDIR"));
        command.env_clear();
        for (name, value) in [("PATH", "/usr/bin:/bin"), ("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("HOME", "/nonexistent")] {
            command.env(name, value);
        }
        for (name, value) in env {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let output =
            Arc::new((Mutex::new(Output { model: vt100::Parser::new(cells(size.1), cells(size.0), 0), raw: Vec::new(), closed: false }), Condvar::new()));
        let mut reader = pair.master.try_clone_reader().unwrap();
        let shared = output.clone();
        std::thread::spawn(move || {
            let mut chunk = vec![0; 65536];
            loop {
                let n = reader.read(&mut chunk).unwrap_or(0);
                let (lock, changed) = &*shared;
                let mut out = lock.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                if n == 0 {
                    out.closed = true;
                } else {
                    out.model.process(&chunk[..n]);
                    out.raw.extend_from_slice(&chunk[..n]);
                }
                changed.notify_all();
                if n == 0 {
                    return;
                }
            }
        });
        let writer = pair.master.take_writer().unwrap();
        Self { master: pair.master, writer, child, output, before }
    }

    /// Types keys: text as it is, escapes as a terminal sends them.
    pub fn keys(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).unwrap();
        self.writer.flush().unwrap();
    }

    /// Pastes text as a terminal with bracketed paste does.
    pub fn paste(&mut self, text: &str) {
        self.keys(&format!("\x1b[200~{text}\x1b[201~"));
    }

    /// The screen's text, one line a row.
    pub fn screen(&self) -> String {
        self.output.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).model.screen().contents()
    }

    /// A look at the terminal model.
    pub fn look<T>(&self, f: impl FnOnce(&vt100::Screen) -> T) -> T {
        f(self.output.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).model.screen())
    }

    /// Every byte written so far.
    pub fn raw(&self) -> Vec<u8> {
        self.output.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).raw.clone()
    }

    /// How many bytes were written so far.
    pub fn written(&self) -> usize {
        self.output.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).raw.len()
    }

    /// Waits until the screen holds; panics with the screen when it does not within the bound.
    pub fn until(&self, what: &str, holds: impl Fn(&str) -> bool) -> String {
        let (lock, changed) = &*self.output;
        let end = Instant::now() + BOUND;
        let mut out = lock.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        loop {
            let text = out.model.screen().contents();
            if holds(&text) {
                return text;
            }
            let left = end.saturating_duration_since(Instant::now());
            assert!(!left.is_zero() && !out.closed, "{what}: not seen{}\n{text}", if out.closed { "; the program ended" } else { "" });
            out = changed.wait_timeout(out, left).unwrap_or_else(std::sync::PoisonError::into_inner).0;
        }
    }

    /// Waits until the bytes written so far hold; panics with their end when they do not within the bound.
    pub fn until_raw(&self, what: &str, holds: impl Fn(&[u8]) -> bool) {
        let (lock, changed) = &*self.output;
        let end = Instant::now() + BOUND;
        let mut out = lock.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        while !holds(&out.raw) {
            let left = end.saturating_duration_since(Instant::now());
            assert!(!left.is_zero() && !out.closed, "{what}: not seen in {:?}", String::from_utf8_lossy(&out.raw[out.raw.len().saturating_sub(200)..]));
            out = changed.wait_timeout(out, left).unwrap_or_else(std::sync::PoisonError::into_inner).0;
        }
    }

    /// Waits until the screen shows a text.
    pub fn see(&self, text: &str) -> String {
        self.until(text, |screen| screen.contains(text))
    }

    /// Waits until the screen no longer shows a text.
    pub fn gone(&self, text: &str) -> String {
        self.until(&format!("without {text:?}"), |screen| !screen.contains(text))
    }

    /// Presses a key, and again each time the screen does not hold soon after, until it does.
    pub fn press_until(&mut self, key: &str, holds: impl Fn(&str) -> bool) {
        let end = Instant::now() + BOUND;
        loop {
            self.keys(key);
            let again = Instant::now() + Duration::from_millis(400);
            while Instant::now() < again {
                if holds(&self.screen()) {
                    return;
                }
                std::thread::sleep(Duration::from_millis(10));
            }
            assert!(Instant::now() < end, "{key:?} does nothing\n{}", self.screen());
        }
    }

    /// Waits until nothing was written for so long (a condition of its own, not a delay), and returns the bytes written
    /// until then.
    pub fn quiet(&self, span: Duration) -> usize {
        let (lock, changed) = &*self.output;
        let end = Instant::now() + BOUND;
        let mut out = lock.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        loop {
            let before = out.raw.len();
            let (guard, wait) = changed.wait_timeout(out, span).unwrap();
            out = guard;
            if wait.timed_out() && out.raw.len() == before {
                return before;
            }
            assert!(Instant::now() < end, "never quiet for {span:?}\n{}", out.model.screen().contents());
        }
    }

    /// Another terminal size.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.output.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).model.set_size(cells(rows), cells(columns));
        self.master.resize(PtySize { cols: columns, rows, pixel_width: 0, pixel_height: 0 }).unwrap();
    }

    /// The program's process id.
    pub fn id(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// Sends a signal by name: `TERM`, `HUP`, `INT`.
    pub fn signal(&self, name: &str) {
        assert!(std::process::Command::new("kill").args(["-s", name, &self.id().to_string()]).status().unwrap().success());
    }

    /// Waits until the program is stopped, as by ctrl-z.
    pub fn stopped(&self) {
        let end = Instant::now() + BOUND;
        loop {
            let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.id()));
            let state = stat.map_or_else(
                |_| {
                    let told = std::process::Command::new("ps").args(["-o", "state=", "-p", &self.id().to_string()]).output().unwrap();
                    String::from_utf8_lossy(&told.stdout).into_owned()
                },
                |stat| stat.rsplit(") ").next().unwrap_or_default().to_owned(),
            );
            if state.starts_with('T') {
                return;
            }
            assert!(Instant::now() < end, "the program is not stopped\n{}", self.screen());
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }

    /// Waits for the end: the exit code, or a panic with the screen when it does not come.
    pub fn ended(&mut self) -> u32 {
        let end = Instant::now() + BOUND;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                self.drain();
                return status.exit_code();
            }
            assert!(Instant::now() < end, "the program does not end\n{}", self.screen());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits for the last bytes after the end.
    fn drain(&self) {
        let (lock, changed) = &*self.output;
        let mut out = lock.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let end = Instant::now() + BOUND;
        while !out.closed && Instant::now() < end {
            out = changed.wait_timeout(out, Duration::from_millis(50)).unwrap().0;
        }
    }

    /// That the terminal is as it was: main screen, cursor shown, no paste or mouse mode, the line discipline unchanged.
    pub fn assert_restored(&self) {
        self.look(|s| {
            assert!(!s.alternate_screen(), "the alternate screen was not left");
            assert!(!s.hide_cursor(), "the cursor is hidden");
            assert!(!s.bracketed_paste(), "bracketed paste is still on");
            assert!(s.mouse_protocol_mode() == vt100::MouseProtocolMode::None, "the mouse is still captured");
        });
        assert_eq!(format!("{:?}", self.master.get_termios()), self.before, "the line discipline changed");
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
