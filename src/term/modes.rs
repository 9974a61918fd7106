//! The terminal's modes: entered by one function, left by one. [`restore`] may be called from anywhere, any number of
//! times (exit, panic, signal, suspend), and a dead terminal makes it fail quietly.
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd as _;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// Alternate screen, bracketed paste, no cursor, plain style, cleared.
const ENTER: &[u8] = b"\x1b[?1049h\x1b[?2004h\x1b[?25l\x1b[m\x1b[2J";
/// The frame's mark closed, and all of the above undone.
const LEAVE: &[u8] = b"\x1b[?2026l\x1b[m\x1b[?2004l\x1b[?25h\x1b[?1049l";

static ON: AtomicBool = AtomicBool::new(false);
static PANICKED: AtomicBool = AtomicBool::new(false);
static OUT: OnceLock<File> = OnceLock::new();

/// The terminal itself, past the buffers of `std::io::stdout`.
pub fn output() -> io::Result<File> {
    io::stdout().as_fd().try_clone_to_owned().map(File::from)
}

/// Raw mode and the modes of the screen.
pub fn enter() -> io::Result<()> {
    if OUT.get().is_none() {
        let _ = OUT.set(output()?);
    }
    // crossterm would turn a colour into a reset under NO_COLOR; the theme decides about colours.
    crossterm::style::force_color_output(true);
    crossterm::terminal::enable_raw_mode()?;
    ON.store(true, Ordering::SeqCst);
    OUT.get().map_or(Ok(()), |mut out| out.write_all(ENTER))
}

/// Gives the terminal back. Idempotent.
pub fn restore() {
    if !ON.swap(false, Ordering::SeqCst) {
        return;
    }
    if let Some(mut out) = OUT.get() {
        let _ = out.write_all(LEAVE);
        let _ = out.flush();
    }
    let _ = crossterm::terminal::disable_raw_mode();
}

/// Whether the modes are on.
pub fn entered() -> bool {
    ON.load(Ordering::SeqCst)
}

/// From now on a panic gives the terminal back before it says anything.
pub fn restore_on_panic() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        restore();
        PANICKED.store(true, Ordering::SeqCst);
        before(info);
    }));
}

/// Whether some thread panicked: the screen is gone, the program must end.
pub fn panicked() -> bool {
    PANICKED.load(Ordering::SeqCst)
}

/// Restores when dropped.
#[derive(Debug)]
pub struct Guard(());

impl Guard {
    /// Enters, to be restored when the guard goes.
    pub fn enter() -> io::Result<Self> {
        let guard = Self(());
        enter()?;
        Ok(guard)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        restore();
    }
}

/// The terminal's size; 80×24 where it does not know.
pub fn size() -> (u16, u16) {
    crossterm::terminal::size().ok().filter(|(w, h)| *w > 0 && *h > 0).unwrap_or((80, 24))
}
