//! `expose`: a Service over the pods that an object selects. What is not said comes from the object when it is planned.
use crate::kubectl::objects::{self, Choice};
use crate::kubectl::{Refusal, flags::Parts, kinds::Kinds, operands, values};
use crate::model::Write;
use crate::model::operation::ExposedAs;

/// Kinds that select pods, or are one.
const EXPOSED: &[&str] = &["pods", "services", "replicationcontrollers", "deployments", "replicasets"];
const FLAGS: &[&str] = &["name", "port", "target-port", "protocol", "type", "selector", "labels", "cluster-ip", "external-ip", "session-affinity"];

/// The Service.
pub fn parse(words: &[String], parts: &Parts, kinds: &Kinds) -> Result<Write, Refusal> {
    objects::only(parts, "expose", Choice::Named, FLAGS)?;
    let target = operands::one(words, kinds, "expose")?;
    if !Kinds::is_builtin(&target.kind) || !EXPOSED.contains(&target.kind.resource.as_str()) {
        return Err(Refusal::new("bad-kind", format!("A {} has no pods to expose. {} have.", target.kind.kind, EXPOSED.join(", "))));
    }
    let one_of = |flag: &str, legal: &[&str]| match parts.value(flag) {
        None => Ok(None),
        Some(given) => match legal.iter().find(|l| l.eq_ignore_ascii_case(given)) {
            Some(word) => Ok(Some((*word).to_owned())),
            None => Err(Refusal::new("bad-value", format!("`--{flag}={given}` is none of {}.", legal.join(", ")))),
        },
    };
    let port = match parts.value("port") {
        None => None,
        Some(list) if list.contains(',') => {
            return Err(Refusal::new("not-offered", "`--port` takes one port here. For several send the Service's manifest with `create -f -`."));
        }
        Some(port) => Some(values::port("port", port)?),
    };
    let address = |flag: &str| match parts.value(flag) {
        Some(text) if (text == "None" && flag == "cluster-ip") || values::is_address(text) => Ok(Some(text.to_owned())),
        Some(text) => Err(Refusal::new("bad-value", format!("`--{flag}={text}` is no IP address."))),
        None => Ok(None),
    };
    let pairs = |flag: &str| parts.value(flag).map(|text| values::labels(flag, text).map(|_| text.to_owned())).transpose();
    let service = ExposedAs {
        name: parts.value("name").map(operands::object_name).transpose()?,
        port,
        target_port: parts.value("target-port").map(|v| values::port_or_name("target-port", v)).transpose()?,
        protocol: one_of("protocol", &["TCP", "UDP", "SCTP"])?,
        service_type: one_of("type", &["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"])?,
        selector: pairs("selector")?,
        labels: pairs("labels")?,
        cluster_ip: address("cluster-ip")?,
        external_ip: address("external-ip")?,
        session_affinity: one_of("session-affinity", &["None", "ClientIP"])?,
    };
    Ok(Write::Expose { target, service })
}
