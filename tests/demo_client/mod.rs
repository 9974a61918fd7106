//! A small HTTP client for an API server: a kubeconfig's server, CA and one user's token, and nothing in between.
use serde_json::Value;

/// One user of one cluster.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    token: String,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub code: u16,
    /// The body as JSON; null when it is none.
    pub json: Value,
    /// The body.
    pub text: String,
    /// The content type.
    pub media: String,
    /// `gzip`, when it was.
    pub encoding: String,
}

impl Client {
    /// A user of a kubeconfig (`demo-admin`), or of its current context.
    pub fn of(kubeconfig: &str, user: Option<&str>) -> Self {
        let config: Value = serde_saphyr::from_str(kubeconfig).unwrap();
        let cluster = &config["clusters"][0]["cluster"];
        let users = config["users"].as_array().unwrap();
        let user = users.iter().find(|u| user.is_none_or(|name| u["name"] == name)).expect("the user is in the kubeconfig");
        let pem = match cluster["certificate-authority-data"].as_str() {
            Some(data) => base64::Engine::decode(&base64::engine::general_purpose::STANDARD, data).unwrap(),
            None => std::fs::read(cluster["certificate-authority"].as_str().unwrap()).unwrap(),
        };
        // The second to be called finds it installed, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let ca = reqwest::Certificate::from_pem(&pem).unwrap();
        let http = reqwest::Client::builder().tls_certs_only([ca]).no_proxy().timeout(std::time::Duration::from_secs(30)).build().unwrap();
        Self { http, base: cluster["server"].as_str().unwrap().to_owned(), token: user["user"]["token"].as_str().unwrap().to_owned() }
    }

    /// The same with another token.
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: token.to_owned(), ..self.clone() }
    }

    /// Any request.
    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&str>) -> Answer {
        let response = self.open(method, path, headers, body).await;
        let header = |name: &str| response.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
        let (code, media, encoding) = (response.status().as_u16(), header("content-type"), header("content-encoding"));
        let bytes = response.bytes().await.unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer { code, json: serde_json::from_str(&text).unwrap_or_default(), text, media, encoding }
    }

    /// A request whose body comes in pieces.
    pub async fn open(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&str>) -> reqwest::Response {
        let mut request = self.http.request(method.parse().unwrap(), format!("{}{path}", self.base)).bearer_auth(&self.token);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.body(body.to_owned());
        }
        request.send().await.unwrap()
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], None).await
    }

    /// A write with a JSON body.
    pub async fn write(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.send(method, path, &[("content-type", "application/json")], Some(&body.to_string())).await
    }

    /// PATCH of a type: `json-patch+json`, `merge-patch+json`, `strategic-merge-patch+json`, `apply-patch+yaml`.
    pub async fn patch(&self, kind: &str, path: &str, body: &Value) -> Answer {
        self.send("PATCH", path, &[("content-type", &format!("application/{kind}"))], Some(&body.to_string())).await
    }
}
