//! Bad input: whatever is wrong with the kubeconfig or the server, the screen opens, says which and what to do, and
//! recovers by itself or on `r`.
use super::program::{Home, kubeconfig};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

const SIZE: (u16, u16) = (160, 36);

/// A server on loopback that treats every connection the same; it ends with the test process.
fn server(treat: impl Fn(TcpStream) + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let treat = std::sync::Arc::new(treat);
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let treat = treat.clone();
            std::thread::spawn(move || treat(stream));
        }
    });
    address
}

/// Answers every request with this status and body.
fn answers(status: &'static str, reason: &'static str, code: u16) -> String {
    server(move |mut stream| {
        let body = format!(
            "{{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{{}},\"status\":\"Failure\",\"message\":\"scripted {reason}\",\"reason\":\"{reason}\",\"code\":{code}}}"
        );
        let mut chunk = [0u8; 8192];
        while stream.read(&mut chunk).is_ok_and(|n| n > 0) {
            let _ = write!(stream, "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        }
    })
}

/// What is wrong, and what the screen must say of it.
fn cases() -> Vec<(&'static str, Option<String>, Vec<&'static str>)> {
    vec![
        ("no kubeconfig", None, vec!["does not exist"]),
        ("empty", Some(String::new()), vec!["is empty"]),
        ("broken", Some("contexts: [\nx: {".into()), vec!["line "]),
        ("no current context", Some(kubeconfig("http://127.0.0.1:1").replace("current-context: test\n", "")), vec!["no context is chosen"]),
        ("refused port", Some(kubeconfig("http://127.0.0.1:1")), vec!["refused"]),
        ("401", Some(kubeconfig(&answers("401 Unauthorized", "Unauthorized", 401))), vec!["does not know these credentials"]),
        ("403", Some(kubeconfig(&answers("403 Forbidden", "Forbidden", 403))), vec!["DENIED"]),
    ]
}

#[test]
fn the_screen_opens_and_says_what_is_wrong() {
    for (name, text, wants) in cases() {
        let home = Home::new();
        if let Some(text) = text {
            home.file("kubeconfig", &text);
        }
        let mut pty = home.screen(SIZE, &["--kubeconfig", &home.short("kubeconfig")]);
        pty.see("NORMAL");
        for want in wants {
            pty.until(&format!("{name}: {want}"), |screen| screen.contains(want));
        }
        pty.keys(":q\r");
        assert_eq!(pty.ended(), 0, "{name}");
        pty.assert_restored();
    }
}

#[test]
fn an_unknown_context_is_named_with_those_that_exist() {
    let home = Home::new();
    home.file("kubeconfig", &kubeconfig("http://127.0.0.1:1"));
    let pty = home.screen(SIZE, &["--kubeconfig", &home.short("kubeconfig"), "--context", "staging"]);
    pty.until("the unknown context and the known one", |s| s.contains("staging") && s.contains("test"));
}

#[test]
fn a_kubeconfig_that_is_repaired_works_on_r() {
    let home = Home::new();
    let mut pty = home.screen(SIZE, &["--kubeconfig", &home.short("kubeconfig")]);
    pty.see("does not exist");
    home.file("kubeconfig", &kubeconfig(&answers("403 Forbidden", "Forbidden", 403)));
    pty.keys("r");
    pty.see("DENIED");
}

#[test]
fn a_server_that_never_answers_keeps_neither_the_screen_nor_the_end_waiting() {
    let home = Home::new();
    let silent = server(|mut stream| {
        let mut sink = Vec::new();
        let _ = stream.read_to_end(&mut sink);
    });
    home.file("kubeconfig", &kubeconfig(&silent));
    let mut pty = home.screen(SIZE, &["--kubeconfig", &home.short("kubeconfig")]);
    pty.see("CONNECTING");
    pty.keys("?");
    pty.see("HELP");
    pty.keys("\x1b");
    pty.gone("HELP");
    pty.keys(":q\r");
    assert_eq!(pty.ended(), 0);
    pty.assert_restored();
}
