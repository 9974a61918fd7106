//! kube's errors as [`Trouble`](crate::model::Trouble): walked to the last source, with what the user can do.
use crate::model::{Trouble, TroubleClass};

/// The failure of `operation` as a person needs it.
pub fn of(operation: &str, error: &kube::Error) -> Trouble {
    Trouble::new(TroubleClass::Other, operation, &error.to_string())
}
