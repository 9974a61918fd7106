//! What rustls refuses, in words: who presented what, and what helps. Nothing here weakens a check.
use super::named;
use crate::model::{Trouble, TroubleClass};
use rustls::{AlertDescription, CertificateError as C, Error};

/// A handshake that failed.
pub(super) fn of(operation: &str, server: &str, error: &Error) -> Trouble {
    let server = named(server);
    let trouble = |cause: String| Trouble::new(TroubleClass::Unreachable, operation, &cause);
    match error {
        Error::InvalidCertificate(certificate) => refused(operation, &server, certificate),
        Error::AlertReceived(alert) => match alert {
            AlertDescription::CertificateExpired => {
                Trouble::new(TroubleClass::Unauthenticated, operation, &format!("{server} says that our client certificate has expired"))
                    .hint("Renew the client certificate of this user in the kubeconfig.")
            }
            AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::UnknownCA
            | AlertDescription::CertificateUnknown
            | AlertDescription::AccessDenied => {
                Trouble::new(TroubleClass::Unauthenticated, operation, &format!("{server} does not accept our client certificate ({alert:?})"))
                    .hint("The client certificate in the kubeconfig is of another cluster, or was revoked: fetch the kubeconfig again.")
            }
            other => trouble(format!("{server} ended the TLS handshake ({other:?})")).hint("Check the server's address and port in the kubeconfig."),
        },
        Error::InvalidMessage(_) => {
            trouble(format!("{server} does not speak TLS ({error})")).hint("Is it http:// in place of https:// in the kubeconfig, or another service's port?")
        }
        other => trouble(format!("TLS with {server} failed: {other}")).hint("Check the server's address and certificates in the kubeconfig."),
    }
}

fn refused(operation: &str, server: &str, error: &C) -> Trouble {
    let trouble = |cause: String| Trouble::new(TroubleClass::Unreachable, operation, &cause);
    match error {
        C::UnknownIssuer | C::BadSignature => trouble(format!("the certificate of {server} is signed by an authority that is not trusted here"))
            .hint("Set `certificate-authority(-data)` of the cluster in the kubeconfig to the cluster's CA; if the cluster was made anew, fetch its kubeconfig again."),
        C::Expired | C::ExpiredContext { .. } => trouble(format!("the certificate of {server} has expired"))
            .hint("Renew the API server's certificate, and check this host's clock."),
        C::NotValidYet | C::NotValidYetContext { .. } => trouble(format!("the certificate of {server} is not valid yet")).hint("Check this host's clock."),
        C::NotValidForName => trouble(format!("the certificate of {server} is not for this name")).hint(NAME),
        C::NotValidForNameContext { expected, presented } => {
            trouble(format!("the certificate of {server} is not for {}: it names {}", expected.to_str(), if presented.is_empty() { "nobody".to_owned() } else { presented.join(", ") }))
                .hint(NAME)
        }
        C::Revoked => trouble(format!("the certificate of {server} was revoked")).hint("Ask whoever runs the cluster."),
        C::Other(other) => {
            let text = format!("{other:?}");
            if text.contains("CaUsedAsEndEntity") {
                trouble(format!("the certificate of {server} is itself a CA certificate, which TLS here does not take for a server's"))
                    .hint("Give the API server a leaf certificate signed by that CA (kubeadm and k3s do; a self-signed one made with `openssl req -x509` needs `-addext basicConstraints=CA:FALSE`).")
            } else if text.contains("UnsupportedCertVersion") {
                trouble(format!("the certificate of {server} is X.509 version 1, which TLS here does not take"))
                    .hint("Issue it again as version 3 with a subjectAltName.")
            } else {
                trouble(format!("the certificate of {server} was refused ({text})")).hint("Look at it with `openssl s_client -showcerts`.")
            }
        }
        C::BadEncoding => trouble(format!("the certificate of {server} can not be read (bad encoding, or X.509 version 1)")).hint("Issue it again as version 3 with a subjectAltName."),
        other => trouble(format!("the certificate of {server} was refused ({other:?})")).hint("Look at it with `openssl s_client -showcerts`."),
    }
}

const NAME: &str = "Use one of the names it is for, or set `tls-server-name` of the cluster in the kubeconfig.";
