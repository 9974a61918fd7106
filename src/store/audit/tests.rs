use super::*;
use crate::model::{Action, Digest, DryRun, ObjectRef, Operation, Read, Reviewed, Risk, Scope, TurnId};

fn plan() -> Plan {
    Plan {
        turn: TurnId(1),
        operation: Operation { action: Action::Read(Read::Version), scope: Scope::Context },
        command: Clean::line("rollout undo deployment/api -n shop"),
        context: Clean::line("demo"),
        namespace: Clean::line("shop"),
        risk: Risk::Medium,
        rule: "workload",
        requests: Vec::new(),
        objects: vec![Reviewed {
            object: ObjectRef::new("Deployment", "shop", "api"),
            kind: crate::model::KindRef::new("apps", "v1", "deployments", "Deployment", true),
            uid: "u".into(),
            resource_version: "7".into(),
            before: Clean::default(),
            fingerprint: Digest::of(b"x"),
            diff: Vec::new(),
        }],
        dry_run: DryRun::Accepted,
        access: Vec::new(),
        notes: Vec::new(),
        undo: None,
        evidence: vec![crate::model::EvidenceId(2)],
        digest: Digest::of(b"plan"),
        made_at: Timestamp::UNIX_EPOCH,
    }
}

fn open(folder: &Path) -> Audit {
    let session = Session { user: "alice".into(), login: "alice (uid 7)".into(), role: Role::Admin, cluster: "https://10.0.0.1".into() };
    Audit::open(folder, session, Redactor::new([0; 32]), Timestamp::UNIX_EPOCH).unwrap()
}

/// A session of four lines.
fn written(folder: &Path) -> PathBuf {
    let mut audit = open(folder);
    audit.refused(&plan(), "denied", "not now\nreally", &Note::default(), Timestamp::UNIX_EPOCH).unwrap();
    audit.refused(&plan(), "lapsed", "nobody answered", &Note::default(), Timestamp::UNIX_EPOCH).unwrap();
    audit.outcome(&plan(), &Outcome::Worked(Clean::line("4/4 ready")), &[Clean::line("deployment/api@8")], Timestamp::UNIX_EPOCH).unwrap();
    audit.path().to_owned()
}

fn broken(folder: &Path) -> Option<(u64, String)> {
    verify::folder(folder).unwrap().into_iter().find_map(|s| s.broken)
}

#[test]
fn a_whole_chain_is_sound_and_says_what_was_decided() {
    let dir = tempfile::tempdir().unwrap();
    written(dir.path());
    written(dir.path());
    let sessions = verify::folder(dir.path()).unwrap();
    assert_eq!(sessions.iter().map(|s| (s.lines.len(), s.broken.clone())).collect::<Vec<_>>(), [(4, None), (4, None)]);
    let line = &sessions[0].lines[1].fields;
    assert_eq!(line["decision"], "denied");
    assert_eq!(line["reason"], "not now\\nreally");
    assert_eq!(line["command"], "rollout undo deployment/api -n shop");
    assert_eq!(line["evidence"][0], "E2");
    assert_eq!(line["resource_version"][0], "deployment/api@7");
}

#[test]
fn an_altered_a_cut_a_deleted_and_a_rewritten_session_are_found_at_their_line() {
    type Harm = fn(&Path, &Path);
    let cases: &[(&str, Harm, u64, &str)] = &[
        ("altered", |f, _| std::fs::write(f, std::fs::read_to_string(f).unwrap().replace("nobody answered", "approved")).unwrap(), 3, "altered"),
        ("a line taken out", |f, _| without(f, 2), 2, "says it is line 3"),
        ("cut at its end", |f, _| without(f, 4), 4, "was cut"),
        ("deleted", |f, _| std::fs::remove_file(f).unwrap(), 0, "gone"),
        ("no anchor", |_, d| std::fs::remove_file(d.join("anchor.json")).unwrap(), 1, "anchor knows 0"),
        ("torn anchor", |_, d| std::fs::write(d.join("anchor.json"), "{").unwrap(), 1, "anchor"),
        ("rubbish", |f, _| std::fs::write(f, "rubbish\n").unwrap(), 1, "no JSON"),
    ];
    for (name, harm, at, why) in cases {
        let dir = tempfile::tempdir().unwrap();
        let file = written(dir.path());
        assert_eq!(broken(dir.path()), None, "{name}: sound before");
        harm(&file, dir.path());
        let (line, said) = broken(dir.path()).unwrap_or_else(|| panic!("{name}: not found"));
        assert_eq!(line, *at, "{name}: {said}");
        assert!(said.contains(why), "{name}: {said}");
    }
}

