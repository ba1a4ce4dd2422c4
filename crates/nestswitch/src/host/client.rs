//! Talks to a host's local API, or a lab's, from a command.

use std::path::PathBuf;

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::UnixStream;

use super::status::Problem;

/// Why a request was not answered as hoped.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
    /// Nobody listens.
    #[error("nothing answers on {socket}: {source}", socket = socket.display())]
    Unreachable { socket: PathBuf, source: std::io::Error },
    /// The other side refused; the text is its own.
    #[error("{0}")]
    Refused(String),
    /// The answer is not what this version understands.
    #[error("the answer from {socket} does not make sense: {detail}", socket = socket.display())]
    Nonsense { socket: PathBuf, detail: String },
}

/// A client of one Unix socket.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    socket: PathBuf,
}

impl Client {
    /// A client of the API behind `socket`. Nothing is sent yet.
    pub(crate) fn new(socket: impl Into<PathBuf>) -> Self {
        Self { socket: socket.into() }
    }

    /// Does anybody answer?
    pub(crate) fn is_alive(&self) -> bool {
        std::os::unix::net::UnixStream::connect(&self.socket).is_ok()
    }

    /// Reads `path`.
    pub(crate) fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        self.send(Method::GET, path, &())
    }

    /// Sends `body` to `path` and reads the answer. Not for use inside a runtime.
    pub(crate) fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, ClientError> {
        let unreachable = |source| ClientError::Unreachable { socket: self.socket.clone(), source };
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_io().build().map_err(unreachable)?;
        runtime.block_on(self.request(method, path, body))
    }

    /// The same, inside a runtime.
    pub(crate) async fn request<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, ClientError> {
        let body = serde_json::to_vec(body).map_err(|error| self.nonsense(&error))?;
        let (status, answer) = self.exchange(method, path, body).await?;
        if status.is_success() {
            return serde_json::from_slice(&answer).map_err(|error| self.nonsense(&error));
        }
        let text = || String::from_utf8_lossy(&answer).into_owned();
        Err(ClientError::Refused(
            serde_json::from_slice(&answer).map_or_else(|_| text(), |Problem { error }| error),
        ))
    }

    async fn exchange(
        &self,
        method: Method,
        path: &str,
        body: Vec<u8>,
    ) -> Result<(StatusCode, Bytes), ClientError> {
        let stream = UnixStream::connect(&self.socket)
            .await
            .map_err(|source| ClientError::Unreachable { socket: self.socket.clone(), source })?;
        let broken = |error: hyper::Error| self.nonsense(&error);
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost")
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from(body)))
            .map_err(|error| self.nonsense(&error))?;
        let answered = async {
            let response = sender.send_request(request).await?;
            let status = response.status();
            let body = response.into_body().collect().await?.to_bytes();
            Ok::<_, hyper::Error>((status, body))
        };
        tokio::pin!(connection);
        tokio::pin!(answered);
        tokio::select! {
            answer = &mut answered => answer.map_err(broken),
            Err(error) = &mut connection => Err(self.nonsense(&error)),
        }
    }

    fn nonsense(&self, error: &dyn std::error::Error) -> ClientError {
        ClientError::Nonsense { socket: self.socket.clone(), detail: error.to_string() }
    }
}

/// A name as one segment of a path; port group names have spaces, and may have anything.
pub(crate) fn segment(name: &str) -> String {
    name.bytes()
        .map(|byte| match byte {
            b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
            _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
