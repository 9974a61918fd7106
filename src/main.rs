//! Arguments → config → a front end → exit code; no logic beyond choosing.
use anyhow::Context as _;
use clap::Parser as _;
use kopilot_tui::agent::Mode;
use kopilot_tui::app::state::Setup;
use kopilot_tui::cli::{self, Cli, Command};
use kopilot_tui::headless::out::{Out, code, say};
use kopilot_tui::headless::{ask, audit, demo as demo_front, diagnose as rules, live, playbooks as playbooks_front, policy};
use kopilot_tui::model::{Namespaces, Role, Timestamp, Trouble, TroubleClass};
use kopilot_tui::policy::Rules;
use kopilot_tui::runtime::clock::Clocks;
use kopilot_tui::runtime::{Session, Source, playbooks, screen, session};
use kopilot_tui::store::config::{self, Config, Flags};
use kopilot_tui::term::Abilities;
use kopilot_tui::ui::theme::Theme;
use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::time::Duration;

#[path = "main/embedded.rs"]
mod embedded;

fn main() -> ExitCode {
    // Before anything that could want TLS: one provider for all of rustls' users.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        // what was typed is in the sentence, and may hold anything
        Err(wrong) if wrong.use_stderr() => {
            say(wrong.render().to_string().trim_end());
            return ExitCode::from(code::USAGE);
        }
        Err(help) => help.exit(),
    };
    let code = match run(cli) {
        Ok(code) => code,
        Err(error) => {
            say(&format!("kopilot-tui: {error:#}"));
            let configured_wrong = error.is::<config::Mistake>() || error.downcast_ref::<Trouble>().is_some_and(|t| t.class == TroubleClass::Config);
            if configured_wrong { code::USAGE } else { code::NO_ANSWER }
        }
    };
    ExitCode::from(code)
}

fn run(cli: Cli) -> anyhow::Result<u8> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("start the async runtime")?;
    let result = runtime.block_on(async {
        match cli.command {
            None => Box::pin(open_screen(cli.screen)).await,
            Some(Command::Ask(args)) => ask_once(args).await,
            Some(Command::Policy(cli::Policy::Explain(args))) => explain(&args),
            Some(Command::Audit(args)) => audited(&args),
            Some(Command::Playbooks(args)) => known(&args),
            Some(Command::Demo(cli::DemoCommand::Serve(args))) => serve(args).await,
            Some(Command::Diagnose(args)) => diagnose(args).await,
        }
    });
    // A name lookup that hangs must not keep the process.
    runtime.shutdown_timeout(Duration::from_millis(100));
    result
}

fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn configured(role: Option<Role>, model: &cli::Model, theme: Option<&String>) -> anyhow::Result<Config> {
    let provider = model.provider.as_deref().map(str::parse).transpose();
    let provider = provider.map_err(|mistake| config::Mistake { place: "--provider".into(), mistake })?;
    let flags = Flags { role, provider, model: model.model.clone(), theme: theme.cloned() };
    Ok(config::load(&environment, &flags, Theme::names())?)
}

/// The session of a front end: the embedded cluster, whose role is admin, or a real one, read only unless said otherwise.
fn opened(config: Config, place: &cli::Place, demo: &cli::Demo) -> anyhow::Result<Session> {
    let role = config.role.unwrap_or(if demo.demo { Role::Admin } else { Role::Readonly });
    let clocks = Clocks::wall(demo.still.then(Timestamp::now));
    let source: Source =
        if demo.demo { session::later(embedded::start(demo.still, clocks.cluster.clone())) } else { session::kubeconfig(place.kubeconfig.clone()) };
    let session = Session::new(config, role, source, clocks)?;
    Ok(Session { playbooks: playbooks::all(&environment)?, ..session })
}

fn namespaces(place: &cli::Place) -> Namespaces {
    if place.all_namespaces { Namespaces::All } else { place.namespace.clone().map_or(Namespaces::Own, Namespaces::Named) }
}

async fn open_screen(args: cli::Screen) -> anyhow::Result<u8> {
    let terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let abilities = match Abilities::read(&environment, terminal) {
        Ok(abilities) => abilities,
        Err(refusal) => {
            say(&format!("kopilot-tui: {refusal}"));
            return Ok(code::USAGE);
        }
    };
    let config = configured(args.role, &args.model, args.theme.as_ref())?;
    let name = config.theme.clone().unwrap_or_else(|| if abilities.colour { "default" } else { "mono" }.to_owned());
    let theme = Theme::builtin(&name).with_context(|| format!("theme `{name}` is not built in"))?;
    let session = opened(config, &args.place, &args.demo)?;
    let (role, namespaces) = (session.role, namespaces(&args.place));
    let ascii = !abilities.utf8;
    let setup = move |size| Setup { role, context: args.place.context, namespaces, still: args.demo.still, ascii, size };
    let result = Box::pin(screen::run(session, setup, screen::Look { theme, abilities })).await;
    embedded::clean();
    result
}

