//! The command line: clap types only. What it means is decided by `main` and the front ends.
use crate::model::{Role, Severity, Timestamp};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// A terminal dashboard for Kubernetes with an agent that shows what it read and changes nothing without approval.
#[derive(Debug, Parser)]
#[command(name = "kopilot-tui", version, about, subcommand_negates_reqs = true, args_conflicts_with_subcommands = true)]
pub struct Cli {
    /// Without a subcommand: the screen.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The screen's own flags.
    #[command(flatten)]
    pub screen: Screen,
}

/// Which cluster and namespace.
#[derive(Clone, Debug, Default, Args)]
pub struct Place {
    /// The kubeconfig file (else $KUBECONFIG, else ~/.kube/config)
    #[arg(long, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
    /// The kubeconfig context (else its current one)
    #[arg(long, value_name = "NAME")]
    pub context: Option<String>,
    /// The namespace (else the context's)
    #[arg(long, short = 'n', value_name = "NS", conflicts_with = "all_namespaces")]
    pub namespace: Option<String>,
    /// All namespaces
    #[arg(long, short = 'A')]
    pub all_namespaces: bool,
}

/// Who answers.
#[derive(Clone, Debug, Default, Args)]
pub struct Model {
    /// offline (the rules, no model), openai (any compatible server), ollama
    #[arg(long, value_name = "NAME")]
    pub provider: Option<String>,
    /// The model's name as its server knows it
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
}

/// The embedded cluster in place of a real one.
#[derive(Clone, Debug, Default, Args)]
pub struct Demo {
    /// Use the embedded cluster; needs nothing else
    #[arg(long, conflicts_with_all = ["kubeconfig", "context"])]
    pub demo: bool,
    /// With --demo: nothing moves unless someone writes, and the clock stands
    #[arg(long, requires = "demo")]
    pub still: bool,
}

/// Flags of the screen.
#[derive(Clone, Debug, Default, Args)]
pub struct Screen {
    /// Where
    #[command(flatten)]
    pub place: Place,
    /// readonly (default on a real cluster), operator (up to medium risk), admin (default with --demo)
    #[arg(long)]
    pub role: Option<Role>,
    /// Who answers
    #[command(flatten)]
    pub model: Model,
    /// default (the terminal's own 16 colours) or mono
    #[arg(long, value_name = "NAME")]
    pub theme: Option<String>,
    /// The embedded cluster
    #[command(flatten)]
    pub demo: Demo,
}

/// The headless front ends.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Ask one question; never writes: a proposed change is printed and exits 6
    Ask(Ask),
    /// Run the rules, no model
    Diagnose(Diagnose),
    /// What policy says of a command
    #[command(subcommand)]
    Policy(Policy),
    /// The audit chain: what was decided and what came of it
    #[command(subcommand)]
    Audit(Audit),
    /// The embedded cluster alone
    #[command(subcommand)]
    Demo(DemoCommand),
}

/// How a question is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, ValueEnum)]
pub enum Mode {
    /// Evidence first, reads offered
    #[default]
    Diagnose,
    /// No cluster read
    Ask,
}

/// `ask`.
#[derive(Debug, Args)]
pub struct Ask {
    /// The question
    pub question: String,
    /// Evidence first, or no cluster read at all
    #[arg(long, value_enum, default_value_t)]
    pub mode: Mode,
    /// readonly (default on a real cluster), operator, admin
    #[arg(long)]
    pub role: Option<Role>,
    /// One JSON document at the end, nothing else on stdout
    #[arg(long)]
    pub json: bool,
    /// Write each request body as it was sent, and the evidence, to this folder
    #[arg(long, value_name = "DIR")]
    pub export: Option<PathBuf>,
    /// Where
    #[command(flatten)]
    pub place: Place,
    /// Who answers
    #[command(flatten)]
    pub model: Model,
    /// The embedded cluster
    #[command(flatten)]
    pub demo: Demo,
}