fn without(file: &Path, line: usize) {
    let text = std::fs::read_to_string(file).unwrap();
    let kept: String = text.split_inclusive('\n').enumerate().filter(|(n, _)| n + 1 != line).map(|(_, l)| l).collect();
    std::fs::write(file, kept).unwrap();
}

#[test]
fn a_line_that_was_written_but_not_yet_anchored_is_no_break() {
    let dir = tempfile::tempdir().unwrap();
    let mut audit = open(dir.path());
    let before = std::fs::read(dir.path().join("anchor.json")).unwrap();
    audit.refused(&plan(), "denied", "", &Note::default(), Timestamp::UNIX_EPOCH).unwrap();
    std::fs::write(dir.path().join("anchor.json"), before).unwrap();
    assert_eq!(broken(dir.path()), None);
}

#[test]
fn a_folder_that_can_not_be_written_gives_no_chain() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("taken");
    std::fs::write(&file, "").unwrap();
    let session = Session { user: "alice".into(), login: "alice (uid 7)".into(), role: Role::Admin, cluster: "https://10.0.0.1".into() };
    let trouble = Audit::open(&file.join("audit"), session, Redactor::new([0; 32]), Timestamp::UNIX_EPOCH).unwrap_err();
    assert!(trouble.to_string().contains("KOPILOT_STATE_DIR"), "{trouble}");
}

#[test]
fn an_anchor_that_can_not_be_moved_takes_the_line_back() {
    let dir = tempfile::tempdir().unwrap();
    let mut audit = open(dir.path());
    let before = std::fs::read(audit.path()).unwrap();
    std::fs::remove_file(dir.path().join("anchor.json")).unwrap();
    std::fs::create_dir(dir.path().join("anchor.json")).unwrap();
    audit.refused(&plan(), "denied", "", &Note::default(), Timestamp::UNIX_EPOCH).unwrap_err();
    assert_eq!(std::fs::read(audit.path()).unwrap(), before);
}

#[cfg(unix)]
#[test]
fn the_folder_is_0700_and_the_files_are_0600() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("state/audit");
    let file = written(&folder);
    let mode = |p: &Path| std::fs::metadata(p).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&folder), mode(&file), mode(&folder.join("anchor.json"))), (0o700, 0o600, 0o600));
}