async fn ask_once(args: cli::Ask) -> anyhow::Result<u8> {
    let config = configured(args.role, &args.model, None)?;
    let session = opened(config, &args.place, &args.demo)?;
    let mode = match args.mode {
        cli::Mode::Diagnose => Mode::Diagnose,
        cli::Mode::Ask => Mode::Ask,
    };
    let namespaces = namespaces(&args.place);
    let question = ask::Question { text: args.question, mode, context: args.place.context, namespaces, json: args.json, export: args.export };
    let result = ask::run(session, question, &mut Out::stdout()).await;
    embedded::clean();
    result
}

fn explain(args: &cli::Explain) -> anyhow::Result<u8> {
    let config = configured(None, &cli::Model::default(), None)?;
    let mut rules = Rules::new(args.role, &args.context_namespace);
    rules.protected_namespaces.extend(config.protected_namespaces);
    rules.hidden_namespaces.extend(config.hidden_namespaces);
    rules.blocked_resources.extend(config.blocked_resources);
    let manifest = args.manifest.as_deref().map(policy::manifest).transpose()?;
    let (explained, _) = policy::explain(&args.command, manifest.as_deref(), &rules);
    let mut out = Out::stdout();
    if args.json {
        out.json(&explained)?;
    } else {
        out.write(&policy::rendered(&explained))?;
    }
    Ok(code::DONE)
}

fn audited(args: &cli::Audit) -> anyhow::Result<u8> {
    let config = configured(None, &cli::Model::default(), None)?;
    let state = config
        .state
        .ok_or_else(|| Trouble::new(TroubleClass::Config, "find the audit chain", "neither HOME nor XDG_STATE_HOME is set").hint("set KOPILOT_STATE_DIR"))?;
    let folder = state.join("audit");
    match args {
        cli::Audit::Show { json } => audit::show(&folder, *json, &mut Out::stdout()),
        cli::Audit::Export { format: cli::Export::Json } => audit::export::json(&folder, &mut Out::stdout()),
        cli::Audit::Export { format: cli::Export::Csv } => audit::export::csv(&folder, &mut Out::stdout()),
        cli::Audit::Verify { json } => audit::verify(&folder, *json, &mut Out::stdout()),
    }
}

fn known(args: &cli::Playbooks) -> anyhow::Result<u8> {
    match args {
        cli::Playbooks::List { json } => playbooks_front::list(&playbooks::load(&environment)?, *json, &mut Out::stdout()),
        cli::Playbooks::Test { file } => playbooks_front::test(file, &mut Out::stdout()),
    }
}

async fn serve(args: cli::Serve) -> anyhow::Result<u8> {
    let path = args.kubeconfig.clone();
    let still = args.still;
    let served = embedded::serve(args, Clocks::wall(still.then(Timestamp::now)).cluster).await?;
    demo_front::stay(&served.url, &served.kubeconfig, &path, &mut Out::stdout()).await
}

async fn diagnose(args: cli::Diagnose) -> anyhow::Result<u8> {
    let config = configured(None, &cli::Model::default(), None)?;
    let session = opened(config, &args.place, &args.demo)?;
    let playbooks = session.playbooks.clone();
    let report = if let Some(dump) = &args.from {
        let (namespace, all) = (args.place.namespace.as_deref(), args.place.all_namespaces);
        let (object, include) = (args.object.as_deref(), args.include.clone());
        rules::from_dump(dump, rules::Asked { namespace, all, object, now: args.now, include, playbooks }, &session.redactor)
    } else {
        let namespaces = namespaces(&args.place);
        live::report(&session, &live::Scope { context: args.place.context, namespaces, object: args.object, include: args.include, playbooks }).await
    };
    embedded::clean();
    let report = report?;
    let mut out = Out::stdout();
    if args.json {
        out.json(&rules::json(&report))?;
    } else {
        let colour = std::io::stdout().is_terminal() && environment("NO_COLOR").is_none_or(|v| v.is_empty());
        out.write(&rules::render(&report, colour))?;
    }
    Ok(rules::exit_code(&report, args.fail_on))
}
