//! What kubectl and kube-rs ask of an API server, over the store.