/// The plan approved by keys, as the screen does it.
fn approved(plan: &Plan) -> Approval {
    use crate::policy::approval::{Challenge, Pressed};
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
    let at = |s: i64| Timestamp::from_second(s).unwrap();
    let mut challenge = Challenge::mint(plan, "alice", at(0), at(0));
    challenge.press(&KeyEvent::new(KeyCode::Right, KeyModifiers::NONE), at(5));
    match challenge.press(&KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE), at(5)) {
        Pressed::Approved(approval) => approval,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_line_says_who_decided_what_about_which_cluster_and_what_it_left_behind() {
    let dir = tempfile::tempdir().unwrap();
    let mut audit = open(dir.path());
    let note = Note {
        edited_from: "scale deployment/api --replicas=9".into(),
        allows: "scale deployments -n shop until 12:00:00Z".into(),
        before: "/s/b.yaml".into(),
    };
    audit.approved(&plan(), &approved(&plan()), &note, Timestamp::UNIX_EPOCH).unwrap();
    audit.outcome(&plan(), &Outcome::Worked(Clean::line("done")), &[Clean::line("deployment/api@8")], Timestamp::UNIX_EPOCH).unwrap();
    audit.revoked("scale deployments -n shop", "Revoked.", Timestamp::UNIX_EPOCH).unwrap();
    let lines = &verify::folder(dir.path()).unwrap()[0].lines;
    for (field, want) in [
        ("user", "alice"),
        ("login", "alice (uid 7)"),
        ("cluster", "https://10.0.0.1"),
        ("decision", "approved"),
        ("edited_from", "scale deployment/api --replicas=9"),
        ("allows", "scale deployments -n shop until 12:00:00Z"),
        ("before", "/s/b.yaml"),
    ] {
        assert_eq!(lines[1].fields[field], want);
    }
    assert_eq!(lines[2].fields["resulting"][0], "deployment/api@8");
    assert_eq!((&lines[3].fields["decision"], &lines[3].fields["allows"]), (&"revoked".into(), &"scale deployments -n shop".into()));
}

#[test]
fn a_yes_without_an_outcome_is_unknown_once_its_process_is_gone() {
    let dir = tempfile::tempdir().unwrap();
    let mut audit = open(dir.path());
    let of = || fate::undecided(dir.path(), &verify::folder(dir.path()).unwrap()[0]).iter().map(|u| (u.seq, u.under_way)).collect::<Vec<_>>();
    audit.approved(&plan(), &approved(&plan()), &Note::default(), Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(of(), [(2, true)], "its process runs");
    audit.outcome(&plan(), &Outcome::Void(Clean::line("changed")), &[], Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(of(), []);
    audit.approved(&plan(), &approved(&plan()), &Note::default(), Timestamp::UNIX_EPOCH).unwrap();
    audit.refused(&plan(), "denied", "", &Note::default(), Timestamp::UNIX_EPOCH).unwrap();
    drop(audit);
    assert_eq!(of(), [(4, false)]);
}

#[test]
fn an_approval_of_another_plan_gets_no_receipt() {
    let dir = tempfile::tempdir().unwrap();
    let mut audit = open(dir.path());
    let other = Plan { digest: Digest::of(b"other"), ..plan() };
    audit.approved(&plan(), &approved(&other), &Note::default(), Timestamp::UNIX_EPOCH).unwrap_err();
    assert_eq!(verify::folder(dir.path()).unwrap()[0].lines.len(), 1);
}

#[test]
fn a_half_written_last_line_is_no_break_and_a_half_written_earlier_one_is() {
    let dir = tempfile::tempdir().unwrap();
    let file = written(dir.path());
    let whole = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{whole}{{\"seq\":5,\"at\":\"19")).unwrap();
    let session = &verify::folder(dir.path()).unwrap()[0];
    assert_eq!((session.lines.len(), session.torn, session.broken.clone()), (4, true, None));
    std::fs::write(&file, &whole[..whole.len() - 9]).unwrap();
    assert_eq!(broken(dir.path()).unwrap().0, 4, "the anchor knows that line");
}

#[test]
fn secrets_never_reach_a_line() {
    let dir = tempfile::tempdir().unwrap();
    let mut audit = open(dir.path());
    let canary = "hunter2-canary-0042";
    let hostile = Plan { command: Clean::line(&format!("set env deployment/api DB_PASSWORD={canary} -n shop")), ..plan() };
    let note = Note { edited_from: format!("run x --env=API_TOKEN={canary}"), ..Note::default() };
    audit.refused(&hostile, "denied", &format!("password={canary}"), &note, Timestamp::UNIX_EPOCH).unwrap();
    audit.approved(&hostile, &approved(&hostile), &note, Timestamp::UNIX_EPOCH).unwrap();
    let outcome = Outcome::Unknown(Clean::line(&format!("Authorization: Bearer {canary}.{canary}")));
    audit.outcome(&hostile, &outcome, &[], Timestamp::UNIX_EPOCH).unwrap();
    let text = std::fs::read_to_string(audit.path()).unwrap();
    assert!(!text.contains(canary), "{text}");
    assert_eq!(text.lines().count(), 4);
}

#[test]
fn sessions_that_write_at_the_same_time_do_not_mix() {
    let dir = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut audit = open(dir.path());
                for _ in 0..10 {
                    audit.refused(&plan(), "denied", "", &Note::default(), Timestamp::UNIX_EPOCH).unwrap();
                }
            });
        }
    });
    let sessions = verify::folder(dir.path()).unwrap();
    assert_eq!(sessions.iter().map(|s| (s.lines.len(), s.broken.clone())).collect::<Vec<_>>(), vec![(11, None); 4]);
}
