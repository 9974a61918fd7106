//! Pictures of the real screen, made from the cells of a real run. Not a test: run it to make them anew.
use super::program::Home;
use super::pty::Pty;
use super::svg;
use std::path::Path;
use std::time::Duration;

fn keep(pty: &Pty, name: &str) {
    pty.quiet(Duration::from_millis(700));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(name), pty.look(svg::draw)).unwrap();
}

#[test]
#[ignore = "makes screenshots/*.svg anew"]
fn screenshots() {
    for (size, label) in [((120, 36), "120x36"), ((200, 60), "200x60")] {
        let home = Home::new();
        let mut pty = home.screen(size, &["--demo", "--still"]);
        pty.until("the pods and the problems", |s| s.contains("CrashLoopBackOff") && s.contains("✗ "));
        keep(&pty, &format!("panel-{label}.svg"));
        pty.keys("i");
        pty.see("INSERT");
        pty.keys("why is api failing?\r");
        pty.until("the dialog", |s| s.contains("APPROVE 1 of 1") && s.contains("to Approve, then enter"));
        keep(&pty, &format!("approval-{label}.svg"));
        pty.keys("\x1b");
        pty.gone("APPROVE 1 of 1");
        keep(&pty, &format!("answer-{label}.svg"));
        pty.keys("?");
        pty.see("HELP");
        keep(&pty, &format!("help-{label}.svg"));
        pty.keys("\x1b");
        pty.gone("HELP");
        pty.keys(":q\r");
        assert_eq!(pty.ended(), 0);
    }
}