/// `diagnose`.
#[derive(Debug, Args)]
pub struct Diagnose {
    /// Only what concerns this object: KIND/NAME
    #[arg(value_name = "KIND/NAME")]
    pub object: Option<String>,
    /// Read a dump in place of a cluster: `kubectl get -o yaml|json` files, or a `cluster-info dump` folder
    #[arg(long, value_name = "PATH", conflicts_with_all = ["kubeconfig", "context", "demo"])]
    pub from: Option<PathBuf>,
    /// With --from: what "now" is (RFC 3339)
    #[arg(long, requires = "from", value_name = "TIME")]
    pub now: Option<Timestamp>,
    /// One JSON document
    #[arg(long)]
    pub json: bool,
    /// Exit 5 when a finding is this severe or worse: info, warning, error, critical
    #[arg(long, value_name = "SEVERITY")]
    pub fail_on: Option<Severity>,
    /// Where
    #[command(flatten)]
    pub place: Place,
    /// The embedded cluster
    #[command(flatten)]
    pub demo: Demo,
}

/// `policy`.
#[derive(Debug, Subcommand)]
pub enum Policy {
    /// The verdict on a command; no cluster is needed
    Explain(Explain),
}

/// `policy explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// readonly (default), operator, admin
    #[arg(long, default_value_t = Role::Readonly)]
    pub role: Role,
    /// The namespace that a command without one means
    #[arg(long, value_name = "NS", default_value = "default")]
    pub context_namespace: String,
    /// The manifest that the command finds at `-f -`
    #[arg(long, value_name = "FILE")]
    pub manifest: Option<PathBuf>,
    /// One JSON document
    #[arg(long)]
    pub json: bool,
    /// The command: one argument is a line, several are words
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub command: Vec<String>,
}

/// `audit`.
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Every line of every session
    Show {
        /// The lines as they are kept
        #[arg(long)]
        json: bool,
    },
    /// Check every session's chain; exits 3 where one is broken
    Verify {
        /// One JSON document
        #[arg(long)]
        json: bool,
    },
}

/// `demo`.
#[derive(Debug, Subcommand)]
pub enum DemoCommand {
    /// Serve it until interrupted, for kubectl and for tests
    Serve(Serve),
}

/// `demo serve`.
#[derive(Debug, Args)]
pub struct Serve {
    /// The port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    pub port: u16,
    /// So many more healthy pods in namespace `load`
    #[arg(long, default_value_t = 0)]
    pub pods: usize,
    /// So many pod updates a second
    #[arg(long, default_value_t = 0)]
    pub churn: usize,
    /// The built-in scenario
    #[arg(long, default_value = "shop")]
    pub scenario: String,
    /// Serve a captured cluster in place of a scenario
    #[arg(long, value_name = "DUMP", conflicts_with = "scenario")]
    pub from: Option<PathBuf>,
    /// Nothing moves unless someone writes
    #[arg(long)]
    pub still: bool,
    /// Where to write the kubeconfig
    #[arg(long, value_name = "FILE")]
    pub kubeconfig: PathBuf,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn lines_of_the_design_parse_and_contradictions_do_not() {
        let parses = |line: &str| Cli::try_parse_from(line.split_whitespace()).is_ok();
        for line in [
            "kopilot-tui",
            "kopilot-tui --demo --still",
            "kopilot-tui --context c -A --role operator --provider ollama --model m --theme mono",
            "kopilot-tui ask why --demo --json --export d",
            "kopilot-tui ask why --mode ask -n shop",
            "kopilot-tui diagnose deployment/api -n shop --fail-on error --json",
            "kopilot-tui diagnose --from dump --now 2026-01-02T03:04:05Z",
            "kopilot-tui policy explain --role admin --context-namespace shop --json -- delete pod x",
            "kopilot-tui policy explain --manifest m.yaml -- apply -f -",
            "kopilot-tui audit verify",
            "kopilot-tui audit show --json",
            "kopilot-tui demo serve --port 0 --pods 10 --churn 5 --kubeconfig f",
            "kopilot-tui demo serve --from d --kubeconfig f",
        ] {
            assert!(parses(line), "{line}");
        }
        for line in [
            "kopilot-tui --still",
            "kopilot-tui -n a -A",
            "kopilot-tui --demo --context c",
            "kopilot-tui --role root",
            "kopilot-tui ask",
            "kopilot-tui policy explain",
            "kopilot-tui diagnose --now 2026-01-02T03:04:05Z",
            "kopilot-tui demo serve",
            "kopilot-tui --demo ask why",
        ] {
            assert!(!parses(line), "{line}");
        }
    }
}
