//! What form a client wants its answer in.
use super::status::Fail;

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The object or list itself.
    Object,
    /// A `meta.k8s.io/v1` Table.
    Table,
    /// `PartialObjectMetadata`.
    Partial,
    /// `PartialObjectMetadataList`.
    PartialList,
    /// `APIGroupDiscoveryList` of `apidiscovery.k8s.io/v2`.
    Discovery,
}

/// The first form in an `Accept` header that we have; protobuf and CBOR are passed over.
pub fn read(accept: Option<&str>) -> Result<Form, Fail> {
    let accept = accept.unwrap_or("*/*");
    for clause in accept.split(',') {
        let mut params = clause.split(';').map(str::trim);
        let media = params.next().unwrap_or_default();
        if !matches!(media, "application/json" | "*/*" | "application/*" | "") {
            continue;
        }
        let mut form = Some(Form::Object);
        let (mut group, mut version) = ("", "");
        for param in params {
            match param.split_once('=') {
                Some(("as", "Table")) => form = Some(Form::Table),
                Some(("as", "PartialObjectMetadata")) => form = Some(Form::Partial),
                Some(("as", "PartialObjectMetadataList")) => form = Some(Form::PartialList),
                Some(("as", "APIGroupDiscoveryList")) => form = Some(Form::Discovery),
                Some(("as", _)) => form = None,
                Some(("g", g)) => group = g,
                Some(("v", v)) => version = v,
                _ => {}
            }
        }
        let known = match form {
            Some(Form::Object) => true,
            Some(Form::Discovery) => group == "apidiscovery.k8s.io" && version == "v2",
            Some(_) => matches!(group, "meta.k8s.io" | "") && matches!(version, "v1" | ""),
            None => false,
        };
        if let Some(form) = form.filter(|_| known) {
            return Ok(form);
        }
    }
    let mut fail = Fail::not_acceptable("406: Not Acceptable\n\nAvailable representations: application/json");
    fail.details = Some(serde_json::json!({}));
    Err(fail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_form_that_we_have_is_taken() {
        let table = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json";
        for (accept, want) in [
            (None, Some(Form::Object)),
            (Some("application/vnd.kubernetes.protobuf,application/json"), Some(Form::Object)),
            (Some("application/vnd.kubernetes.protobuf"), None),
            (Some("application/xml"), None),
            (Some(table), Some(Form::Table)),
            (Some("application/json;as=Table;v=v9;g=meta.k8s.io,application/json"), Some(Form::Object)),
            (Some("application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"), Some(Form::Discovery)),
            (Some("application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"), Some(Form::PartialList)),
        ] {
            assert_eq!(read(accept).ok(), want, "{accept:?}");
        }
    }
}
